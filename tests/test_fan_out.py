"""Fan-out: what the engine maps runs in other processes too, and leaves the bytes that threads leave."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.lake import lake_at, scan, write_corpus

from assets.cluster.scoring import comparison_lists
from assets.graph import discover, plan
from assets.graph.build import build_partition, tasks
from assets.graph.lake import LakeResources

LAST = "minhash_scores"
SETTINGS = {
    "clustering.all_pairs_max_documents": 0,
    "clustering.border_margin": 0.2,
    "clustering.n_clusters": 5,
}


class Processes:
    """An engine that hands each item to another process, so that it must be of plain values."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.mapped: dict[str, int] = {}

    def map(
        self, function: Callable[[Any], Any], items: Iterable[Any], workers: int | None = None
    ) -> Iterator[Any]:
        for future in [self.pool.submit(function, item) for item in items]:
            self.mapped[function.__name__] = self.mapped.get(function.__name__, 0) + 1
            yield future.result()


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as made:
        yield made


def build(lake: LakeResources) -> None:
    """Build partitions through the engine, and assets without partitions here, so that theirs goes through it."""
    scan(lake)
    names = plan.names()
    for name in names[1 : names.index(LAST) + 1]:
        asset = discover.asset(name)
        work = tasks(asset, lake, asset.specs(lake, plan.keys(asset, lake, [])))
        list(lake.engine.map(build_partition, work) if asset.partitions_def else map(build_partition, work))


def written(lake: LakeResources) -> dict[str, bytes]:
    root = Path(lake.store.root)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def change(source: Path) -> None:
    (source / "package03" / "module0.py").unlink()
    (source / "package04" / "new.py").write_text("def shared():\n    return 'the same in every package'\n\n")


def test_processes_leave_the_bytes_that_threads_leave(
    tmp_path: Path, pool: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", 15)
    write_corpus(tmp_path / "source")
    one, other = (lake_at(tmp_path / name, tmp_path / "source", **SETTINGS) for name in ("one", "other"))
    engine = Processes(pool)
    for step in (lambda _: None, change):  # all at first, then an increment
        step(tmp_path / "source")
        build(one)
        with monkeypatch.context() as patch:
            patch.setattr(LakeResources, "engine", engine)
            build(other)
    assert written(one) == written(other)
    assert engine.mapped.keys() == {"build_partition", "update_bucket"}
    assert engine.mapped["update_bucket"] > 2
    assert one.store.required("cluster_scores").facts["visitors"] > 0


def test_what_captures_or_is_local_fails_in_processes(pool: ProcessPoolExecutor) -> None:
    found: list[int] = []
    with pytest.raises((AttributeError, TypeError), match="local|lambda|pickle"):
        list(Processes(pool).map(lambda item: found.append(item), [1]))

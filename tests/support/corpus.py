"""Small inputs for tests: planted clusters, vectors in blocks, documents, and a lake of the whole graph."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.documents import Documents, MinHashPairs
from guyot.prune.semdedup import nearest_predecessors, rank
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

if TYPE_CHECKING:
    from assets.graph.plan import Lake

TINY = {
    "encoder": "hashing", "training.tokens": 2000, "training.batch_windows": 2, "training.window_tokens": 64,
    "training.model_width": 16, "training.model_layers": 1, "training.model_heads": 2, "tokenization.vocabulary_size": 300, "training.segment_tokens": 40,
    "audit.bootstrap_draws": 20, "reading.held_out_fraction": 0.2, "training.evaluation_tokens": 64, "reading.shard_bytes": 1500,
}  # fmt: skip
TRAINED = ("everything", "semdedup")


def some_units(n: int, d: int, seed: int = 0) -> NDArray[np.float16]:
    """Return random unit vectors."""
    return unit_float16(generator(seed, "units", d).standard_normal((n, d)).astype(np.float32))


def planted_clusters(
    n_clusters: int, members: int, width: int = 32, spread: float = 0.1
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Return vectors around planted centres, and each one's cluster."""
    draw = generator(0, "planted", n_clusters, members)
    centres = np.linalg.qr(draw.standard_normal((width, n_clusters)))[0].T
    planted = np.repeat(np.arange(n_clusters), members)
    noise = draw.standard_normal((len(planted), width)) * spread / np.sqrt(width)
    return unit_float16((centres[planted] + noise).astype(np.float32)), planted


@dataclass(frozen=True)
class Blocks:
    """Vectors in memory behind the VectorBlocks protocol, out of order on purpose."""

    vectors: NDArray[np.float16]
    block_rows: int = 100

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield the blocks, the last one first."""
        for begin in reversed(range(0, len(self.vectors), self.block_rows)):
            rows = np.arange(begin, min(begin + self.block_rows, len(self.vectors)))
            yield rows, self.vectors[rows]


@dataclass(frozen=True)
class Lists:
    """Documents that are compared within their cluster, or where that is None with all others."""

    vectors: NDArray[np.float16]
    distance: NDArray[np.float32]
    cluster: NDArray[np.int32] | None = None

    def lists(
        self, wanted: NDArray[np.bool_] | None = None
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield each list in visiting order."""
        order = rank(self.distance)
        of = np.zeros(len(order), np.int32) if self.cluster is None else self.cluster
        for number in np.unique(of):
            rows = order[of[order] == number]
            if wanted is None or wanted[rows].any():
                yield rows, self.vectors[rows]


def some_documents(n: int, seed: int = 0) -> Documents:
    """Return documents in clusters, with random columns, some copies and some near-duplicates."""
    draw = generator(seed, "documents", n)
    vectors = some_units(n, 16, seed) if n else np.zeros((0, 16), np.float16)
    near = np.flatnonzero(draw.uniform(size=n) < 0.3)
    vectors[near] = vectors[near // 2]
    vectors[near] = unit_float16(
        vectors[near].astype(np.float32) + draw.standard_normal((len(near), 16)).astype(np.float32) / 40
    )
    centroids = some_units(4, 16, 99)
    assigned = assign(vectors, centroids)
    digests = draw.integers(0, max(1, n - n // 4), n).astype("S32")
    sizes = {
        name: draw.integers(1, most, n) for name, most in (("tokens", 500), ("bytes", 2000), ("lines", 90))
    }
    likely = np.sort(draw.integers(0, max(n, 2), (n // 2, 2)), axis=1)
    likely = likely[likely[:, 0] < likely[:, 1]]
    likely = np.unique(likely[(likely < n).all(axis=1)], axis=0)
    order = rank(assigned.distance)
    found = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(n, np.float32), np.empty(n, np.int64)
    similarity[order] = found.similarity
    witness[order] = np.where(found.witness < 0, -1, order[found.witness])
    return Documents(
        id_bits=np.sort(draw.integers(0, 2**63, n).astype(np.uint64)),
        content_digest=digests,
        kind=draw.integers(0, 3, n).astype(np.int32),
        **sizes,
        signals={
            **{name: size.astype(np.float64) for name, size in sizes.items()},
            **{name: draw.integers(1, 1500, n).astype(np.float64) for name in ("words", "chars", "max_line")},
            **{
                name: draw.uniform(size=n)
                for name in ("alpha_fraction", "repetition", "duplicate_lines", "compression_ratio")
            },
        },
        parses=draw.integers(-1, 2, n).astype(np.int8),
        cluster=assigned.cluster,
        distance=assigned.distance,
        max_similarity=similarity,
        witness=witness,
        kinds=("python", "text", "markdown"),
        minhash=MinHashPairs(likely[:, 0], likely[:, 1], draw.uniform(0.5, 1, len(likely)), 0.5),
        centroids=centroids,
        vectors=Blocks(vectors, 13),
        compared=Lists(vectors, assigned.distance),
    )


def write_graph_source(source: Path) -> None:
    """Write packages of near-duplicates, copies, records with other columns, and what cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for package in range(12):
        folder = source / f"package{package:02d}"
        folder.mkdir(parents=True)
        for number in range(2):
            body = "\n".join(
                f"def f{number}_{i}(x):\n    return x * {package * i}" for i in range(3 + number)
            )
            (folder / f"module{number}.py").write_text(body)
        (folder / "copy.py").write_text("def shared():\n    return 'the same in every package'\n")
    (source / "package01" / "broken.py").write_text("def (:\n")
    (source / "package02" / "notes.md").write_text("# Ünïcode ✓\n" + "said twice\n" * 3 + "\tend")
    records = [json.dumps({"id": f"r{i}", "text": f"record {i} says {i * 7}", "n": i}) for i in range(12)]
    (source / "records.jsonl").write_text("\n".join([*records, '{"text": "cut in ha']))
    pq.write_table(pa.table({"content": [f"row {i} of a table" for i in range(6)]}), source / "t.parquet")
    (source / "latin.py").write_bytes(b"x = '\xe9\xff'\n")


def lake_at(root: Path | str, source: Path | str, **settings: Any) -> Lake:
    """Return a lake of tiny settings; nothing is made yet."""
    from assets.graph.plan import Lake
    from resources.lake.store import Store
    from resources.models.encoder import EncoderResource
    from resources.settings import Settings

    chosen = Settings.of(lake=str(root), source=str(source), **{**TINY, **settings})
    return Lake(chosen, Store(settings=chosen), EncoderResource(settings=chosen))


def materialize(lake: Lake, recipes: list[str] | None = None, until: str | None = None) -> list[str]:
    """Make what is stale of a lake in this process; the environment stays as it was."""
    from jobs.materialize import materialize_stale
    from recipes import RECIPES

    return materialize_stale(lake.settings, recipes or [r.name for r in RECIPES], until, lambda *_: None)


def graph_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of all mixtures and TRAINED runs, made once for all test processes; only read it."""
    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graph-lake"
    lake = lake_at(base / "lake", base / "source")
    with FileLock(f"{base}.lock"):
        if not (base / "made").exists():
            write_graph_source(base / "source")
            materialize(lake, until="epoch_schedules")
            materialize(lake, [*TRAINED])
            (base / "made").touch()
    return lake


def copy_of(lake: Lake, folder: Path, **settings: Any) -> Lake:
    """Copy a lake to change or break it, and change settings."""
    shutil.copytree(lake.store.root, folder, ignore=shutil.ignore_patterns(".dagster"))
    return lake_at(folder, Path(lake.settings.source), **settings)


def resources_of(lake: Lake) -> dict[str, Any]:
    """Return what assets ask for, of one lake."""
    from resources.engines.threads import Engine
    from resources.models.trainer import Trainer
    from resources.sources.scan import Sources

    settings = lake.settings
    return {
        "settings": settings, "store": lake.store, "encoder": lake.encoder, "catalogue": lake.catalogue,
        "engine": Engine(settings=settings), "sources": Sources(settings=settings), "trainer": Trainer(settings=settings),
    }  # fmt: skip

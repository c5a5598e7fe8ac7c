"""Updates: only clusters with a change are read, whatever is read together."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests_scores import Doc, Shards, documents_of, empty_lake, put

from assets import cluster_scores, score_update
from assets.cluster_members import ClusterMembers
from jobs.plan import Lake
from resources.engine import Engine

STATE: Shards = {f"shard-{letter}": documents_of(*range(start, 24, 3)) for start, letter in enumerate("abc")}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    real = ClusterMembers.read

    def read(self: ClusterMembers, begin: int, end: int, *rest: Any) -> NDArray[np.float16]:
        found.append((begin, end))
        return real(self, begin, end, *rest)

    monkeypatch.setattr(ClusterMembers, "read", read)
    return found


def build(lake: Lake) -> dict[str, bytes]:
    manifest, _ = cluster_scores.build(lake.store, lake.settings, Engine(settings=lake.settings))
    return {name: Path(lake.store.file(manifest, name)).read_bytes() for name in manifest.files}


def test_a_bucket_is_adjacent_groups_up_to_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_update, "BUCKET_ROWS", 10)
    sizes = [4, 4, 4, 30, 4, 0, 6, 1]
    assert list(score_update._buckets([0, 1, 2, 3, 4, 5, 6, 7], sizes)) == [[0, 1], [2], [3], [4, 5, 6], [7]]
    assert list(score_update._buckets([0, 2, 3, 7], sizes)) == [[0], [2], [3], [7]]
    assert list(score_update._buckets([], sizes)) == []


def test_clusters_without_a_change_are_not_read(tmp_path: Path, reads: list[tuple[int, int]]) -> None:
    lake = empty_lake(tmp_path, all_pairs_below_documents=0)
    put(lake, STATE)
    build(lake)
    assert reads == [(0, 3)]
    reads.clear()
    put(lake, {**STATE, "shard-d": {40: Doc(5)}})  # a copy of one document comes into its cluster
    build(lake)
    rows = lake.store.table(lake.store.required("cluster_scores")).to_pylist()
    cluster = next(row["cluster"] for row in rows if row["doc_id"].endswith("28"))
    assert reads == [(cluster, cluster + 1)]
    reads.clear()
    put(lake, {**STATE, "shard-d": {40: Doc(5, "held_out")}})
    build(lake)  # the copy ranked after what it is like, so that it was nobody's witness
    assert reads == []


@pytest.mark.parametrize("limit", [0, 1000])
@pytest.mark.parametrize(("bucket_rows", "block_rows", "threads"), [(1, 1, 2), (5, 3, 1), (10**6, 1000, 2)])
def test_how_the_work_is_cut_changes_no_byte(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    bucket_rows: int,
    block_rows: int,
    threads: int,
) -> None:
    last = {**STATE, "shard-b": documents_of(1, 4, 10), "shard-d": {n: Doc(n % 5) for n in range(40, 60)}}
    plain = empty_lake(tmp_path / "plain", all_pairs_below_documents=limit)
    put(plain, last)
    wanted = build(plain)
    monkeypatch.setattr(score_update, "BUCKET_ROWS", bucket_rows)
    lake = empty_lake(
        tmp_path / "cut", all_pairs_below_documents=limit, block_rows=block_rows, threads=threads
    )
    for state in (STATE, {**STATE, "shard-d": documents_of(40)}, last):
        put(lake, state)
        found = build(lake)
    assert found == wanted

"""Updates: only clusters with a change are read, whatever is read together."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.lake import reader_of
from support.scores import Doc, Shards, documents_of, empty_lake, put, score

from assets.cluster.scoring import cluster_members, comparison_lists, scored_documents
from assets.cluster.scoring.border_documents import GatheredVectors
from assets.cluster.scoring.cluster_members import ClusterMembers, VectorRequest
from assets.graph.lake import LakeResources

STATE: Shards = {f"shard-{letter}": documents_of(*range(start, 24, 3)) for start, letter in enumerate("abc")}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    real = ClusterMembers.request

    def request(self: ClusterMembers, begin: int, end: int, *rest: Any) -> VectorRequest:
        found.append((begin, end))
        return real(self, begin, end, *rest)

    monkeypatch.setattr(ClusterMembers, "request", request)
    return found


def build(lake: LakeResources) -> dict[str, bytes]:
    manifest = score(lake).manifest
    return {name: Path(lake.store.file(manifest, name)).read_bytes() for name in manifest.files}


def test_clusters_without_a_change_are_not_read(tmp_path: Path, reads: list[tuple[int, int]]) -> None:
    lake = empty_lake(tmp_path, clustering__all_pairs_max_documents=0, clustering__border_margin=0)
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


def test_a_visitor_that_comes_touches_both_its_lists_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", 1)
    lake = empty_lake(tmp_path, 6, clustering__all_pairs_max_documents=0, clustering__border_margin=0.1)
    put(lake, STATE)
    build(lake)
    gathered: list[int] = []
    real = cluster_members.gather

    def gather(shards: Any, placed: Any, documents: NDArray[np.int32]) -> GatheredVectors:
        gathered.append(len(documents))
        return real(shards, placed, documents)

    monkeypatch.setattr(cluster_members, "gather", gather)
    at = scored_documents.read(reader_of(lake), lake.store.required("cluster_scores")).documents
    n_visitors = np.bincount(at.border_cluster[at.border_documents], minlength=6)
    chosen = int(at.border_documents[0])
    both = {int(at.cluster[chosen]), int(at.border_cluster[chosen])}
    reads.clear()
    put(lake, {**STATE, "shard-d": {40: Doc(chosen)}})
    build(lake)
    assert sorted(reads) == [(cluster, cluster + 1) for cluster in sorted(both)]
    assert gathered == [n_visitors[[*both]].sum() + 1]
    assert gathered[0] < len(at.border_documents)  # of lists that are not touched none


@pytest.mark.parametrize(("limit", "margin"), [(0, 0.0), (0, 0.3), (1000, 0.3)])
@pytest.mark.parametrize(("bucket_rows", "block_rows", "threads"), [(1, 1, 2), (5, 3, 1), (10**6, 1000, 2)])
def test_how_the_work_is_cut_changes_no_byte(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    margin: float,
    bucket_rows: int,
    block_rows: int,
    threads: int,
) -> None:
    last = {**STATE, "shard-b": documents_of(1, 4, 10), "shard-d": {n: Doc(n % 5) for n in range(40, 60)}}
    plain = empty_lake(
        tmp_path / "plain", clustering__all_pairs_max_documents=limit, clustering__border_margin=margin
    )
    put(plain, last)
    wanted = build(plain)
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", bucket_rows)
    lake = empty_lake(
        tmp_path / "cut",
        clustering__all_pairs_max_documents=limit,
        clustering__border_margin=margin,
        block_rows=block_rows,
        threads=threads,
    )
    for state in (STATE, {**STATE, "shard-d": documents_of(40)}, last):
        put(lake, state)
        found = build(lake)
    assert found == wanted

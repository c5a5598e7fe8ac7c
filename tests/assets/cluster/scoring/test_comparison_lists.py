"""Comparison lists with their vectors: all pairs that the scores compared, and none besides."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.lake import reader_of
from support.scores import POOL, Doc, Shards, empty_lake, name_of, put, score

from assets.cluster.scoring import comparison_lists, scored_documents
from assets.cluster.scoring.comparison_lists import ComparisonListReader, ScoredLists
from assets.graph.doc_ids import unpacked
from assets.graph.lake import LakeResources
from guyot.prune.near_duplicates.comparison_lists import best_of_entries
from guyot.prune.near_duplicates.maxima import NearestPredecessors, nearest_predecessors
from resources import progress
from resources.lake.manifest import Manifest

STATE: Shards = {
    f"shard-{letter}": {n: Doc(n % len(POOL), "train" if n % 9 else "held_out") for n in range(start, 60, 3)}
    for start, letter in enumerate("abc")
}


def build(root: Path, **settings: object) -> tuple[LakeResources, Manifest]:
    lake = empty_lake(root, 5, **settings)
    put(lake, STATE)
    return lake, score(lake).manifest


def test_a_bucket_is_adjacent_lists_up_to_its_size() -> None:
    sizes = [4, 4, 4, 30, 4, 0, 6, 1]
    assert list(comparison_lists._buckets([0, 1, 2, 3, 4, 5, 6, 7], sizes, 10)) == [
        [0, 1],
        [2],
        [3],
        [4, 5, 6],
        [7],
    ]
    assert list(comparison_lists._buckets([0, 2, 3, 7], sizes, 10)) == [[0], [2], [3], [7]]
    assert list(comparison_lists._buckets([], sizes, 10)) == []


def test_buckets_are_larger_on_s3_so_that_ranges_are() -> None:
    of, many = comparison_lists.bucket_rows, 10**12
    assert of(10**6, 384, many, is_remote=False) == comparison_lists.BUCKET_ROWS
    assert of(1, 384, many, is_remote=True) == comparison_lists.BUCKET_ROWS
    assert of(100, 384, many, is_remote=True) * 2 * 384 // 100 == pytest.approx(2**20, rel=1e-3)
    assert of(10**6, 384, many, is_remote=True) * 2 * 384 <= comparison_lists.MAX_BUCKET_BYTES
    assert 10**7 // of(10**6, 384, 10**7, is_remote=True) >= 256
    assert of(10**6, 384, 1000, is_remote=True) == comparison_lists.BUCKET_ROWS


@pytest.mark.parametrize("bucket_rows", [1, 25, 10**6])
@pytest.mark.parametrize("margin", [0, 0.2])
def test_lists_are_of_each_cluster_in_visiting_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket_rows: int, margin: float
) -> None:
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", bucket_rows)
    lake, manifest = build(tmp_path, clustering__all_pairs_max_documents=0, clustering__border_margin=margin)
    documents = scored_documents.read(reader_of(lake), manifest).documents
    found = list(ComparisonListReader.of(reader_of(lake), manifest))
    assert len(found) == 5
    assert sum(len(rows) for rows, _ in found) - len(documents) == manifest.facts["visitors"]
    assert (manifest.facts["visitors"] > 5) == (margin > 0)
    for cluster, (rows, vectors) in enumerate(found):
        inside = (documents.cluster == cluster) | (documents.border_cluster == cluster)
        wanted = sorted(np.flatnonzero(inside).tolist(), key=lambda row: (-documents.distance[row], row))
        assert rows.tolist() == wanted
        names = [int(unpacked(documents.ids)[row], 16) for row in wanted]
        assert np.array_equal(vectors, POOL[[number % len(POOL) for number in names]])


def test_with_all_pairs_there_is_one_list(tmp_path: Path) -> None:
    lake, manifest = build(tmp_path, clustering__all_pairs_max_documents=1000, clustering__border_margin=0.2)
    ((rows, vectors),) = ComparisonListReader.of(reader_of(lake), manifest)
    table = lake.store.table(manifest).to_pylist()
    assert manifest.facts["visitors"] == 0
    assert rows.tolist() == sorted(range(len(table)), key=lambda row: (-table[row]["distance"], row))
    assert vectors.shape == (53, 8)


@pytest.mark.parametrize(("limit", "margin"), [(0, 0.0), (0, 0.2), (1000, 0.2)])
def test_the_scores_are_the_maxima_of_the_lists(tmp_path: Path, limit: int, margin: float) -> None:
    lake, manifest = build(
        tmp_path, clustering__all_pairs_max_documents=limit, clustering__border_margin=margin
    )
    table = lake.store.table(manifest)
    distance = table["distance"].to_numpy()
    similarity = np.full((len(distance), 2), np.nan, np.float32)  # of each document in up to two lists
    witness, n_lists = np.full(similarity.shape, -1), np.zeros(len(distance), np.int64)
    for rows, vectors in ComparisonListReader.of(reader_of(lake), manifest):
        found = nearest_predecessors(vectors)
        similarity[rows, n_lists[rows]] = found.similarity
        witness[rows, n_lists[rows]] = np.where(found.witness < 0, -1, rows[found.witness])
        n_lists[rows] += 1
    every = np.arange(len(distance))
    best = best_of_entries(NearestPredecessors(similarity.T.ravel(), witness.T.ravel()), distance, every)
    ids = table["doc_id"].to_pylist()
    assert [ids[w] if w >= 0 else None for w in best.witness] == table["witness"].to_pylist()
    assert np.array_equal(best.similarity, table["max_similarity"].to_numpy(), equal_nan=True)
    assert name_of(1) in ids


def test_lists_without_documents_are_left_out(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path, 5, clustering__all_pairs_max_documents=0)
    put(lake, {"shard-a": {n: Doc(24) for n in range(3)}})
    manifest = score(lake).manifest
    ((rows, vectors),) = ComparisonListReader.of(reader_of(lake), manifest)
    assert rows.tolist() == [0, 1, 2]
    assert np.array_equal(vectors, POOL[[24, 24, 24]])


@pytest.mark.parametrize("margin", [0, 0.2])
def test_lists_without_a_wanted_document_are_not_read(tmp_path: Path, margin: float) -> None:
    lake, manifest = build(tmp_path, clustering__all_pairs_max_documents=0, clustering__border_margin=margin)
    every = list(ComparisonListReader.of(reader_of(lake), manifest))
    n_documents = lake.store.table(manifest).num_rows
    for row in range(n_documents):
        found = list(ScoredLists(reader_of(lake), manifest).lists(np.arange(n_documents) == row))
        holding = [rows.tolist() for rows, _ in every if row in rows]
        assert [rows.tolist() for rows, _ in found] == holding
    assert len(list(ScoredLists(reader_of(lake), manifest).lists())) == len(every)


def test_reading_lists_ends_where_nobody_waits_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison_lists, "BUCKET_ROWS", 1)
    lake, manifest = build(tmp_path, clustering__all_pairs_max_documents=0)
    stop, found = threading.Event(), list[int]()

    def work() -> None:
        progress.stop_at(stop)
        for rows, _ in ComparisonListReader.of(reader_of(lake), manifest):
            found.append(len(rows))
            stop.set()

    with ThreadPoolExecutor(1) as pool, pytest.raises(progress.StoppedError):
        pool.submit(work).result()
    assert len(found) == 1

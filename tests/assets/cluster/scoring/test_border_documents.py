"""Gathered vectors: each as it lies in its shard, in the order asked for, in few reads."""

import threading
import time

import numpy as np
import pytest
import support.s3
from numpy.typing import NDArray
from support.corpus import some_units

from assets.cluster.scoring import border_documents
from assets.cluster.scoring.border_documents import gather
from assets.cluster.scoring.document_locations import DocumentLocations
from assets.graph.doc_ids import packed
from guyot.seeds import generator
from resources.lake.vector_file import VectorLocation
from resources.storage.files import Files

N_SHARDS, ROWS, WIDTH = 4, 40, 8
ROW_BYTES = 2 * WIDTH
SHARDS = [some_units(ROWS, WIDTH, seed) for seed in range(N_SHARDS)]


def placed_at(shard: list[int], row: list[int]) -> DocumentLocations:
    """Return documents that lie there."""
    n = len(shard)
    ids, zeros = packed(np.array([f"{i:032x}" for i in range(n)], "S32")), np.zeros(n, np.int32)
    lies = (np.array(column, np.int32) for column in (shard, row))
    return DocumentLocations(ids, zeros, zeros.astype(np.float32), zeros, *lies)


class Reads:
    """Vectors that note which ranges are asked for."""

    def __init__(self, vectors: NDArray[np.float16], asked: list[tuple[int, int]]) -> None:
        self.vectors, self.asked, self.shape = vectors, asked, vectors.shape

    def read(self, begin: int, end: int) -> NDArray[np.float16]:
        self.asked.append((begin, end))
        return self.vectors[begin:end]


@pytest.mark.parametrize(
    ("gap", "most"), [(0, ROW_BYTES), (3 * ROW_BYTES, 10 * ROW_BYTES), (1 << 20, 1 << 23)]
)
@pytest.mark.parametrize("n", [0, 1, 9, 160])
def test_vectors_come_in_the_order_asked_for(
    monkeypatch: pytest.MonkeyPatch, n: int, gap: int, most: int
) -> None:
    monkeypatch.setattr(border_documents, "GAP_BYTES", gap)
    monkeypatch.setattr(border_documents, "READ_BYTES", most)
    at = generator(n, "visitors", gap).permutation(N_SHARDS * ROWS)[:n]
    documents = generator(n, "order").permutation(n)
    placed = placed_at((at // ROWS).tolist(), (at % ROWS).tolist())
    found = gather([Reads(vectors, []) for vectors in SHARDS], placed, documents).read(0, n)
    assert (found.shape, found.dtype) == ((n, WIDTH), np.float16)
    assert found.flags.owndata, "so that the file's pages need not stay"
    for vector, document in zip(found, documents, strict=True):
        assert np.array_equal(vector, SHARDS[placed.shard[document]][placed.row[document]])


def test_near_rows_are_read_together_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border_documents, "GAP_BYTES", 3 * ROW_BYTES)
    monkeypatch.setattr(border_documents, "READ_BYTES", 10 * ROW_BYTES)
    asked: list[tuple[int, int]] = []
    shards = [Reads(vectors, asked) for vectors in SHARDS]
    row = [0, 3, 4, 8, 11, 12, 13, 18, 19, 21, 39, 0]
    gather(shards, placed_at([0] * 11 + [2], row), np.arange(12))
    #                          a gap     the size       and again  a gap     another shard
    assert sorted(asked) == sorted([(0, 5), (8, 9), (11, 14), (18, 20), (21, 22), (39, 40), (0, 1)])


def test_on_s3_a_read_is_a_request_and_a_shard_without_any_is_not_asked(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = [
        VectorLocation(support.s3.put(f"{bucket}/v{number}", vectors.tobytes()), (ROWS, WIDTH), 0)
        for number, vectors in enumerate(SHARDS)
    ]
    asked: list[tuple[str, int, int]] = []
    before = Files.read_range
    monkeypatch.setattr(
        Files, "read_range", lambda self, *given: (asked.append(given), before(self, *given))[1]
    )
    found = gather(shards, placed_at([1, 3, 1], [30, 7, 2]), np.array([2, 1, 0])).read(0, 3)
    assert np.array_equal(found, [SHARDS[1][2], SHARDS[3][7], SHARDS[1][30]])
    assert sorted(asked) == [
        (f"{bucket}/v1", 2 * ROW_BYTES, 29 * ROW_BYTES), (f"{bucket}/v3", 7 * ROW_BYTES, ROW_BYTES),
    ]  # fmt: skip


def test_many_readers_write_each_to_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border_documents, "READ_BYTES", 2 * ROW_BYTES)
    monkeypatch.setattr(border_documents, "_HELD_ROWS", 3)
    monkeypatch.setattr(border_documents, "_READS_AT_ONCE", 30)
    threads: set[int] = set()

    class Slow(Reads):
        def read(self, begin: int, end: int) -> NDArray[np.float16]:
            threads.add(threading.get_ident())
            time.sleep(0.002)
            return super().read(begin, end)

    at = generator(0, "many readers").permutation(N_SHARDS * ROWS)
    placed = placed_at((at // ROWS).tolist(), (at % ROWS).tolist())
    found = gather([Slow(vectors, []) for vectors in SHARDS], placed, np.arange(len(at)))
    assert np.array_equal(found.read(0, len(at)), np.concatenate(SHARDS)[at])
    assert len(threads) > 2

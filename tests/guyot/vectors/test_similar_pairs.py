"""Pairs above a limit are those of a naive float64 loop, to the bit, in any blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.near_ties import in_bytes, naive_cosines, near_ties, rotated

from guyot.seeds import generator
from guyot.strongest import StrongestRecords
from guyot.vectors import similar_pairs as module
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import pairs_with_records, similar_pairs


def check(vectors: NDArray[np.float16], limit: float, seed: int, block_rows: int, panel_rows: int) -> None:
    draw = generator(seed, "pairs", len(vectors))
    targets, sources = (np.flatnonzero(draw.random(len(vectors)) < 0.8) for _ in range(2))
    parts = similar_pairs(
        UnitRows.measured(vectors), targets, sources, limit, block_rows=block_rows, panel_rows=panel_rows
    )
    found = [pair for later, earlier, cosine in parts for pair in zip(later, earlier, cosine, strict=True)]
    similarity = naive_cosines(vectors, vectors)
    naive = {(t, s, similarity[t, s]) for t in targets for s in sources if s < t and similarity[t, s] > limit}
    assert set(found) == naive
    assert len(found) == len(naive)


@given(
    st.integers(0, 50), st.integers(1, 64), st.integers(0, 30), st.floats(-1, 1), st.integers(1, 60),
    st.integers(1, 60), st.booleans(), st.integers(0, 9), st.booleans(),
)  # fmt: skip
def test_they_are_the_naive_ones(
    n: int,
    width: int,
    seed: int,
    limit: float,
    block_rows: int,
    panel_rows: int,
    at_a_pair: bool,
    rotated_width: int,
    widens: bool,
) -> None:
    vectors = near_ties(n, width, seed)
    if at_a_pair and n > 1:  # a limit that a pair has is not above it
        limit = float(naive_cosines(vectors[:1], vectors[1:2])[0, 0])
    with rotated(rotated_width, widens):
        check(vectors, limit, seed, block_rows, panel_rows)
    with in_bytes(widens):
        check(vectors, limit, seed, block_rows, panel_rows)


@pytest.mark.parametrize("cost", [0, 10**9])
def test_pairs_one_by_one_and_whole_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    monkeypatch.setattr(module, "_PAIR_COST", cost)
    for seed in range(10):
        check(near_ties(40, 6, seed), 0.99, seed, 16, 20)


@given(
    st.integers(0, 40), st.integers(0, 12), st.integers(1, 16), st.integers(0, 30), st.floats(-1, 1),
    st.integers(1, 60), st.booleans(),
)  # fmt: skip
def test_records_beside_documents_are_the_naive_ones(
    n: int, n_records: int, width: int, seed: int, limit: float, block_rows: int, at_a_pair: bool
) -> None:
    vectors = near_ties(n + n_records, width, seed)
    records, documents = vectors[:n_records], vectors[n_records:]
    similarity = naive_cosines(documents, records)
    if at_a_pair and similarity.size:  # a limit that a pair has is reached
        limit = float(similarity[0, 0])
    found = pairs_with_records(UnitRows.measured(vectors), n_records, limit, block_rows=block_rows)
    reached = similarity >= np.float32(limit)
    assert [column.tolist() for column in found] == [column.tolist() for column in np.nonzero(reached)]


@given(
    st.integers(0, 40), st.integers(0, 12), st.integers(0, 30), st.floats(0.5, 1), st.integers(1, 3),
    st.sampled_from([1, 7, 1 << 22]),
)  # fmt: skip
def test_the_strongest_records_of_each_set_are_those_of_all_pairs(
    n: int, n_records: int, seed: int, limit: float, most: int, at_once: int
) -> None:
    vectors = near_ties(n + n_records, 4, seed)
    similarity = naive_cosines(vectors[n_records:], vectors[:n_records])
    set_of = np.arange(n_records) % 2
    wanted = set()
    for document in range(n):
        for number in range(2):
            own = [r for r in range(number, n_records, 2) if similarity[document, r] >= np.float32(limit)]
            own.sort(key=lambda r: (-similarity[document, r], r))
            wanted |= {(document, r) for r in own[:most]}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_PAIRS_AT_ONCE", at_once)
        found = pairs_with_records(
            UnitRows.measured(vectors), n_records, limit, StrongestRecords(set_of, most)
        )
    assert list(zip(*(column.tolist() for column in found), strict=True)) == sorted(wanted)

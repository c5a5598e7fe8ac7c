"""The order of an epoch: a bijection in constant memory, read block by block, of no seed like another."""

import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.train.epoch_order import EpochOrder, Shuffle, shard_begins

SHUFFLES = st.builds(Shuffle, st.integers(1, 9), st.integers(1, 4))


@given(n=st.integers(1, 300), shuffle=SHUFFLES, seed=st.integers(0, 5), epoch=st.integers(0, 5))
def test_position_and_document_agree_and_each_is_there_once(
    n: int, shuffle: Shuffle, seed: int, epoch: int
) -> None:
    order = EpochOrder(n, shuffle, seed, epoch)
    rows = order.at(np.arange(n))
    assert np.array_equal(np.sort(rows), np.arange(n))
    assert np.array_equal(order.places(rows), np.arange(n))
    assert [order.document(position) for position in range(n)] == rows.tolist()
    assert [order.position(row) for row in rows.tolist()] == list(range(n))


@given(n=st.integers(1, 300), shuffle=SHUFFLES, seed=st.integers(0, 5))
def test_groups_follow_one_another_and_each_is_of_whole_blocks(n: int, shuffle: Shuffle, seed: int) -> None:
    order = EpochOrder(n, shuffle, seed, 0)
    rows, begin = order.at(np.arange(n)), 0
    for group in range(order.n_groups):
        unmixed = order.rows(group)
        blocks = unmixed // shuffle.block_documents
        assert len(set(blocks.tolist())) <= shuffle.group_blocks
        for block in set(blocks.tolist()):  # whole, ascending
            first = block * shuffle.block_documents
            whole = np.arange(first, min(first + shuffle.block_documents, n))
            assert np.array_equal(unmixed[blocks == block], whole)
        mixed = rows[begin : begin + len(unmixed)]
        assert np.array_equal(np.sort(mixed), np.sort(unmixed))
        assert np.array_equal(
            mixed, unmixed[order.mixing(group, len(unmixed)).items(np.arange(len(unmixed)))]
        )
        assert (order.groups_of(unmixed) == group).all()
        begin += len(unmixed)
    assert begin == n


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("n", [1000, 65_536])
def test_seeds_and_epochs_are_uncorrelated_in_one_group(n: int) -> None:
    of = [EpochOrder(n, Shuffle(), *named).places(np.arange(n)) for named in ((0, 0), (1, 0), (0, 1), (1, 1))]
    of.append(np.arange(n))
    for i, one in enumerate(of):
        for other in of[:i]:
            assert abs(correlation(one, other)) < 3 / math.sqrt(n - 1)


def test_seeds_are_uncorrelated_in_many_groups_as_far_as_their_blocks_are() -> None:
    n, shuffle = 40_000, Shuffle(8, 50)
    seen = [
        correlation(*(EpochOrder(n, shuffle, seed, epoch).places(np.arange(n)) for seed in (0, 1)))
        for epoch in range(10)
    ]
    n_blocks = n // 8
    assert max(map(abs, seen)) < 3 / math.sqrt(n_blocks - 1)
    assert abs(np.mean(seen)) < 3 / math.sqrt(10 * (n_blocks - 1))


def test_a_billion_documents_take_no_memory_and_microseconds() -> None:
    tracemalloc.start()
    order = EpochOrder(10**9, Shuffle(), 0, 3)
    many = np.arange(0, 10**9, 99_999_989)
    assert np.array_equal(order.places(order.at(many)), many)
    begun = time.process_time()
    assert [order.position(order.document(position)) for position in many.tolist()] == many.tolist()
    seconds = time.process_time() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
    assert seconds / (2 * len(many)) < 0.002  # under tracemalloc; 0.05 ms without


@pytest.mark.parametrize(("blocks", "group"), [(0, 1), (1, 0), (-3, 4)])
def test_a_shuffle_that_cannot_be(blocks: int, group: int) -> None:
    with pytest.raises(SettingError, match=f"block_documents={blocks}, group_blocks={group}"):
        Shuffle(blocks, group)


@pytest.mark.parametrize("wrong", [-1, 10])
def test_what_is_no_row(wrong: int) -> None:
    order = EpochOrder(10, Shuffle(), 0, 0)
    for ask in (order.at, order.places, order.groups_of):
        with pytest.raises(SettingError, match="there are 0 to 9"):
            ask(np.array([wrong]))
    for ask_one in (order.document, order.position):
        with pytest.raises(SettingError, match="there are 0 to 9"):
            ask_one(wrong)


@given(sizes=st.lists(st.integers(0, 2000), max_size=9))
def test_shards_begin_at_row_groups_and_none_overlaps(sizes: list[int]) -> None:
    begins = shard_begins(np.array(sizes, np.int64))
    assert len(begins) == len(sizes) + 1
    assert (begins[:-1] % 512 == 0).all() or not sizes
    gaps = np.diff(begins) - np.array(sizes, np.int64)
    assert (gaps >= 0).all()
    assert (gaps < 512).all()
    assert not sizes or begins[-1] == begins[-2] + sizes[-1]

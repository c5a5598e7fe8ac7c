"""A group's segments: all tokens of what is kept, as often as asked, in an order that dropping does not change."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.train.epoch_order import EpochOrder, Shuffle
from guyot.train.segments import Segments, group_segments

DOCUMENTS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 3)), min_size=1, max_size=40)
SHUFFLE = Shuffle(4, 3)


def epoch(counts: list[int], repeats: list[int], segment_tokens: int | None, seed: int = 0) -> list[Segments]:
    order = EpochOrder(len(counts), SHUFFLE, seed, 0)
    given_ = np.array(counts), np.array(repeats), segment_tokens
    return [group_segments(order, group, *given_) for group in range(order.n_groups)]


def listed(groups: list[Segments]) -> list[tuple[int, ...]]:
    return [visit for group in groups for visit in zip(*(part.tolist() for part in group), strict=True)]


@given(documents=DOCUMENTS, segment_tokens=st.none() | st.integers(1, 25))
def test_every_token_of_every_reading_is_there_once(
    documents: list[tuple[int, int]], segment_tokens: int | None
) -> None:
    counts, repeats = map(list, zip(*documents, strict=True))
    seen: Counter[tuple[int, int, int]] = Counter()
    for row, copy, first, size in listed(epoch(counts, repeats, segment_tokens)):
        assert 0 < size <= (segment_tokens or 20)
        seen.update((row, copy, first + token) for token in range(size))
    asked = {(r, c, t) for r, (n, times) in enumerate(documents) for c in range(times) for t in range(n)}
    assert set(seen) == asked
    assert set(seen.values()) <= {1}


@given(
    documents=DOCUMENTS, others=st.lists(st.integers(0, 3), min_size=40, max_size=40), pieces=st.booleans()
)
def test_what_two_mixtures_share_is_in_the_same_order(
    documents: list[tuple[int, int]], others: list[int], pieces: bool
) -> None:
    counts, repeats = map(list, zip(*documents, strict=True))
    one, other = (
        listed(epoch(counts, times, 3 if pieces else None)) for times in (repeats, others[: len(counts)])
    )
    shared = set(one) & set(other)
    assert [visit for visit in one if visit in shared] == [visit for visit in other if visit in shared]


@given(n=st.integers(1, 60), seed=st.integers(0, 5))
def test_whole_documents_are_in_the_order_of_the_epoch(n: int, seed: int) -> None:
    rows = [row for row, *_ in listed(epoch([1] * n, [1] * n, None, seed))]
    assert rows == EpochOrder(n, SHUFFLE, seed, 0).at(np.arange(n)).tolist()


def test_pieces_and_readings_have_places_of_their_own() -> None:
    (read,) = epoch([30, 30, 30], [2, 2, 2], 1)
    apart = np.diff(read.first_tokens) != 1
    assert apart.mean() > 0.8  # hardly a piece is followed by the next
    once = read.rows[read.copies == 0] * 30 + read.first_tokens[read.copies == 0]
    again = read.rows[read.copies == 1] * 30 + read.first_tokens[read.copies == 1]
    assert np.array_equal(np.sort(once), np.sort(again))
    assert not np.array_equal(once, again)


def test_few_of_many_pieces_are_ordered_as_all_are() -> None:
    counts, repeats = [10] * 12, [0] * 12
    everything = listed(epoch(counts, [1] * 12, 1))
    repeats[5] = 1  # 10 of 120 places
    assert listed(epoch(counts, repeats, 1)) == [visit for visit in everything if visit[0] == 5]


def test_a_group_of_which_nothing_is_kept_reads_nothing() -> None:
    assert [len(part) for part in group_segments(
        EpochOrder(3, SHUFFLE, 0, 0), 0, np.array([0, 4, 4]), np.zeros(3, np.int64), None
    )] == [0, 0, 0, 0]  # fmt: skip

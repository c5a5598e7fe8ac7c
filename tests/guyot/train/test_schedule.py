"""Schedules: the exact budget, any resume point, any split over ranks and workers, and orders that differ."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import MissingError, SettingError
from guyot.train.epoch_order import EpochOrder, Shuffle
from guyot.train.exposure import exposures
from guyot.train.plan import plan
from guyot.train.schedule import (
    ORDER,
    Schedule,
    Segment,
    epoch_segments,
    groups,
    require_order,
    segments,
)

SHUFFLE = Shuffle(3, 2)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    documents = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), min_size=1, max_size=25))
    counts, repeats = (np.array(part) for part in zip(*documents, strict=True))
    repeats[0] = max(1, repeats[0])
    return plan(
        counts,
        draw(st.integers(1, 400)),
        draw(st.integers(0, 3)),
        repeats=repeats,
        segment_tokens=draw(st.none() | st.integers(1, 15)),
        shuffle=SHUFFLE,
    )


def tokens_of(found: list[Segment]) -> list[tuple[int, int, int]]:
    """Name every token in the order in which it is read: epoch, row, place in the document."""
    return [(s.epoch, s.row, s.first_token + i) for s in found for i in range(s.n_tokens)]


def test_three_documents_over_a_budget_of_one_and_a_half_epochs() -> None:
    # 5 + 2 + 3 tokens per epoch, 17 in all: a whole epoch, then 7 tokens in the order of the second
    found = plan(np.array([5, 2, 3]), 17, 7)
    order = [EpochOrder(3, Shuffle(), 7, epoch).at(np.arange(3)).tolist() for epoch in (0, 1)]
    assert order[0] != order[1]
    sizes, left, expected = (5, 2, 3), 17, []
    for epoch, row in [(epoch, row) for epoch in (0, 1) for row in order[epoch]]:
        if left:
            expected.append((epoch, row, 0, min(left, sizes[row])))
            left -= expected[-1][3]
    assert [tuple(segment) for segment in segments(found)] == expected


@given(schedule=schedules())
def test_the_budget_is_met_to_the_token_and_every_whole_epoch_reads_all(schedule: Schedule) -> None:
    read = tokens_of(list(segments(schedule)))
    assert len(read) == schedule.train_tokens
    for epoch in range(schedule.n_epochs):
        seen = Counter(token[1:] for token in read if token[0] == epoch)
        whole = {
            (row, token): times
            for row, times in enumerate(schedule.repeats.tolist())
            for token in range(schedule.token_counts[row])
            if times
        }
        assert all(times <= whole[token] for token, times in seen.items())
        if (epoch + 1) * schedule.epoch_tokens <= schedule.train_tokens:
            assert seen == whole
        own = epoch_segments(schedule, epoch)
        assert own.n_tokens.sum() == seen.total()
        assert [t[1:] for t in read if t[0] == epoch] == [
            (row, first + i)
            for row, first, n in zip(own.rows.tolist(), own.first_tokens.tolist(), own.n_tokens.tolist())
            for i in range(n)
        ]


@given(schedule=schedules(), data=st.data())
def test_it_is_resumed_at_any_token(schedule: Schedule, data: st.DataObject) -> None:
    read = tokens_of(list(segments(schedule)))
    begin = data.draw(st.integers(0, schedule.train_tokens))
    end = data.draw(st.integers(begin, schedule.train_tokens))
    assert tokens_of(list(segments(schedule, begin))) == read[begin:]
    place = begin
    for epoch, first, part in groups(schedule, begin, end):
        assert first == place
        listed = zip(part.rows.tolist(), part.first_tokens.tolist(), part.n_tokens.tolist(), strict=True)
        found = [(epoch, row, first + i) for row, first, n in listed for i in range(n)]
        assert found == read[place : place + len(found)]
        place += len(found)
    assert place == end


@given(schedule=schedules(), window=st.integers(1, 9), data=st.data())
def test_any_ranks_workers_and_elastic_changes_read_every_token_as_often_as_its_exposure(
    schedule: Schedule, window: int, data: st.DataObject
) -> None:
    n_windows = -(-schedule.train_tokens // window)
    seen: Counter[tuple[int, int, int]] = Counter()
    done = 0
    while done < n_windows:  # each turn of the loop is a run that is stopped, with ranks of its own
        ranks, workers = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
        end = min(n_windows, done + ranks * data.draw(st.integers(1, 40)))
        for rank in range(ranks):
            for worker in range(workers):
                own = [i for i in range(done, end) if i % ranks == rank and i // ranks % workers == worker]
                for number in own:
                    begin, stop = number * window, min((number + 1) * window, schedule.train_tokens)
                    for epoch, _, part in groups(schedule, begin, stop):
                        for row, first, n in zip(
                            part.rows.tolist(), part.first_tokens.tolist(), part.n_tokens.tolist()
                        ):
                            seen.update((epoch, row, first + i) for i in range(n))
        done = end
    assert seen == Counter(tokens_of(list(segments(schedule))))
    firsts = Counter(row for (_, row, token), times in seen.items() for _ in range(times) if token == 0)
    counted = exposures(schedule)
    assert all(firsts[row] <= counted[row] for row in range(schedule.n_documents))
    if schedule.train_tokens % schedule.epoch_tokens == 0:
        assert [firsts[row] for row in range(schedule.n_documents)] == counted.tolist()


@given(
    documents=st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=1, max_size=30),
    seed=st.integers(0, 3),
    segment_tokens=st.none() | st.integers(1, 5),
)
def test_two_mixtures_read_what_they_share_in_the_same_order_in_every_epoch(
    documents: list[tuple[int, bool, bool]], seed: int, segment_tokens: int | None
) -> None:
    counts, *kept = (np.array(part) for part in zip(*documents, strict=True))
    for keep in kept:
        keep[0] = True
    orders = []
    for keep in kept:
        found = plan(
            counts, 3 * int(counts[keep].sum()), seed,
            repeats=keep.astype(np.int64), segment_tokens=segment_tokens, shuffle=SHUFFLE,
        )  # fmt: skip
        shared = kept[0] & kept[1]
        orders.append([segment for segment in segments(found) if shared[segment.row]])
    assert orders[0] == orders[1]


def test_orders_differ_by_epoch_and_by_seed_and_repeat() -> None:
    first, again, other = (
        [s.row for s in segments(plan(np.ones(50, np.int64), 100, seed))] for seed in (0, 0, 1)
    )
    assert first == again != other
    assert first[:50] != first[50:]


def test_an_order_stays_what_it_is() -> None:
    found = plan(np.arange(1, 9), 40, 5, segment_tokens=3, shuffle=SHUFFLE)
    assert [tuple(segment)[1:] for segment in segments(found)] == STAYS, "give a changed order another ORDER"


STAYS = [
    (5, 3, 3),
    (7, 3, 3),
    (6, 0, 3),
    (3, 0, 3),
    (6, 3, 3),
    (3, 3, 1),
    (5, 0, 3),
    (6, 6, 1),
    (7, 0, 3),
    (4, 3, 2),
    (7, 6, 2),
    (4, 0, 3),
    (2, 0, 3),
    (0, 0, 1),
    (1, 0, 2),
    (7, 6, 2),
    (5, 3, 2),
]  # row, first token, tokens


def test_segments_are_lazy_and_a_large_schedule_takes_the_memory_of_a_group() -> None:
    n = 20_000_000
    counts = np.broadcast_to(np.int64(512), (n,))  # no memory
    tracemalloc.start()
    schedule = plan(counts, 3 * 512 * n, 0)
    assert next(segments(schedule, from_token=2 * 512 * n + 700_000_123)).n_tokens <= 512
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000  # a byte for three documents


@pytest.mark.parametrize(("begin", "end"), [(-1, None), (0, 11), (5, 4)])
def test_tokens_that_there_are_not(begin: int, end: int | None) -> None:
    with pytest.raises(SettingError, match="the schedule has 0 to 10"):
        next(groups(plan(np.array([3]), 10, 0), begin, end))


@pytest.mark.parametrize("epoch", [-1, 4])
def test_an_epoch_that_there_is_not(epoch: int) -> None:
    with pytest.raises(SettingError, match=f"epoch {epoch} was asked for; the schedule has 0 to 3"):
        epoch_segments(plan(np.array([3]), 10, 0), epoch)


def test_a_schedule_of_another_order_is_refused() -> None:
    require_order(ORDER, "d4")
    with pytest.raises(MissingError, match="of d4 was asked for; it was planned in 'rows-0'"):
        require_order("rows-0", "d4")
    with pytest.raises(MissingError, match="planned in 'an older one'.*build epoch_schedules again"):
        require_order(None, "d4")

"""Exposure: counts and steps that agree with a replay of the schedule, token by token."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.train.epoch_order import Shuffle
from guyot.train.exposure import Epoch, documents_read, epochs, exposures, steps_that_saw, tokens_that_saw
from guyot.train.plan import plan
from guyot.train.schedule import Schedule, epoch_segments, segments


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    documents = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3)), min_size=1, max_size=25))
    counts, repeats = (np.array(part) for part in zip(*documents, strict=True))
    repeats[-1] = max(1, repeats[-1])
    budget, seed = draw(st.integers(1, 400)), draw(st.integers(0, 3))
    pieces = draw(st.none() | st.integers(1, 15))
    return plan(counts, budget, seed, repeats=repeats, segment_tokens=pieces, shuffle=Shuffle(3, 2))


@given(schedule=schedules(), per_step=st.integers(1, 40))
def test_tokens_and_steps_agree_with_a_replay(schedule: Schedule, per_step: int) -> None:
    owner = np.concatenate([np.full(segment.n_tokens, segment.row) for segment in segments(schedule)])
    for row in range(schedule.n_documents):
        spans = tokens_that_saw(schedule, row).tolist()
        seen = [token for begin, end in spans for token in range(begin, end)]
        assert seen == np.flatnonzero(owner == row).tolist()
        naive = sorted({token // per_step for token in seen})
        assert steps_that_saw(schedule, row, per_step).tolist() == naive


@given(schedule=schedules())
def test_exposures_and_epochs_agree_with_a_replay(schedule: Schedule) -> None:
    counted = np.zeros(schedule.n_documents, np.int64)
    listed: list[Epoch] = []
    for epoch in range(schedule.n_epochs):
        read = epoch_segments(schedule, epoch)
        visits = set(zip(read.rows.tolist(), read.copies.tolist(), strict=True))
        rows = [row for row, _ in visits]
        np.add.at(counted, rows, 1)
        listed.append(Epoch(epoch, schedule.seed, len(set(rows)), int(read.n_tokens.sum())))
    assert exposures(schedule).tolist() == counted.tolist()
    assert epochs(schedule) == tuple(listed)
    assert sum(epoch.n_tokens for epoch in listed) == schedule.train_tokens


@given(schedule=schedules())
def test_documents_read_agree_with_a_replay(schedule: Schedule) -> None:
    tokens, first = np.zeros(schedule.n_documents, np.int64), {}
    done = 0
    for segment in segments(schedule):
        first.setdefault(segment.row, done)
        tokens[segment.row] += segment.n_tokens
        done += segment.n_tokens
    read = documents_read(schedule)
    assert read.rows.tolist() == sorted(first)
    assert read.first_tokens.tolist() == [first[row] for row in sorted(first)]
    assert read.tokens.tolist() == tokens[read.rows].tolist()
    assert read.exposures.tolist() == exposures(schedule)[read.rows].tolist()
    assert read.tokens.sum() == schedule.train_tokens


def test_a_document_that_is_read_twice_an_epoch() -> None:
    # 2 x 4 + 3 tokens an epoch, two epochs
    schedule = plan(np.array([4, 3, 9]), 22, 0, repeats=np.array([2, 1, 0]))
    assert exposures(schedule).tolist() == [4, 2, 0]
    assert [int(np.diff(tokens_that_saw(schedule, row)).sum()) for row in range(3)] == [16, 6, 0]
    assert tokens_that_saw(schedule, 2).shape == (0, 2)
    assert epochs(schedule) == (Epoch(0, 0, 2, 11), Epoch(1, 0, 2, 11))


def test_a_budget_under_one_epoch_leaves_documents_unseen() -> None:
    schedule = plan(np.array([5, 5, 5]), 10, 7)
    seen = {segment.row for segment in segments(schedule)}
    assert exposures(schedule).tolist() == [int(row in seen) for row in range(3)]
    (unseen,) = {0, 1, 2} - seen
    assert steps_that_saw(schedule, unseen, 4).tolist() == []


@pytest.mark.parametrize("row", [-1, 1])
def test_a_row_that_there_is_not(row: int) -> None:
    with pytest.raises(SettingError, match="rows count from 0"):
        tokens_that_saw(plan(np.array([3]), 3, 0), row)


def test_steps_of_no_tokens() -> None:
    with pytest.raises(SettingError, match="tokens_per_step=0"):
        steps_that_saw(plan(np.array([3]), 3, 0), 0, 0)

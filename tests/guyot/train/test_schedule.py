"""Schedules: a hand-computed case, the exact budget, and orders that differ by epoch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.train import schedule as module
from guyot.train.schedule import Epoch, epoch_order, epoch_segments, plan, segments, steps_that_saw

COUNTS = st.lists(st.integers(1, 50), min_size=1, max_size=12).map(lambda counts: np.array(counts, np.int64))


@pytest.fixture
def in_given_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visit rows as they stand in even epochs and backwards in odd ones."""

    def order(seed: int, label: str, epoch: int, n: int) -> np.ndarray:
        return np.arange(n) if epoch % 2 == 0 else np.arange(n)[::-1]

    monkeypatch.setattr(module, "epoch_order", order)


@pytest.mark.usefixtures("in_given_order")
def test_three_documents_over_a_budget_of_one_and_a_half_epochs() -> None:
    # 5 + 2 + 3 tokens per epoch, 17 in all: one whole epoch, then rows 2, 1 and 2 of row 0's 5 tokens
    found = plan(np.array([5, 2, 3]), 17, 7, "random")
    assert found.epochs == (Epoch(0, 7, 3, 10), Epoch(1, 7, 3, 7))
    assert found.exposures.tolist() == [2, 2, 2]
    assert [tuple(segment) for segment in segments(found)] == [
        (0, 0, 0, 5),
        (0, 1, 0, 2),
        (0, 2, 0, 3),
        (1, 2, 0, 3),
        (1, 1, 0, 2),
        (1, 0, 0, 2),
    ]


@pytest.mark.usefixtures("in_given_order")
def test_steps_of_four_tokens_see_each_document_where_its_tokens_lie() -> None:
    # row 0 lies at tokens 0-4 and 15-16, row 1 at 5-6 and 13-14, row 2 at 7-9 and 10-12
    found = plan(np.array([5, 2, 3]), 17, 7, "random")
    assert steps_that_saw(found, 0, 4).tolist() == [0, 1, 3, 4]
    assert steps_that_saw(found, 1, 4).tolist() == [1, 3]
    assert steps_that_saw(found, 2, 4).tolist() == [1, 2, 3]


@pytest.mark.usefixtures("in_given_order")
def test_a_budget_under_one_epoch_leaves_documents_unseen() -> None:
    found = plan(np.array([5, 2, 3]), 6, 7, "random")
    assert found.epochs == (Epoch(0, 7, 2, 6),)
    assert found.exposures.tolist() == [1, 1, 0]
    assert steps_that_saw(found, 2, 4).tolist() == []


@pytest.mark.usefixtures("in_given_order")
def test_a_budget_at_a_document_border_cuts_nothing() -> None:
    found = plan(np.array([5, 2, 3]), 7, 7, "random")
    assert [segment.n_tokens for segment in segments(found)] == [5, 2]


@given(counts=COUNTS, train_tokens=st.integers(1, 900), seed=st.integers(0, 3))
def test_the_budget_is_met_exactly_and_all_counts_agree(
    counts: np.ndarray, train_tokens: int, seed: int
) -> None:
    found = plan(counts, train_tokens, seed, "random")
    seen = list(segments(found))
    assert sum(segment.n_tokens for segment in seen) == train_tokens
    assert sum(epoch.n_tokens for epoch in found.epochs) == train_tokens
    assert np.bincount([v.row for v in seen], minlength=len(counts)).tolist() == (found.exposures.tolist())
    for segment in seen[:-1]:
        assert (segment.first_token, segment.n_tokens) == (0, counts[segment.row])
    for epoch in found.epochs:
        rows, _, taken = epoch_segments(found, epoch.epoch)
        assert len(set(rows.tolist())) == len(rows) == epoch.n_documents
        assert taken.sum() == epoch.n_tokens
    assert found.exposures.max() - found.exposures.min() <= 1


@given(counts=COUNTS, train_tokens=st.integers(1, 300), per_step=st.integers(1, 40))
def test_steps_agree_with_a_token_by_token_count(
    counts: np.ndarray, train_tokens: int, per_step: int
) -> None:
    found = plan(counts, train_tokens, 0, "random")
    owner = np.concatenate([np.full(segment.n_tokens, segment.row) for segment in segments(found)])
    for row in range(len(counts)):
        naive = sorted({token // per_step for token in np.flatnonzero(owner == row).tolist()})
        assert steps_that_saw(found, row, per_step).tolist() == naive


@pytest.mark.usefixtures("in_given_order")
def test_a_long_document_is_visited_in_pieces_and_counts_once_an_epoch() -> None:
    # pieces of 2: row 0 at 0-1, 2-3, 4; row 1 at 0-1; 7 tokens an epoch, 10 in all
    found = plan(np.array([5, 2]), 10, 7, "random", 2)
    assert [tuple(segment) for segment in segments(found)] == [
        (0, 0, 0, 2), (0, 0, 2, 2), (0, 0, 4, 1), (0, 1, 0, 2), (1, 1, 0, 2), (1, 0, 4, 1),
    ]  # fmt: skip
    assert found.exposures.tolist() == [2, 2]
    assert found.epochs == (Epoch(0, 7, 2, 7), Epoch(1, 7, 2, 3))
    assert steps_that_saw(found, 0, 3).tolist() == [0, 1, 3]
    with pytest.raises(SettingError, match="segment_tokens=0"):
        plan(np.array([5, 2]), 10, 7, "random", 0)


@given(
    counts=COUNTS,
    train_tokens=st.integers(1, 300),
    segment_tokens=st.integers(1, 60),
    per_step=st.integers(1, 40),
)
def test_pieces_read_every_token_once_an_epoch_and_steps_agree(
    counts: np.ndarray, train_tokens: int, segment_tokens: int, per_step: int
) -> None:
    found = plan(counts, train_tokens, 0, "random", segment_tokens)
    read: list[tuple[int, int, int]] = []
    for segment in segments(found):
        assert 1 <= segment.n_tokens <= segment_tokens
        read += [(segment.epoch, segment.row, segment.first_token + i) for i in range(segment.n_tokens)]
    assert len(read) == len(set(read)) == train_tokens
    assert all(token < counts[row] for _, row, token in read)
    for epoch in found.epochs:
        rows = {row for number, row, _ in read if number == epoch.epoch}
        assert (len(rows), sum(number == epoch.epoch for number, _, _ in read)) == (
            epoch.n_documents,
            epoch.n_tokens,
        )
    for row in range(len(counts)):
        assert found.exposures[row] == len({number for number, other, _ in read if other == row})
        naive = sorted({at // per_step for at, (_, other, _) in enumerate(read) if other == row})
        assert steps_that_saw(found, row, per_step).tolist() == naive


def test_orders_differ_by_epoch_seed_and_label_and_repeat() -> None:
    first = epoch_order(0, "random", 0, 50).tolist()
    assert first == epoch_order(0, "random", 0, 50).tolist()
    others = [(0, "random", 1), (1, "random", 0), (0, "length", 0)]
    assert all(epoch_order(*other, 50).tolist() != first for other in others)


def test_visits_are_lazy() -> None:
    found = plan(np.array([1, 1]), 2_000_000, 0, "random")
    assert next(segments(found)).n_tokens == 1


@pytest.mark.parametrize(
    ("counts", "train_tokens", "says"),
    [
        ([], 10, "mixture of 0 documents"),
        ([3, 0], 10, "1 of 2 documents have no tokens .row 1"),
        ([3], 0, "train_tokens=0"),
    ],
)
def test_a_budget_that_cannot_be_spent_is_refused(counts: list[int], train_tokens: int, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        plan(np.array(counts, np.int64), train_tokens, 0, "random")


@pytest.mark.parametrize(("row", "per_step"), [(-1, 4), (1, 4), (0, 0)])
def test_steps_of_no_such_row_are_refused(row: int, per_step: int) -> None:
    with pytest.raises(SettingError, match="rows count from 0"):
        steps_that_saw(plan(np.array([3]), 3, 0, "random"), row, per_step)

"""Planning: the tokens of an epoch, the epochs of a budget, and what cannot be planned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import ArrayError, SettingError
from guyot.train.epoch_order import Shuffle
from guyot.train.plan import plan


@given(
    documents=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=50),
    block=st.integers(1, 7),
    budget=st.integers(1, 500),
)
def test_tokens_of_blocks_and_epochs_add_up(
    documents: list[tuple[int, int]], block: int, budget: int
) -> None:
    counts, repeats = (np.array(part) for part in zip(*documents, strict=True))
    if not repeats.any():
        repeats[0] = 1
    found = plan(counts, budget, 0, repeats=repeats, shuffle=Shuffle(block, 2))
    per_document = counts * repeats
    assert found.block_tokens.tolist() == [
        per_document[begin : begin + block].sum() for begin in range(0, len(counts), block)
    ]
    assert found.epoch_tokens == per_document.sum()
    assert (found.n_epochs - 1) * found.epoch_tokens < budget <= found.n_epochs * found.epoch_tokens


def test_more_documents_than_are_summed_at_once() -> None:
    counts = np.arange(1, 5001, dtype=np.int32)
    found = plan(counts, 1, 0, repeats=np.ones(5000, np.uint8), shuffle=Shuffle(3, 2))
    assert found.epoch_tokens == 5000 * 5001 // 2
    assert len(found.block_tokens) == 1667


@pytest.mark.parametrize(
    ("counts", "train_tokens", "repeats", "says"),
    [
        ([], 10, None, "mixture of 0 documents"),
        ([3, 3], 10, [0, 0], "mixture of 0 documents"),
        ([3, 0], 10, None, "1 of 2 documents have no tokens .row 1 has 0"),
        ([3], 0, None, "train_tokens=0"),
    ],
)
def test_a_budget_that_cannot_be_spent_is_refused(
    counts: list[int], train_tokens: int, repeats: list[int] | None, says: str
) -> None:
    times = None if repeats is None else np.array(repeats)
    with pytest.raises(SettingError, match=says):
        plan(np.array(counts, np.int64), train_tokens, 0, repeats=times)


def test_a_dropped_document_may_have_no_tokens() -> None:
    assert plan(np.array([3, 0]), 10, 0, repeats=np.array([1, 0])).epoch_tokens == 3


@pytest.mark.parametrize(("repeats", "says"), [([1], "must hold a value"), ([1, -2], "row 1 are -2")])
def test_repeats_that_cannot_be(repeats: list[int], says: str) -> None:
    with pytest.raises(ArrayError, match=says):
        plan(np.array([3, 3]), 5, 0, repeats=np.array(repeats))


def test_segments_of_no_tokens() -> None:
    with pytest.raises(SettingError, match="segment_tokens=0"):
        plan(np.array([5, 2]), 10, 7, segment_tokens=0)

"""Bits per byte: a hand-computed ratio, an interval that narrows, and no number where there is none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import ArrayError, EvaluationError
from guyot.train.metric import bits_per_byte

LOG2 = math.log(2)


def test_the_value_is_a_ratio_of_sums() -> None:
    # 10 bits over 10 bytes and 60 bits over 20 bytes: 70 / 30, not the mean of 1 and 3
    found = bits_per_byte(np.array([10, 60]) * LOG2, np.array([10, 20]), draws=50, seed=0)
    assert found.value == pytest.approx(70 / 30, rel=1e-12)
    assert found.n == 2
    assert found.low == pytest.approx(1)
    assert found.high == pytest.approx(3)


@given(
    documents=st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 10**6)), min_size=1, max_size=9),
    seed=st.integers(0, 5),
)
def test_the_interval_lies_within_the_documents(documents: list[tuple[float, int]], seed: int) -> None:
    nats, size = np.array([n for n, _ in documents]), np.array([b for _, b in documents])
    found = bits_per_byte(nats, size, draws=20, seed=seed)
    single = nats / size / LOG2
    slack = 1e-9 * (1 + single.max())
    assert single.min() - slack <= found.low <= found.high <= single.max() + slack
    assert found == bits_per_byte(nats, size, draws=20, seed=seed)


def test_more_documents_narrow_the_interval_and_it_covers_the_value() -> None:
    widths = []
    for n in (50, 5000):
        nats = np.linspace(100, 300, n)
        found = bits_per_byte(nats, np.full(n, 100), draws=200, seed=1)
        assert found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 5


def test_blocks_of_draws_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    nats, size = np.linspace(1, 9, 40), np.full(40, 3)
    whole = bits_per_byte(nats, size, draws=30, seed=3)
    monkeypatch.setattr("guyot.stats._BLOCK_VALUES", 80)
    assert bits_per_byte(nats, size, draws=30, seed=3) == whole


@pytest.mark.parametrize(
    ("nats", "size", "draws", "says"),
    [
        ([], [], 10, "0 documents by 10 draws"),
        ([1.0], [1], 0, "1 documents by 0 draws"),
        ([1.0, math.nan], [1, 1], 10, "document 1 has nan nats"),
        ([1.0, math.inf], [1, 1], 10, "document 1 has inf nats"),
        ([-1.0, 1.0], [1, 1], 10, "document 0 has -1.0 nats"),
        ([1.0, 1.0], [0, 1], 10, "over 0 bytes"),
    ],
)
def test_what_has_no_score_is_refused(nats: list[float], size: list[int], draws: int, says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        bits_per_byte(np.array(nats), np.array(size, np.int64), draws=draws, seed=0)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ArrayError, match="a value per document"):
        bits_per_byte(np.ones(2), np.ones(3, np.int64), draws=1, seed=0)

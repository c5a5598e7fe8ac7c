"""Averages: worked out by hand, of any width of floats, and the same in any order to the bit."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from guyot.errors import ArrayError
from guyot.train.soups import average, uniform

FLOATS = arrays(np.float32, 5, elements=st.floats(-1e6, 1e6, width=32))


def test_an_average_by_hand() -> None:
    models = [
        {"w": np.array([[0.0, 1.0]]), "n": np.array([3])},
        {"w": np.array([[4.0, 1.0]]), "n": np.array([3])},
    ]
    soup = uniform(models)
    assert soup["w"].tolist() == [[2.0, 1.0]]
    assert soup["w"].dtype == np.float32
    assert soup["n"].tolist() == [3]
    assert average(models, [1, 3])["w"].tolist() == [[3.0, 1.0]]
    assert average(models, [0, 2])["w"].tolist() == [[4.0, 1.0]]


def test_narrow_floats_are_averaged_wide() -> None:
    big = {"w": np.full(1, 60_000, np.float16)}  # twice of it is beyond float16
    assert uniform([big, big, big])["w"].tolist() == [60_000.0]
    near = [{"w": np.array([1.0], np.float16)}, {"w": np.array([1 + 2**-10], np.float16)}]
    assert uniform(near)["w"][0] == np.float32(1 + 2**-11)


@given(st.lists(FLOATS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_ingredients_does_not_matter_to_the_bit(found: list, random: object) -> None:
    shares = [1.0 + place / 7 for place in range(len(found))]
    order = list(range(len(found)))
    random.shuffle(order)
    one = average([{"w": array} for array in found], shares)["w"]
    other = average([{"w": found[place]} for place in order], [shares[place] for place in order])["w"]
    assert one.tobytes() == other.tobytes()
    reference = np.average(np.array(found, np.longdouble), axis=0, weights=shares)
    assert np.allclose(one, reference.astype(np.float64), rtol=1e-6, atol=1e-6)


@given(FLOATS, st.integers(1, 7))
def test_copies_of_a_model_come_out_as_that_model(model: np.ndarray, n_copies: int) -> None:
    soup = uniform([{"w": model}] * n_copies)["w"]
    assert np.array_equal(soup, model)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    models = [{"w": draw.standard_normal((7, 9)).astype(np.float32)} for _ in range(3)]
    whole = average(models, [1, 2, 3])["w"]
    monkeypatch.setattr("guyot.train.soups.averaging._BLOCK_VALUES", 10)
    assert average(models, [1, 2, 3])["w"].tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ([1.0], "1 shares were given for 2 ingredients"),
        ([0.0, 0.0], "shares 0, 0 were given"),
        ([2.0, -1.0], "shares 2, -1 were given"),
        ([1.0, float("nan")], "shares 1, nan"),
    ],
)
def test_shares_that_are_no_average_are_refused(shares: list[float], says: str) -> None:
    with pytest.raises(ArrayError, match=says):
        average([{"w": np.zeros(1)}] * 2, shares)


def test_the_order_does_not_matter_where_sums_cancel() -> None:
    values = [1e30, 1.0, -1e30, 3.0]
    found = {
        uniform([{"w": np.array([value], np.float32)} for value in order])["w"].tobytes()
        for order in itertools.permutations(values)
    }
    assert len(found) == 1

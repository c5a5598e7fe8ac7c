"""The permutation: a bijection, its inverse, one value as many, and no order that is likelier than another."""

import itertools
import math
import time
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.train.permutation import MAX_SIZE, Permutation


@given(size=st.integers(1, 6000), seed=st.integers(0, 1 << 40), label=st.integers(0, 9))
def test_every_item_has_one_place_and_the_inverse_finds_it(size: int, seed: int, label: int) -> None:
    shuffled = Permutation(size, seed, ("x", label))
    items = shuffled.items(np.arange(size))
    assert np.array_equal(np.sort(items), np.arange(size))
    assert np.array_equal(shuffled.places(items), np.arange(size))


@given(size=st.integers(1, MAX_SIZE), seed=st.integers(0, 99), data=st.data())
def test_one_value_is_as_one_of_many(size: int, seed: int, data: st.DataObject) -> None:
    shuffled = Permutation(size, seed, ("x",))
    places = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=9))
    items = [shuffled.item(place) for place in places]
    assert shuffled.items(np.array(places)).tolist() == items
    assert shuffled.places(np.array(items)).tolist() == [shuffled.place(item) for item in items] == places


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_every_order_is_as_likely(size: int) -> None:
    n_seeds, n_orders = 6000, math.factorial(size)
    seen = Counter(tuple(Permutation(size, seed).items(np.arange(size)).tolist()) for seed in range(n_seeds))
    expected = n_seeds / n_orders
    chi = sum((seen[order] - expected) ** 2 / expected for order in itertools.permutations(range(size)))
    assert abs(chi - (n_orders - 1)) < 4 * math.sqrt(2 * (n_orders - 1))


@pytest.mark.parametrize("size", [4096, 4097, 99_991])
def test_places_are_uncorrelated_with_items_their_neighbours_and_other_seeds(size: int) -> None:
    numbers = np.arange(size)
    items, others = (Permutation(size, seed, ("x",)).items(numbers) for seed in (0, 1))
    pairs = [(numbers, items), (items[1:], items[:-1]), (items, others), (items % 64, numbers % 64)]
    pairs.append((items, Permutation(size, 0, ("y",)).items(numbers)))
    for one, other in pairs:
        assert abs(np.corrcoef(one, other)[0, 1]) < 3 / math.sqrt(size - 1)


def test_another_seed_label_or_type_of_label_is_another_permutation() -> None:
    named = [(0, (1,)), (1, (0,)), (0, ("1",)), (0, (1, 1)), (0, ())]
    orders = [tuple(Permutation(50, seed, labels).items(np.arange(50)).tolist()) for seed, labels in named]
    assert len(set(orders)) == len(orders)


def test_an_order_stays_what_it_is() -> None:
    assert Permutation(10, 7, ("x",)).items(np.arange(10)).tolist() == STAYS
    assert [Permutation(10**12, 7, ("x",)).item(place) for place in (0, 1)] == STAYS_LARGE


STAYS = [9, 1, 0, 3, 4, 6, 2, 7, 8, 5]
STAYS_LARGE = [109486068096, 938803609881]


def test_a_huge_one_takes_no_memory_and_microseconds() -> None:
    tracemalloc.start()
    shuffled = Permutation(10**12, 0)
    begun = time.process_time()
    for item in range(200):
        assert shuffled.item(shuffled.place(item * 4_999_999_999)) == item * 4_999_999_999
    seconds = time.process_time() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
    assert seconds / 400 < 0.001


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1])
def test_a_size_that_cannot_be(size: int) -> None:
    with pytest.raises(SettingError, match=f"a permutation of {size} items; there can be 1 to"):
        Permutation(size, 0)


@pytest.mark.parametrize("wrong", [-1, 5])
def test_what_is_no_place(wrong: int) -> None:
    with pytest.raises(SettingError, match="there are 0 to 4"):
        Permutation(5, 0).items(np.array([0, wrong]))
    with pytest.raises(SettingError, match="there are 0 to 4"):
        Permutation(5, 0).place(wrong)

"""Occupancy is read where it is written, by chance where it is not, and cells by themselves."""

import numpy as np
import pytest

from guyot.audit.maps.occupancy import MASKS, MIN_OF_A_CLASS, occupancy, reading
from guyot.audit.maps.windows import Windows
from guyot.seeds import generator


def drawn(n: int, label: str) -> Windows:
    stream = generator(0, label)
    walls = stream.random((n, 9)) < np.linspace(0.2, 0.8, 9)
    explored = stream.random((n, 9)) < 0.7
    return Windows(walls, explored, explored & (stream.random((n, 9)) < 0.5), np.ones((n, 9), bool))


@pytest.mark.long
@pytest.mark.in_ci
def test_walls_that_are_written_in_the_memory_are_read_and_noise_is_chance() -> None:
    train, test = drawn(1500, "train"), drawn(800, "test")
    mixed = generator(0, "mix").standard_normal((9, 20))

    def memory(seen: Windows, label: str) -> np.ndarray:
        noise = generator(1, label).standard_normal((len(seen.is_wall), 20))
        return (seen.is_wall @ mixed + 0.1 * noise).astype(np.float32)

    found = occupancy(memory(train, "a"), train, memory(test, "b"), test, seed=0)
    blind = occupancy(
        generator(2, "c").standard_normal((1500, 20)).astype(np.float32), train,
        generator(2, "d").standard_normal((800, 20)).astype(np.float32), test, seed=0)  # fmt: skip
    for mask in MASKS:
        assert found[mask].mean_area > 0.98
        assert blind[mask].mean_area == pytest.approx(0.5, abs=0.04), "which cell it is tells nothing here"
        assert found[mask].cells == 9
        assert found[mask].n == int(getattr(test, mask).sum())
    again = occupancy(memory(train, "a"), train, memory(test, "b"), test, seed=0)
    assert again == found


def test_cells_outside_of_a_mask_are_not_learnt_from() -> None:
    train, test = drawn(1500, "train"), drawn(800, "test")
    hidden = Windows(train.is_wall ^ ~train.old, train.old, train.old, train.old)  # most are wrong
    features = [(one.is_wall * 2 - 1).astype(np.float32) for one in (train, test)]
    found = occupancy(features[0], hidden, features[1], test, seed=0, updates=60)
    assert found["explored"].mean_area > 0.9, "labels outside of the mask are not looked at"


def test_a_cell_with_few_of_a_class_is_not_judged() -> None:
    n = 2 * MIN_OF_A_CLASS
    walls = np.zeros((n, 2), bool)
    walls[:MIN_OF_A_CLASS, 0], walls[: MIN_OF_A_CLASS - 1, 1] = True, True
    found = reading(np.where(walls, 1, -1).astype(np.float32), walls, np.ones((n, 2), bool))
    assert (found.cells, found.mean_area, found.balanced_accuracy, found.n) == (1, 1.0, 1.0, 2 * n)
    nothing = reading(np.zeros((n, 2), np.float32), walls, np.zeros((n, 2), bool))
    assert nothing.cells == nothing.n == 0
    assert np.isnan(nothing.mean_area)
    assert np.isnan(nothing.balanced_accuracy)


def test_areas_are_of_each_cell_by_itself() -> None:
    walls = np.tile([[True, False], [False, True]], (30, 1))
    walls = np.concatenate([walls, np.tile([[True, False]], (60, 1))])
    answers = np.tile(np.array([[1.0, -1.0]], np.float32), (len(walls), 1))  # knows only which cell it is
    found = reading(answers, walls, np.ones_like(walls))
    assert found.mean_area == 0.5
    assert found.balanced_accuracy == pytest.approx(0.75, abs=0.01), "that measure is fooled"


def test_where_nothing_can_be_fitted_nothing_is_known() -> None:
    test = drawn(100, "test")
    features = np.ones((100, 4), np.float32)
    none = Windows(*(np.zeros((0, 9), bool) for _ in range(4)))
    walls = Windows(np.ones((100, 9), bool), *(np.ones((100, 9), bool) for _ in range(3)))
    for found in (
        occupancy(features[:0], none, features, test, seed=0, updates=2),
        occupancy(features, walls, features, test, seed=0, updates=2),
    ):
        for mask in MASKS:
            assert np.isnan(found[mask].mean_area)
            assert np.isnan(found[mask].balanced_accuracy)
            assert found[mask].n == int(getattr(test, mask).sum())

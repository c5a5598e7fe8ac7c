"""Candidates hold each row's two nearest, are few, and say where a third may be nearer."""

import numpy as np
import pytest
from numpy.typing import NDArray
from support.corpus import some_units
from support.near_ties import in_bytes, naive_cosines

from guyot.vectors import nearest_candidates as module
from guyot.vectors.nearest_candidates import CandidateSearch
from guyot.vectors.screen import UnitRows

N_ROWS, N_CENTROIDS = 200, 300


def found_among(vectors: NDArray[np.float16], centroids: NDArray[np.float16]) -> tuple[NDArray, NDArray]:
    rows, number = UnitRows.measured(vectors), np.empty((2, len(vectors)), np.int64)
    with in_bytes():
        in_doubt = CandidateSearch.among(UnitRows.measured(centroids)).two_nearest(
            rows.scaled(slice(None)), rows.error, np.empty((len(vectors), len(centroids)), np.int32), number
        )
    return number, in_doubt


def test_they_hold_the_two_nearest_and_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates: list[int] = []

    def count(left: object, right: object, begins: object, column: NDArray[np.int64]) -> object:
        candidates.append(len(column))
        return real(left, right, begins, column)

    real = module.multiply_pairs
    monkeypatch.setattr(module, "multiply_pairs", count)
    vectors, centroids = some_units(N_ROWS, 96, 1), some_units(N_CENTROIDS, 96, 2)
    number, in_doubt = found_among(vectors, centroids)
    nearest = np.argsort(-naive_cosines(vectors, centroids), axis=1)[:, :2]
    assert (number.T == nearest).all()
    assert len(in_doubt) == 0
    assert 2 * N_ROWS <= sum(candidates) < N_ROWS * N_CENTROIDS / 10


def test_a_third_as_near_as_the_second_is_in_doubt() -> None:
    centroids = some_units(N_CENTROIDS, 96, 2)
    centroids[[7, 50, 200]] = centroids[7]
    number, in_doubt = found_among(np.concatenate([centroids[7:8], some_units(5, 96, 3)]), centroids)
    assert in_doubt.tolist() == [0]
    assert set(number[:, 0]) < {7, 50, 200}

"""Places: where an agent is, was and will be, as far as a linear function reads it from its memory.

After Wijmans et al. 2023 (arXiv:2301.13261), section 4. A caution: the place is an input, and an untrained
recurrent network is a better linear echo of it than a trained one, so that no map follows from it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.linear import ridge_answers
from guyot.navigation.walks import Walk, poses


def places_at(
    walks: Sequence[Walk], of_walk: NDArray[np.int64], moment: NDArray[np.int64], later: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where agents are some actions after moments, relative to the start of their walks.

    Parameters
    ----------
    of_walk, moment : int64[m]
    later : actions; negative: before

    Returns
    -------
    rows : int64[r], the moments of which there is such a place
    places : float64[r, 2], columns and rows from the start
    """
    walked = [poses(walk) for walk in walks]
    lengths = np.array([len(one) for one in walked], np.int64)
    at = moment + later
    rows = np.flatnonzero((at >= 0) & (at < lengths[of_walk]))
    first = np.concatenate([[0], np.cumsum(lengths)])
    every = np.concatenate([np.zeros((0, 2)), *(one[:, :2] - one[0, :2] for one in walked)])
    return rows, every[first[of_walk[rows]] + at[rows]].astype(np.float64)


def place_errors(
    train_features: NDArray[np.float32],
    train_places: NDArray[np.float64],
    test_features: NDArray[np.float32],
    test_places: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how far the places that ridge regression reads lie from the true ones.

    Parameters
    ----------
    train_features, test_features : float32[m, d]
    train_places, test_places : float64[m, 2]

    Returns
    -------
    float64[m], cells, of the test places
    """
    answers = ridge_answers(train_features, train_places, test_features)
    return np.linalg.norm(answers - test_places, axis=1)


def place_r_squared(
    train_features: NDArray[np.float32],
    train_places: NDArray[np.float64],
    test_features: NDArray[np.float32],
    test_places: NDArray[np.float64],
) -> float:
    """Return the share of the variance of places that ridge regression explains in other mazes.

    Parameters
    ----------
    train_features, test_features : float32[m, d]
    train_places, test_places : float64[m, 2]

    Returns
    -------
    At most 1; 0 is what the mean would do; nan where no test place differs
    """
    answers = ridge_answers(train_features, train_places, test_features)
    off = ((test_places - test_places.mean(axis=0)) ** 2).sum()
    return float(1 - ((answers - test_places) ** 2).sum() / off) if off > 0 else float("nan")

"""Collisions: is a bump, which an agent does not sense, written in its memory, and in how few units?

After Wijmans et al. 2023 (arXiv:2301.13261), section 5, which finds neurons that detect collisions. A bump
shows in the observations only as a step forward after which the place is the same.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.audit.maps.linear import ridge_answers
from guyot.navigation.walks import FORWARD, Walk
from guyot.stats import area_under_curve

UNITS = (1, 4, 0)  # 0: all


def steps_forward(
    walks: Sequence[Walk],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    r"""List the moments after a step forward: which walk, int64[m]; moment, int64[m]; a bump, bool[m].

    Examples
    --------
    >>> from guyot.navigation.walks import parse_walk
    >>> walk = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 S goal 3,1\nBLFF")
    >>> [part.tolist() for part in steps_forward([walk])]
    [[0, 0, 0], [1, 3, 4], [True, False, False]]
    """
    hits = [np.flatnonzero(walk.actions == FORWARD) for walk in walks]
    of_walk = np.repeat(np.arange(len(walks)), [len(one) for one in hits])
    moments = np.concatenate([np.zeros(0, np.int64), *hits]) + 1
    bumps = [walk.bumps[one] for walk, one in zip(walks, hits, strict=True)]
    return of_walk, moments, np.concatenate([np.zeros(0, bool), *bumps])


def collision_areas(
    train_features: NDArray[np.float32],
    train_bumps: NDArray[np.bool_],
    test_features: NDArray[np.float32],
    test_bumps: NDArray[np.bool_],
) -> Mapping[int, float]:
    """Tell bumps from steps that moved, by the units that do it best, and measure it in other mazes.

    Parameters
    ----------
    train_features, test_features : float32[m, d], after steps forward
    train_bumps, test_bumps : bool[m], which of them bumped

    Returns
    -------
    The area under the ROC curve by the number of units, 0 standing for all

    Notes
    -----
    Units are ranked by the difference of their means over their standard deviation, in training alone;
    several are joined by ridge regression.
    """
    difference = train_features[train_bumps].mean(axis=0) - train_features[~train_bumps].mean(axis=0)
    strength = difference / (train_features.std(axis=0) + 1e-9)
    order = np.argsort(-np.abs(strength), kind="stable")
    target = train_bumps.astype(np.float64)[:, None]
    found: dict[int, float] = {}
    for n_units in UNITS:
        units = order[: n_units or len(order)]
        answers = ridge_answers(train_features[:, units], target, test_features[:, units])[:, 0]
        found[n_units] = area_under_curve(answers, test_bumps)
    return found

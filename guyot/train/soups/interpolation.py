"""The interpolation barrier: how far the loss rises on the line between two models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, EvaluationError
from guyot.train.soups.averaging import average
from guyot.train.soups.ingredients import check_alike

Loss = Callable[[Mapping[str, NDArray[Any]]], float]


@dataclass(frozen=True)
class Barrier:
    """The losses along a line between two models.

    positions : float64[points], 0 is the first model, 1 the second
    losses : float64[points]
    height : the largest rise of the loss over the straight line between the ends', 0 or more
    """

    positions: NDArray[np.float64]
    losses: NDArray[np.float64]
    height: float


def barrier(
    first: Mapping[str, NDArray[Any]],
    second: Mapping[str, NDArray[Any]],
    loss: Loss,
    points: int = 5,
    ends: tuple[float, float] | None = None,
) -> Barrier:
    """Measure the loss between two models.

    Parameters
    ----------
    first, second : named arrays, float[...] of any width, of the same names and shapes
    loss : of weights, lower is better
    points : evenly spread over the line, both ends among them; 3 or more
    ends : the losses of the two, where they are known

    Returns
    -------
    Barrier; a height of about 0 says that the two lie in one basin, where an average is no worse than
    they are (Frankle et al. 2020, arXiv:1912.05671, who call it the error barrier)

    Raises
    ------
    ArrayError : models that do not go together, or fewer than 3 points.
    EvaluationError : a loss that is not finite.

    Notes
    -----
    `points` losses, two fewer where the ends are known.

    Examples
    --------
    >>> ends = {"w": np.array([-1.0])}, {"w": np.array([1.0])}
    >>> found = barrier(*ends, lambda weights: 1 - abs(float(weights["w"][0])), 3)
    >>> found.losses.tolist(), found.height
    ([0.0, 1.0, 0.0], 1.0)
    """
    if points < 3:
        raise ArrayError(f"points={points} of a line were asked for; its ends and 1 between are needed, so 3")
    check_alike([first, second])
    positions = np.linspace(0, 1, points)
    known = {} if ends is None else {0.0: ends[0], 1.0: ends[1]}
    losses = np.array(
        [
            known[at] if at in known else loss(average([first, second], [1 - at, at]))
            for at in positions.tolist()
        ],
        np.float64,
    )
    bad = np.flatnonzero(~np.isfinite(losses))
    if bad.size:
        raise EvaluationError(
            f"{bad.size} of {points} losses between two models are not finite (at {positions[bad[0]]:g} "
            f"it is {losses[bad[0]]}); leave out models whose training diverged"
        )
    straight = (1 - positions) * losses[0] + positions * losses[-1]
    return Barrier(positions, losses, max(0.0, float((losses - straight).max())))

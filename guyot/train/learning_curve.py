"""When a learning curve reaches a loss: how many tokens a training needed for it."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError


def tokens_to_reach(tokens: NDArray[np.int64], losses: NDArray[np.float64], target: float) -> float | None:
    """Find the tokens at which a learning curve first comes down to a loss, linearly between its points.

    Parameters
    ----------
    tokens : int64[p], tokens read up to each point, strictly ascending, 1 point or more
    losses : float64[p], finite
    target : the loss

    Returns
    -------
    Tokens, between those of two points; those of the first point where that is at the target already; None
    where no point is.

    Raises
    ------
    ArrayError : shapes that differ, no points, or tokens that do not ascend.

    Notes
    -----
    A curve is bent towards the axes, so that a line between two points lies above it: what is found is rather
    too many tokens than too few.

    Examples
    --------
    >>> tokens_to_reach(np.array([0, 100, 200]), np.array([9.0, 4.0, 2.0]), 3.0)
    150.0
    >>> tokens_to_reach(np.array([0, 100, 200]), np.array([9.0, 4.0, 2.0]), 1.0) is None
    True
    """
    if tokens.shape != losses.shape or tokens.ndim != 1 or not len(tokens) or (np.diff(tokens) <= 0).any():
        raise ArrayError(
            "a learning curve needs as many losses as tokens, 1 or more, and tokens that ascend; got losses "
            f"of shape {losses.shape} at tokens {tokens.tolist()}"
        )
    reached = np.flatnonzero(losses <= target)
    if not len(reached):
        return None
    last = int(reached[0])
    if not last:
        return float(tokens[0])
    share = (losses[last - 1] - target) / (losses[last - 1] - losses[last])
    return float(tokens[last - 1] + share * (tokens[last] - tokens[last - 1]))

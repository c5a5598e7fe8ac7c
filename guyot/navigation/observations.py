"""What a blind agent senses: where it is and where it goes, its heading and its last action. No wall."""

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.navigation.actions import N_ACTIONS, N_HEADINGS, NO_ACTION

N_OBSERVED = 12
CELLS_PER_UNIT = 5.0


def observations(
    poses: NDArray[np.integer],
    starts: NDArray[np.integer],
    goals: NDArray[np.integer],
    previous: NDArray[np.integer],
) -> NDArray[np.float32]:
    """Return what agents sense.

    Parameters
    ----------
    poses : int[..., 3], x, y and heading
    starts, goals : int[..., 2], x and y; they broadcast against the poses
    previous : int[...], the action that led here; 3 if none did

    Returns
    -------
    float32[..., 12]: goal minus start (x, y) and position minus start (x, y), in cells / 5; heading one-hot
    (north, east, south, west); previous action one-hot (forward, left, right, none)

    Raises
    ------
    ArrayError : headings or actions that there are not.

    Notes
    -----
    A forward into a wall shows only as a forward after which the position is the same. Wijmans et al. (arXiv
    2301.13261, section 2) give the goal at the first step alone; here it is given at each.

    Examples
    --------
    >>> seen = observations(np.array([3, 5, 1]), np.array([3, 5]), np.array([8, 5]), np.array(3))
    >>> seen.tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    """
    _check("headings", poses[..., 2], N_HEADINGS)
    _check("previous actions", previous, N_ACTIONS + 1)
    seen = np.zeros((*poses.shape[:-1], N_OBSERVED), np.float32)
    unit = np.float32(CELLS_PER_UNIT)
    seen[..., 0:2] = (goals - starts).astype(np.float32) / unit
    seen[..., 2:4] = (poses[..., :2] - starts).astype(np.float32) / unit
    seen[..., 4:8] = poses[..., 2, None] == np.arange(N_HEADINGS)
    seen[..., 8:12] = previous[..., None] == np.arange(N_ACTIONS + 1)
    return seen


def walk_observations(
    poses: NDArray[np.integer], actions: NDArray[np.integer], goal: tuple[int, int]
) -> NDArray[np.float32]:
    """Return what an agent sensed along a walk, from its poses and actions alone.

    Parameters
    ----------
    poses : int[n + 1, 3], x, y and heading, the start first
    actions : int[n]
    goal : x and y

    Returns
    -------
    float32[n + 1, 12], as `observations`

    Raises
    ------
    ArrayError : there is not one pose more than actions.

    Examples
    --------
    >>> walk_observations(np.array([[1, 1, 1], [2, 1, 1]]), np.array([0]), (6, 1))[:, 2].tolist()
    [0.0, 0.20000000298023224]
    """
    if poses.shape != (len(actions) + 1, 3):
        raise ArrayError(f"poses are {poses.shape} for {len(actions)} actions; give [{len(actions) + 1}, 3]")
    previous = np.concatenate([np.array([NO_ACTION]), actions])
    return observations(poses.astype(np.int64), poses[0, :2].astype(np.int64), np.array(goal), previous)


def _check(what: str, values: NDArray[np.integer], n: int) -> None:
    """Require numbers from 0 to n - 1."""
    if values.size and not 0 <= values.min() <= values.max() < n:
        raise ArrayError(f"{what} reach from {values.min()} to {values.max()}; give 0 to {n - 1}")

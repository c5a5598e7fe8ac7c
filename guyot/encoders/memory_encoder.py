"""`MemoryEncoder` turns walks into unit vectors by what an agent's memory held while it made them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.identity import fingerprint
from guyot.navigation.walks import Walk, parse_walk

_ALGORITHM = 1  # raise it when the same states would get another vector


def memory_encoder_id(policy_id: str) -> str:
    """Return the id of the encoder of a policy, by a hash of the policy's weights."""
    return fingerprint(["memory", _ALGORITHM, policy_id])


@dataclass(frozen=True)
class MemoryEncoder:
    r"""Encode walks by the mean of a recurrent policy's hidden state over time.

    Parameters
    ----------
    policy_id : a hash of the policy's weights
    width : of its hidden state
    states : of walks, the hidden state after each observation: float32[actions + 1, width] each

    Notes
    -----
    The policy is led along the walk, whoever made it: at each time it gets the observation that the walk's
    poses give, and what it would have done itself is not asked. The mean is over all times, and not centred:
    that would make a row depend on the others.

    Examples
    --------
    >>> def states(walks):
    ...     return [np.tile(np.float32([3, 4]), (len(walk.actions) + 1, 1)) for walk in walks]
    >>> MemoryEncoder("one", 2, states).encode(["maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFF"])
    array([[0.6, 0.8]], dtype=float32)
    """

    policy_id: str
    width: int
    states: Callable[[Sequence[Walk]], Sequence[NDArray[np.float32]]]

    @property
    def id(self) -> str:
        """Hash all values that decide the vectors."""
        return memory_encoder_id(self.policy_id)

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows.

        Parameters
        ----------
        texts : n walks, as `guyot.navigation.walks.parse_walk` reads them

        Raises
        ------
        WalkError : a text is no walk.
        ArrayError : a policy whose memory holds nothing but zeros.
        """
        rows = np.zeros((len(texts), self.width))
        found = self.states([parse_walk(text) for text in texts])
        for row, of in zip(rows, found, strict=True):
            row[:] = of.mean(axis=0, dtype=np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (lengths > 0).all():
            raise ArrayError(
                f"the hidden state of walk {int(np.argmin(lengths))} of {len(texts)} is 0 at all times; "
                "encode with a policy that was trained"
            )
        return (rows / lengths).astype(np.float32)

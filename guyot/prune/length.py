"""Long files first (Brevity): short ones hold more distinct files per token."""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cut import Scores


@dataclass(frozen=True)
class Length:
    """Drop the longest documents, or as a control the shortest.

    `measure` is tokens of the training tokenizer, bytes or lines.
    """

    method: Literal["length"] = "length"
    drop: Literal["longest", "shortest"] = "longest"
    measure: Literal["tokens", "bytes", "lines"] = "tokens"


def length_scores(
    tokens: NDArray[np.int64], n_bytes: NDArray[np.int64], lines: NDArray[np.int64], step: Length
) -> Scores:
    """Score documents by their length.

    Parameters
    ----------
    tokens, n_bytes, lines : int64[n]

    Returns
    -------
    Scores: minus the length where the longest go, the length where the shortest go.

    Notes
    -----
    O(n). Singh et al. 2024, Brevity is the soul of wit (arXiv:2407.00434): drop the longest until a
    fraction of tokens is gone; state the recipe's target in tokens for that.

    Examples
    --------
    >>> size = np.array([10, 300])
    >>> length_scores(size, size, size, Length()).values.tolist()
    [-10.0, -300.0]
    """
    match step.measure:
        case "tokens":
            measured = tokens
        case "bytes":
            measured = n_bytes
        case "lines":
            measured = lines
        case _:
            assert_never(step.measure)
    sign = -1.0 if step.drop == "longest" else 1.0
    return Scores(sign * measured.astype(np.float64), "long" if sign < 0 else "short")

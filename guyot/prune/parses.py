"""A quality filter: code that its language's parser refuses goes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cut import Scores


@dataclass(frozen=True)
class Parses:
    """Keep documents that parse, and those of which that was not asked: other kinds, very long ones."""

    method: Literal["parses"] = "parses"


def parses_scores(parses: NDArray[np.int8]) -> Scores:
    """Score documents 0 if the parser refused them, else 1.

    Parameters
    ----------
    parses : int8[n], 1 and 0 as the signal says; -1 where it says nothing

    Examples
    --------
    >>> parses_scores(np.array([1, 0, -1], np.int8)).values.tolist()
    [1.0, 0.0, 1.0]
    """
    return Scores((parses != 0).astype(np.float64), "unparsable")

"""A quality filter: documents of other kinds, such as languages, go."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cut import Scores
from guyot.errors import SettingError


@dataclass(frozen=True)
class OnlyKinds:
    """Keep documents of these kinds: `python`, `markdown`, or what a record names as its kind."""

    kinds: tuple[str, ...]
    method: Literal["only_kinds"] = "only_kinds"

    def __post_init__(self) -> None:
        """Refuse to keep nothing."""
        if not self.kinds:
            raise SettingError("only_kinds names 0 kinds, which keeps nothing; name at least 1")


def only_kinds_scores(is_wanted: NDArray[np.bool_]) -> Scores:
    """Score documents 1 if they are of a kind that is wanted, else 0.

    Parameters
    ----------
    is_wanted : bool[n]

    Examples
    --------
    >>> only_kinds_scores(np.array([True, False])).values.tolist()
    [1.0, 0.0]
    """
    return Scores(is_wanted.astype(np.float64), "kind")

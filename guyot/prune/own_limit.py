"""The limits that steps have of their own, where no target decides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.cut import Asked, Scores
from guyot.errors import SettingError
from guyot.prune.bounds import INSIDE, Bounds
from guyot.prune.everything import Everything
from guyot.prune.exact import COPY, Exact
from guyot.prune.minhash import MinHash
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.semdedup import SemDeDup


def own_limit(step: Any, scores: Scores, asked: Asked) -> NDArray[np.bool_]:
    """Keep what a step keeps without a target.

    Parameters
    ----------
    step : any step of a recipe

    Returns
    -------
    bool[n]

    Raises
    ------
    SettingError : the step has no limit of its own.

    Examples
    --------
    >>> lines = Asked(np.ones(2, np.int64), np.ones(2, bool), None)
    >>> own_limit(Parses(), Scores(np.array([1.0, 0.0]), "unparsable"), lines).tolist()
    [True, False]
    """
    match step:
        case Everything():
            return asked.alive
        case Exact():
            return asked.alive & (scores.values > COPY)
        case OnlyKinds() | Parses():
            return asked.alive & (scores.values > 0)
        case Bounds():
            return asked.alive & (scores.values >= INSIDE)
        case MinHash():
            return asked.alive & (scores.values > 1 - step.jaccard)
        case SemDeDup(duplicate_distance=float(limit)):
            return asked.alive & (scores.values >= limit)
        case _:
            raise SettingError(
                f"step {step.method} has no limit of its own here: before the last it needs a keep_fraction, "
                "and last the recipe's target_fraction"
            )

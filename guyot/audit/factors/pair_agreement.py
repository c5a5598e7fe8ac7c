"""In which factors a dropped document agrees with its witness: those that the method looks at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor
from guyot.stats import Interval, wilson


@dataclass(frozen=True)
class PairAgreement:
    """How often two documents have one level.

    share : of the pairs of which both have a level, with a 95% interval (Wilson) as if pairs were independent
    chance : the same of each dropped document with any other document
    """

    share: Interval
    chance: float


def pair_agreement(
    factor: Factor, dropped: NDArray[np.int64], witness: NDArray[np.int64]
) -> PairAgreement | None:
    """Compare dropped documents with their witnesses; None where no pair has levels.

    Parameters
    ----------
    factor : of all documents that the method chose from
    dropped, witness : int64[p], rows

    Notes
    -----
    O(n + p). Chance is exact: of a dropped document's level the other documents, over all others; where what
    is dropped has the levels of all, that is the sum of squared shares.

    Examples
    --------
    >>> from guyot.audit.factors.factor import factor_of
    >>> found = pair_agreement(factor_of("floor", list("aabb")), np.array([0, 2]), np.array([1, 0]))
    >>> found.share.value, round(found.chance, 3)
    (0.5, 0.333)
    """
    one, other = factor.level[dropped], factor.level[witness]
    known = (one >= 0) & (other >= 0)
    one, other = one[known], other[known]
    if not len(one):
        return None
    counts = factor.counts()
    chance = float((counts[one] - 1).mean() / max(1, counts.sum() - 1))
    return PairAgreement(wilson(int((one == other).sum()), len(one)), chance)

"""Duplicate radius: how strong a transformation may be until a document is no copy of itself any more.

What relative invariance (see `responses`) means for a cut, in the limit's own units, which the paper does not
ask: a step that drops documents nearer than a limit takes a document transformed by the radius for a copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Radius:
    """Up to which magnitude copies are overlooked.

    magnitude : the largest measured one up to which all median distances are below the limit; 0: none is
    distance : the median cosine distance there; 0 at magnitude 0
    beyond : the next magnitude that was measured, where the median is at the limit or above; None: there is
        none, so the radius may be larger
    """

    magnitude: float
    distance: float
    beyond: float | None


def duplicate_radius(magnitudes: Sequence[float], distances: Sequence[float], limit: float) -> Radius:
    """Find the radius of a transformation for a limit.

    Parameters
    ----------
    magnitudes : above 0, in any order
    distances : median cosine distance of documents to themselves transformed, at each of them
    limit : a step drops documents nearer than this cosine distance

    Notes
    -----
    Where distances fall again, as those of turned images do, magnitudes beyond the first gap do not count.

    Examples
    --------
    >>> duplicate_radius([0.1, 0.2, 0.5], [0.01, 0.04, 0.02], 0.03)
    Radius(magnitude=0.1, distance=0.01, beyond=0.2)
    """
    found = Radius(0.0, 0.0, None)
    for magnitude, distance in sorted(zip(magnitudes, distances, strict=True)):
        if distance >= limit:
            return Radius(found.magnitude, found.distance, magnitude)
        found = Radius(magnitude, distance, None)
    return found

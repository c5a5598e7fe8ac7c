"""Density-based pruning (DBP): dense, simple clusters give more of their documents than spread, lonely ones.

A cluster's complexity is its spread times its gap to its neighbours. A softmax over complexities says
which share of the target each cluster should have; no cluster can give more than it holds, and what it
cannot is asked of all others alike. Within a cluster the hardest, farthest from the centroid, stay.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.geometry import geometry
from guyot.columns import CENTROIDS, CLUSTER, DISTANCE, Need
from guyot.cut import PruneRequest, Scores, floor_fraction
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.narrow import row_type
from guyot.prune.explanation import ExplanationInputs, number
from guyot.prune.ordering import firsts, places, spent_within
from guyot.prune.step import DistanceSide, StepDefaults
from guyot.vectors.threads import one_blas_thread


@dataclass(frozen=True)
class Density(StepDefaults):
    """Keep a quota of each cluster, by its complexity.

    `temperature` of the softmax: low favours complex clusters, high treats all alike. `neighbours`: the
    nearest other centroids that make a cluster's gap. `balance_fraction` of an equal share is each
    cluster's least; 0: its hardest document alone. As a step before the last it keeps `keep_fraction`.
    """

    method: Literal["density"] = "density"
    temperature: float = 0.1
    neighbours: int = 20
    balance_fraction: float = 0.0
    keep_fraction: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if not self.temperature > 0 or self.neighbours < 1 or not 0 <= self.balance_fraction <= 1:
            raise SettingError(
                f"density has temperature={self.temperature}, neighbours={self.neighbours}, balance_fraction="
                f"{self.balance_fraction}; choose above 0, at least 1, and 0 to 1"
            )

    @property
    def needs(self) -> tuple[Need, ...]:
        """The clusters, and how far they are apart."""
        return (CLUSTER, DISTANCE, CENTROIDS)

    @property
    def keeps_side(self) -> DistanceSide:
        """Within a cluster the far ones stay."""
        return "far"

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score documents by their distance, with a limit for each cluster."""
        return density_scores(
            documents.require(CLUSTER, of="step density"), documents.require(DISTANCE, of="step density"),
            documents.require(CENTROIDS, of="step density"), request, self,
        )  # fmt: skip

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put its distance beside the limit of its cluster."""
        return (
            f"its cosine distance to the centroid of its cluster {facts.values.get('cluster')} is "
            f"{number(facts.score)}; the nearest that this cluster's quota kept has {number(facts.threshold)}"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Put its distance beside the limit of its cluster."""
        return self.explain_kept(facts)


def density_scores(
    cluster: NDArray[np.int32],
    distance: NDArray[np.float32],
    centroids: NDArray[np.float16],
    request: PruneRequest,
    step: Density,
) -> Scores:
    """Score documents by their distance, with a limit for each cluster.

    Parameters
    ----------
    cluster : int32[n], nearest centroid
    distance : float32[n], cosine distance to it, 0-2
    centroids : float16[k, d], rows of unit length

    Returns
    -------
    Scores: the distance, in groups by cluster. Documents are ordered by how far they and the harder
    ones of their cluster go past the cluster's quota, so that the target is met to one document in any unit.

    Raises
    ------
    SettingError : the target is below the least of all clusters, or above what they hold.

    Notes
    -----
    O(n log n + k^2 d). Abbas et al. 2024 (arXiv:2401.04578). Complexity is measured over the documents
    that earlier steps left. Differs: the closed form in place of a QP solver, see `quotas`.

    Examples
    --------
    >>> one = PruneRequest(np.ones(4, np.int64), np.ones(4, bool), 2)
    >>> from guyot.vectors.exact import unit_float16
    >>> density_scores(np.array([0, 0, 1, 1], np.int32), np.array([.1, .2, .3, .1], np.float32),
    ...                unit_float16(np.eye(2, dtype=np.float32)), one, Density()).order.tolist()
    [2, 0, 1, 3]
    """
    target = request.to_keep("density")
    rows = np.flatnonzero(request.alive).astype(row_type(len(distance)))
    with one_blas_thread():
        shape = geometry(cluster[rows], distance[rows], centroids, n_neighbours=step.neighbours)
    hardest_first = rows[np.lexsort((-distance[rows], cluster[rows]))]  # of equals the lower row
    weights, of = request.weights[hardest_first], cluster[hardest_first]
    spent = spent_within(weights, of)
    held = np.bincount(of, weights=weights, minlength=len(centroids)).astype(np.int64)
    lower = _least(weights, of, spent, shape.size, held, floor_fraction(target, step.balance_fraction))
    wanted = shares(np.where(np.isnan(shape.gap), shape.spread, shape.complexity), step.temperature)
    quota = round_to_total(quotas(wanted, target, lower, held), lower, held, target)
    spent -= quota[of]  # past the quota
    order = places(hardest_first[np.lexsort((hardest_first, spent))], len(distance))
    return Scores(distance.astype(np.float64), "dense", order=order, group=cluster)


def shares(complexity: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Turn complexities into the share of the target that each cluster should have.

    Parameters
    ----------
    complexity : float64[k]; nan for an empty cluster, which gets nothing

    Returns
    -------
    float64[k], sums to 1

    Examples
    --------
    >>> shares(np.array([0.1, 0.1, np.nan]), 0.1).tolist()
    [0.5, 0.5, 0.0]
    """
    is_used = ~np.isnan(complexity)
    highest = complexity[is_used].max(initial=0.0)
    weight = np.where(is_used, np.exp((np.where(is_used, complexity, 0) - highest) / temperature), 0.0)
    return weight / max(weight.sum(), np.finfo(np.float64).tiny)


def quotas(
    wanted: NDArray[np.float64], target: int, lower: NDArray[np.int64], upper: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Find the quotas nearest to what is wanted that sum to the target: clip(wanted x target + shift).

    Parameters
    ----------
    wanted : float64[k], shares of the target
    lower, upper : int64[k], what each cluster gives at least and at most

    Returns
    -------
    float64[k]

    Raises
    ------
    SettingError : no quotas between the bounds sum to the target.

    Notes
    -----
    O(k log k). The minimum of sum (x - wanted x target)^2 under the bounds and the sum: one shift for all
    that are not at a bound, found between two of its 2 k break points, where the sum is a straight line.

    Examples
    --------
    >>> quotas(np.array([0.8, 0.1, 0.1]), 10, np.array([0, 0, 0]), np.array([4, 9, 9])).tolist()
    [4.0, 3.0, 3.0]
    """
    if not lower.sum() <= target <= upper.sum():
        raise SettingError(
            f"density was asked to keep {target:,}; {len(wanted):,} clusters must keep {int(lower.sum()):,} "
            f"at least and hold {int(upper.sum()):,}; change the target, or lower balance_fraction"
        )
    ideal = wanted * target
    breaks = np.sort(np.concatenate([lower - ideal, upper - ideal]))
    low, high = 0, len(breaks) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if np.clip(ideal + breaks[middle], lower, upper).sum() <= target:
            low = middle
        else:
            high = middle
    at_low = np.clip(ideal + breaks[low], lower, upper).sum()
    at_high = np.clip(ideal + breaks[high], lower, upper).sum()
    part = (target - at_low) / (at_high - at_low) if at_high > at_low else 0.0
    return np.clip(ideal + breaks[low] + part * (breaks[high] - breaks[low]), lower, upper)


def round_to_total(
    exact: NDArray[np.float64], lower: NDArray[np.int64], upper: NDArray[np.int64], target: int
) -> NDArray[np.int64]:
    """Round quotas to whole numbers that sum to the target: the largest remainders are rounded up.

    Parameters
    ----------
    exact : float64[k], between the bounds
    lower, upper : int64[k]

    Returns
    -------
    int64[k]; equal remainders are rounded up in the order of the clusters.

    Examples
    --------
    >>> round_to_total(np.array([1.5, 1.5, 2.0]), np.zeros(3, np.int64), np.full(3, 9), 5).tolist()
    [2, 1, 2]
    """
    floor = np.clip(np.floor(exact + 1e-9).astype(np.int64), lower, upper)  # 2.9999999999 is 3
    short = target - int(floor.sum())
    by_remainder = np.lexsort((np.arange(len(exact)), -np.round(exact - floor, 9)))
    while short != 0:  # once, unless many quotas are at a bound
        free = by_remainder[(floor < upper)[by_remainder]] if short > 0 else by_remainder[::-1]
        free = free if short > 0 else free[(floor > lower)[free]]
        floor[free[: abs(short)]] += np.sign(short)
        short = target - int(floor.sum())
    return floor


def _least(
    weights: NDArray[np.int64],
    of: NDArray[np.int32],
    spent: NDArray[np.int64],
    size: NDArray[np.int64],
    held: NDArray[np.int64],
    balanced: int,
) -> NDArray[np.int64]:
    """Return what each cluster keeps at least: int64[k].

    The paper's min(1, size - 1) documents, or with a balance an equal part of `balanced`.
    """
    is_used = size > 0
    if balanced:
        return np.where(is_used, np.minimum(held, balanced // max(1, int(is_used.sum()))), 0)
    least = np.zeros(len(size), np.int64)
    begins = firsts(of)
    least[of[begins]] = spent[begins]
    return np.where(size > 1, least, 0)

"""Small clusters and far documents first (SCIP): corrupted ones lie there, if the encoder is sensitive.

Whether it does is a property of the encoder: `guyot.audit.corruption.sensitivity` measures it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from guyot.columns import CLUSTER, DISTANCE, Need
from guyot.cut import PruneRequest, Scores, floor_fraction
from guyot.documents import Documents
from guyot.errors import ArrayError, SettingError
from guyot.narrow import Rows, row_type
from guyot.prune.explanation import ExplanationInputs, magnitude, number
from guyot.prune.ordering import places
from guyot.prune.step import DistanceSide, Facts, StepDefaults

AUDIT = "corruption_sensitivity"
SMALL_CLUSTER = "small_cluster"


@dataclass(frozen=True)
class SCIP(StepDefaults):
    """Drop `alpha` of what is dropped from the smallest clusters, the rest by distance, farthest first.

    `alpha` 1 is small clusters alone, 0 distance alone. `gate` says what happens where the encoder does
    not pass the audit of corruptions: a warning, or no mixture. As a step before the last it keeps
    `keep_fraction`.

    Raises
    ------
    SettingError : alpha below 0 or above 1.
    """

    method: Literal["scip"] = "scip"
    alpha: float = 0.8
    gate: Literal["warn", "refuse"] = "warn"
    keep_fraction: float | None = None

    audits: ClassVar[tuple[str, ...]] = (AUDIT,)
    explains_with_cluster_size: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.alpha <= 1:
            raise SettingError(f"scip has alpha={self.alpha}; choose from 0 to 1")

    @property
    def needs(self) -> tuple[Need, ...]:
        """The clusters and the distance."""
        return (CLUSTER, DISTANCE)

    @property
    def keeps_side(self) -> DistanceSide:
        """The far ones go."""
        return "near"

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Put documents in the order in which they are kept."""
        cluster = documents.require(CLUSTER, of="step scip")
        return scip_scores(cluster, documents.require(DISTANCE, of="step scip"), request, self)

    def warning(self, audits: Mapping[str, Facts | None]) -> str:
        """Warn that the encoder is not sensitive to corruptions, or raise, depending on `gate`."""
        found = audits.get(AUDIT) or {"passes": None, "said": "that was not audited yet"}
        if found["passes"] is True:
            return ""
        if self.gate == "refuse":
            raise SettingError(
                f"scip refuses this encoder: {found['said']}; choose another encoder, or gate='warn'"
            )
        return f"scip assumes an encoder that is sensitive to corruptions: {found['said']}."

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put its distance beside that of the farthest that stayed."""
        return (
            f"its cosine distance to the centroid of its cluster {facts.values.get('cluster')} is "
            f"{magnitude(facts.score)}; the farthest that stayed has {magnitude(facts.threshold)}"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Explain a drop by the size of its cluster, or by its distance."""
        if facts.reason != SMALL_CLUSTER:
            return self.explain_kept(facts)
        return (
            f"{number(facts.cluster_size)} documents of its cluster {facts.values.get('cluster')} reached "
            f"this step; {number(self.alpha)} of what goes goes from the smallest clusters up"
        )


def scip_scores(
    cluster: NDArray[np.int32], distance: NDArray[np.float32], request: PruneRequest, step: SCIP
) -> Scores:
    """Score documents by the order in which they are kept: the reverse of `scip_order`.

    Parameters
    ----------
    cluster : int32[n], 0 or more
    distance : float32[n], cosine distance to the nearest centroid, 0-2

    Returns
    -------
    Scores: minus the distance. The reason is `small_cluster` for what goes for its cluster's size, and
    such documents have no threshold; else `far`.

    Examples
    --------
    >>> one = PruneRequest(np.ones(3, np.int64), np.ones(3, bool), 2)
    >>> cluster, distance = np.array([0, 0, 1], np.int32), np.array([0.1, 0.2, 0.1], np.float32)
    >>> scip_scores(cluster, distance, one, SCIP(alpha=1)).other.tolist()
    [False, False, True]
    """
    to_go = int(request.weights[request.alive].sum()) - request.to_keep("scip")
    order, small = scip_order(cluster, distance, request.weights, request.alive, max(to_go, 0), step)
    line = places(order[::-1], len(distance))
    del order
    values = np.negative(distance, dtype=np.float64)
    return Scores(values, "far", order=line, other_reason=SMALL_CLUSTER, other=small, unscored=small)


def scip_order(
    cluster: NDArray[np.int32],
    distance: NDArray[np.float32],
    weights: NDArray[np.int64],
    alive: NDArray[np.bool_],
    drop_weight: int,
    step: SCIP,
) -> tuple[Rows, NDArray[np.bool_]]:
    """Order documents from the first to be dropped to the last.

    Parameters
    ----------
    cluster : int32[n], 0 or more
    distance : float32[n], cosine distance to the nearest centroid, 0-2
    weights : int64[n], what a document counts: 1, or its tokens, or its bytes; not negative
    alive : bool[n], the documents that earlier steps have left; cluster sizes are counts of these
    drop_weight : the weight that is to go

    Returns
    -------
    int32[m], or of 2^31 documents and more int64[m], the alive rows; and bool[n], those that go for their
    cluster's size, a beginning of them.

    Raises
    ------
    ArrayError : columns of different lengths, or an alive document whose distance is nan.
    SettingError : drop_weight below 0.

    Notes
    -----
    O(n log n). Yang et al. 2023 (arXiv:2312.02418): by size of the cluster, the smallest first, then by
    distance. Differs: all is ordered, so that a target is met exactly. Stage one is the longest run whose
    weight does not pass alpha x drop_weight, rounded down; it may end inside a cluster. In it the farther
    document goes first, in clusters of one size as if they were one. Of equal distances the higher row
    goes first, in both stages: keeping goes to the lower.

    Examples
    --------
    >>> order, small = scip_order(
    ...     np.array([0, 0, 0, 1, 1], np.int32), np.array([0.1, 0.9, 0.5, 0.2, 0.3], np.float32),
    ...     np.ones(5, np.int64), np.ones(5, bool), drop_weight=2, step=SCIP(alpha=0.5))
    >>> order.tolist(), small.tolist()
    ([4, 1, 2, 3, 0], [False, False, False, False, True])
    """
    _check(len(cluster), {"distance": distance, "weights": weights, "alive": alive})
    size = np.bincount(cluster[alive], minlength=int(cluster.max(initial=0)) + 1)
    return scip_order_by_size(size[cluster], distance, weights, alive, drop_weight, step)


def scip_order_by_size(
    size: NDArray[np.int64],
    distance: NDArray[np.float32],
    weights: NDArray[np.int64],
    alive: NDArray[np.bool_],
    drop_weight: int,
    step: SCIP,
) -> tuple[Rows, NDArray[np.bool_]]:
    """Order documents whose clusters' sizes are known from elsewhere, such as those of a sample.

    Parameters
    ----------
    size : int64[n], members of the document's cluster
    distance : float32[n]
    weights : int64[n]
    alive : bool[n]
    drop_weight, step : as for `scip_order`

    Returns
    -------
    int32[m] and bool[n], as `scip_order`.

    Raises
    ------
    ArrayError, SettingError : as `scip_order`.

    Examples
    --------
    >>> alike = np.zeros(3, np.float32), np.ones(3, np.int64), np.ones(3, bool)
    >>> scip_order_by_size(np.array([9, 1, 5]), *alike, drop_weight=3, step=SCIP(alpha=1.0))[0].tolist()
    [1, 2, 0]
    """
    _check(len(size), {"distance": distance, "weights": weights, "alive": alive})
    if drop_weight < 0:
        raise SettingError(f"a weight of {drop_weight} is to be dropped; it cannot be below 0")
    rows = np.flatnonzero(alive).astype(row_type(len(alive)))
    if np.isnan(distance[rows]).any():
        raise ArrayError(
            f"{int(np.isnan(distance[rows]).sum())} of {len(rows)} documents have a distance that is nan; "
            "assign them to centroids first"
        )
    from_small = rows[np.lexsort((-rows, -distance[rows], size[rows]))]
    spent = np.cumsum(weights[from_small])
    n_small = int(np.searchsorted(spent, floor_fraction(drop_weight, step.alpha), side="right"))
    small = np.zeros(len(alive), np.bool_)
    small[from_small[:n_small]] = True
    rest = rows[~small[rows]]
    from_far = rest[np.lexsort((-rest, -distance[rest]))]
    return np.concatenate([from_small[:n_small], from_far]), small


def _check(n_documents: int, columns: dict[str, NDArray[np.generic]]) -> None:
    """Refuse columns of different lengths."""
    found = {name: len(column) for name, column in columns.items()}
    if set(found.values()) != {n_documents}:
        raise ArrayError(f"{n_documents} documents came with columns of {found} rows; align them by doc_id")

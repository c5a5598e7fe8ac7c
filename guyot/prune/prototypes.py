"""Distance to the nearest centroid as difficulty (Beyond neural scaling laws, SSL prototypes)."""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.kmeans import KMeansSettings
from guyot.cluster.recluster import reclustered
from guyot.columns import CLUSTER, DISTANCE, KIND, VECTORS, Need
from guyot.cut import PruneRequest, Scores, floor_fraction
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.memo import mask_key
from guyot.prune.explanation import ExplanationInputs, magnitude
from guyot.prune.ordering import places, spent_within
from guyot.prune.step import DistanceSide, StepDefaults


@dataclass(frozen=True)
class Prototypes(StepDefaults):
    """Keep hard documents, far from their centroid, or as a control easy ones.

    With `recluster` the distance is to new centroids of the documents that earlier steps left, of which
    there are `n_clusters`, or where that is 0 as many as the lake has. With `balance` each cluster, or each
    kind, keeps at least `balance_fraction` of an equal part of the target, if it has that much.
    As a step before the last it keeps `keep_fraction` of all documents.
    """

    method: Literal["prototypes"] = "prototypes"
    keep: Literal["hard", "easy"] = "hard"
    recluster: bool = False
    n_clusters: int = 0
    balance: Literal["none", "cluster", "kind"] = "none"
    balance_fraction: float = 0.5
    keep_fraction: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.n_clusters and not self.recluster:
            raise SettingError(
                f"prototypes has n_clusters={self.n_clusters} without recluster=True; the lake's own "
                "centroids are as many as the setting n_clusters says"
            )
        if self.n_clusters < 0 or not 0 <= self.balance_fraction <= 1:
            raise SettingError(
                f"prototypes has n_clusters={self.n_clusters}, balance_fraction={self.balance_fraction}; "
                "choose at least 0, and 0 to 1"
            )

    @property
    def reclusters(self) -> bool:
        """Whether it measures the distance to new centroids."""
        return self.recluster

    @property
    def on_all_documents(self) -> "Prototypes":
        """With the clusters that the documents came with, unless another number of them is asked for."""
        return self if self.n_clusters else replace(self, recluster=False)

    @property
    def needs(self) -> tuple[Need, ...]:
        """The distance, or vectors to measure it anew, and the groups that are balanced."""
        kind = (KIND,) if self.balance == "kind" else ()
        if self.recluster:
            return (VECTORS, *kind)
        return (DISTANCE, *((CLUSTER,) if self.balance == "cluster" else ()), *kind)

    @property
    def keeps_side(self) -> DistanceSide:
        """Hard documents are the far ones."""
        return "far" if self.keep == "hard" else "near"

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        """Score by the distance to the given centroids, or to new ones of what is left."""
        cluster, distance = None, None
        if self.recluster:
            settings = self._clustering(request)
            vectors = documents.require(VECTORS, of="step prototypes")
            found = documents.memo.once(
                ("reclustered", mask_key(request.alive), settings),
                lambda: reclustered(vectors, documents.id_bits, request.alive, settings),
            )
            cluster, distance = found.cluster, found.distance
        else:
            distance = documents.require(DISTANCE, of="step prototypes")
        match self.balance:
            case "none":
                return prototypes_scores(distance, self)
            case "cluster":
                group = documents.require(CLUSTER, of="step prototypes") if cluster is None else cluster
                return prototypes_scores(distance, self, group, request)
            case "kind":
                group = documents.require(KIND, of="step prototypes")
                return prototypes_scores(distance, self, group, request)
            case _:
                assert_never(self.balance)

    def _clustering(self, request: PruneRequest) -> KMeansSettings:
        """Return the settings to cluster again with."""
        if request.clustering is None:
            raise SettingError(
                "step prototypes has recluster=True and was given no clustering; give prune KMeansSettings"
            )
        return replace(request.clustering, n_clusters=self.n_clusters or request.clustering.n_clusters)

    def explain_kept(self, facts: ExplanationInputs) -> str:
        """Put its distance beside that of the last that stayed."""
        nearest = "nearest" if self.keep == "hard" else "farthest"
        old = f"the centroid of its cluster {facts.values.get('cluster')}"
        among = "" if self.balance == "none" else f" of its {self.balance}"
        return (
            f"its cosine distance to {'its new centroid' if self.recluster else old} is "
            f"{magnitude(facts.score)}; the {nearest} that stayed{among} has {magnitude(facts.threshold)}"
        )

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        """Put its distance beside that of the last that stayed."""
        return self.explain_kept(facts)


def prototypes_scores(
    distance: NDArray[np.float32],
    step: Prototypes,
    group: NDArray[np.int32] | None = None,
    request: PruneRequest | None = None,
) -> Scores:
    """Score documents by their distance to the nearest centroid.

    Parameters
    ----------
    distance : float32[n], cosine distance, 0-2; not nan where documents are alive
    group : int32[n], each document's cluster or kind, for a step that balances them
    request : needed with a group

    Returns
    -------
    Scores: the distance where hard documents stay, minus the distance where easy ones do. With a balance
    the first in line are each group's best up to its least; then all go by the score.

    Notes
    -----
    O(n log n). Sorscher et al. 2022 (arXiv:2206.14486). With plenty of data keep the hard, with little the
    easy; far down any such cut loses to a draw at random. Differs: cosine distance, as in D4.

    Examples
    --------
    >>> prototypes_scores(np.array([0.25, 0.5], np.float32), Prototypes()).values.tolist()
    [0.25, 0.5]
    """
    sign, reason = (1.0, "prototypical") if step.keep == "hard" else (-1.0, "atypical")
    values = sign * distance.astype(np.float64)
    if group is None or request is None:
        return Scores(values, reason)
    return Scores(values, reason, order=_balanced(values, group, request, step.balance_fraction), group=group)


def _balanced(
    values: NDArray[np.float64], group: NDArray[np.int32], request: PruneRequest, fraction: float
) -> NDArray[np.int64]:
    """Put in line, first, the best of each group up to its least, then the others, each by value."""
    rows = np.flatnonzero(request.alive)
    n_groups = len(np.unique(group[rows]))
    least = floor_fraction(request.to_keep("prototypes"), fraction) // max(1, n_groups)
    best_first = rows[np.lexsort((rows, -values[rows], group[rows]))]
    spent = spent_within(request.weights[best_first], group[best_first])
    line = best_first[np.lexsort((best_first, -values[best_first], spent > least))]
    return places(line, len(values))

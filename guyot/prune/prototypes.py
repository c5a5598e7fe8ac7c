"""Distance to the nearest centroid as difficulty (Beyond neural scaling laws, SSL prototypes)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import NO_CLUSTER, assign
from guyot.cluster.kmeans import KMeansSettings, gather, kmeans, sample_rows
from guyot.cut import Asked, Scores, share
from guyot.errors import SettingError
from guyot.prune.line import places, spent_within
from guyot.vectors.exact import VectorBlocks


@dataclass(frozen=True)
class Prototypes:
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


def prototypes_scores(
    distance: NDArray[np.float32],
    step: Prototypes,
    group: NDArray[np.int32] | None = None,
    asked: Asked | None = None,
) -> Scores:
    """Score documents by their distance to the nearest centroid.

    Parameters
    ----------
    distance : float32[n], cosine distance, 0-2; not nan where documents are alive
    group : int32[n], each document's cluster or kind, for a step that balances them
    asked : needed with a group

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
    if group is None or asked is None:
        return Scores(values, reason)
    return Scores(values, reason, order=_balanced(values, group, asked, step.balance_fraction), group=group)


def _balanced(
    values: NDArray[np.float64], group: NDArray[np.int32], asked: Asked, fraction: float
) -> NDArray[np.int64]:
    """Put in line, first, the best of each group up to its least, then the others, each by value."""
    rows = np.flatnonzero(asked.alive)
    n_groups = len(np.unique(group[rows]))
    least = share(asked.to_keep("prototypes"), fraction) // max(1, n_groups)
    best_first = rows[np.lexsort((rows, -values[rows], group[rows]))]
    spent = spent_within(asked.weights[best_first], group[best_first])
    line = best_first[np.lexsort((best_first, -values[best_first], spent > least))]
    return places(line, len(values))


@dataclass(frozen=True)
class Reclustered:
    """New clusters of the documents that earlier steps left.

    cluster : int32[n]; -1 for documents that are not alive
    distance : float32[n], cosine distance to the nearest new centroid, 0-2; nan where not alive
    """

    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]


def reclustered(
    vectors: VectorBlocks,
    id_bits: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    settings: KMeansSettings,
) -> Reclustered:
    """Cluster the surviving documents anew.

    Parameters
    ----------
    vectors : read twice: for the sample and for the assignment
    id_bits : uint64[n], the first 64 bits of each doc_id
    alive : bool[n], the survivors

    Notes
    -----
    As `kmeans` on a sample of the survivors, then O(n k d) for the assignment.
    """
    sample = gather(vectors, sample_rows(id_bits, alive, settings))
    centroids = kmeans(sample, settings).vectors
    cluster = np.full(len(id_bits), NO_CLUSTER, np.int32)
    distance = np.full(len(id_bits), np.nan, np.float32)
    for rows, block in vectors.blocks():
        left = alive[rows]
        found = assign(np.asarray(block[left]), centroids)
        cluster[rows[left]], distance[rows[left]] = found.cluster, found.distance
    return Reclustered(cluster, distance)

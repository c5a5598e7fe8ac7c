"""Distance to the nearest centroid as difficulty (Beyond neural scaling laws, SSL prototypes)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, gather, kmeans, sample_rows
from guyot.cut import Scores
from guyot.vectors import VectorBlocks


@dataclass(frozen=True)
class Prototypes:
    """Keep hard documents, far from their centroid, or as a control easy ones.

    With `recluster` the distance is to new centroids of the documents that earlier steps left.
    """

    method: Literal["prototypes"] = "prototypes"
    keep: Literal["hard", "easy"] = "hard"
    recluster: bool = False


def prototypes_scores(distance: NDArray[np.float32], step: Prototypes) -> Scores:
    """Score documents by their distance to the nearest centroid.

    Parameters
    ----------
    distance : float32[n], cosine distance, 0-2

    Returns
    -------
    Scores: the distance where hard documents stay, minus the distance where easy ones do.

    Notes
    -----
    O(n). Sorscher et al. 2022 (arXiv:2206.14486). With plenty of data keep the hard, with little the
    easy; far down any such cut loses to a draw by lot. Differs: cosine distance, as in D4.

    Examples
    --------
    >>> prototypes_scores(np.array([0.25, 0.5], np.float32), Prototypes()).values.tolist()
    [0.25, 0.5]
    """
    if step.keep == "hard":
        return Scores(distance.astype(np.float64), "prototypical")
    return Scores(-distance.astype(np.float64), "atypical")


def distance_after_reclustering(
    vectors: VectorBlocks,
    id_bits: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    settings: KMeansSettings,
) -> NDArray[np.float32]:
    """Cluster the surviving documents anew and return their distances to the new centroids.

    Parameters
    ----------
    vectors : read twice: for the sample and for the assignment
    id_bits : uint64[n], the first 64 bits of each doc_id
    alive : bool[n], the survivors

    Returns
    -------
    float32[n], cosine distance, 0-2; nan for documents that are not alive

    Notes
    -----
    As `kmeans` on a sample of the survivors, then O(n k d) for the assignment.
    """
    sample = gather(vectors, sample_rows(id_bits, alive, settings))
    centroids = kmeans(sample, settings).vectors
    distance = np.full(len(id_bits), np.nan, np.float32)
    for rows, block in vectors.blocks():
        left = alive[rows]
        distance[rows[left]] = assign(np.asarray(block[left]), centroids).distance
    return distance

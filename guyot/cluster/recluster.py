"""New clusters of the documents that earlier steps left."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import NO_CLUSTER, Assignments, assign
from guyot.cluster.kmeans import KMeansSettings, gather, kmeans, sample_rows
from guyot.cluster.spherical_kmeans import Centroids
from guyot.vectors.exact import VectorBlocks
from guyot.vectors.threads import in_threads


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
    As `kmeans` on a sample of the survivors, then as `assign`, a few blocks at a time.
    """
    sample = gather(vectors, sample_rows(id_bits, alive, settings))
    centroids = kmeans(sample, settings)
    cluster = np.full(len(id_bits), NO_CLUSTER, np.int32)
    distance = np.full(len(id_bits), np.nan, np.float32)
    for rows, found in in_threads(functools.partial(_assigned, alive, centroids), vectors.blocks()):
        cluster[rows], distance[rows] = found.cluster, found.distance
    return Reclustered(cluster, distance)


def _assigned(
    alive: NDArray[np.bool_], centroids: Centroids, block: tuple[NDArray[np.int64], NDArray[np.float16]]
) -> tuple[NDArray[np.int64], Assignments]:
    """Assign the survivors of a block."""
    rows, vectors = block
    left = alive[rows]
    return rows[left], assign(vectors[left], centroids.vectors, groups=centroids.groups)

"""The work of each step by the number of documents, fitted to what was measured.

A step's core-seconds are a sum of terms, each a count of something times a rate: documents, products of
coordinates with centroids, products within lists. The rates are fitted, never below zero; the counts follow
from the code.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from guyot.cluster.kmeans import MAX_UNGROUPED, default_n_clusters

ITERATIONS, POINTS_PER_CLUSTER = 10, 64  # the defaults of a lake
PROBES = 8.0  # groups that are looked at for a document, on average; 5 to 32 were seen
POINTS_PER_GROUP = 256


@dataclass(frozen=True)
class Size:
    """How much there is: documents, coordinates of each, clusters; 0: as many as a lake has by default."""

    documents: int
    width: int
    clusters: int = 0

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return self.clusters or default_n_clusters(self.documents)

    @property
    def n_groups(self) -> int:
        """The number of their groups; 0: they lie in none."""
        return round(math.sqrt(self.n_clusters)) if self.n_clusters > MAX_UNGROUPED else 0

    @property
    def centroids_seen(self) -> float:
        """Centroids, and groups, that a document is multiplied with."""
        n_groups = self.n_groups
        return n_groups + PROBES * self.n_clusters / n_groups if n_groups else self.n_clusters


Terms = Callable[[Size], tuple[float, ...]]


def of_training(size: Size) -> tuple[float, ...]:
    """Count documents whose ids are sorted, and products of k-means."""
    sample = min(size.documents, POINTS_PER_CLUSTER * size.n_clusters)
    n_groups = size.n_groups
    seen = size.n_clusters / n_groups if n_groups else size.n_clusters
    products = ITERATIONS * sample * seen
    if n_groups:
        products += ITERATIONS * min(sample, POINTS_PER_GROUP * n_groups) * n_groups + sample * n_groups
    return size.documents, (products + 2 * sample * size.centroids_seen) * size.width


def of_assignment(size: Size) -> tuple[float, ...]:
    """Count documents, and products with centroids."""
    return size.documents, size.documents * size.centroids_seen * size.width


def of_scores(size: Size) -> tuple[float, ...]:
    """Count documents, and products within lists."""
    return size.documents, size.documents * (size.documents / size.n_clusters) * size.width


def of_documents(size: Size) -> tuple[float, ...]:
    """Count documents alone."""
    return (size.documents,)


TERMS: dict[str, Terms] = {
    "centroids": of_training,
    "cluster_assignments": of_assignment,
    "cluster_scores": of_scores,
}


@dataclass(frozen=True)
class Fit:
    """The rates of a step's terms, in core-seconds, and how far it is from what was measured at worst."""

    terms: Terms
    rates: tuple[float, ...]
    worst: float

    def core_seconds(self, size: Size) -> float:
        """Return what a step takes."""
        return float(np.dot(self.terms(size), self.rates))


def fit(step: str, measured: Sequence[tuple[Size, float]]) -> Fit:
    """Fit a step's rates to core-seconds that were measured, each relative to its own.

    Parameters
    ----------
    measured : sizes and core-seconds, one at least
    """
    terms = TERMS.get(step, of_documents)
    counts = np.array([terms(size) for size, _ in measured])
    seconds = np.array([spent for _, spent in measured])
    scale = counts.max(axis=0)
    rates = nnls(counts / scale / seconds[:, None], np.ones(len(seconds)))[0] / scale
    worst = float(np.abs(counts @ rates / seconds - 1).max())
    return Fit(terms, tuple(float(rate) for rate in rates), worst)

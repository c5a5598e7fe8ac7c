"""Clusters of known geometry: what density-based pruning keeps of each is what a general solver asks for."""

# ruff: noqa: T201  it prints

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.geometry import geometry
from guyot.cut import PruneRequest, floor_fraction, take
from guyot.prune.density import Density, density_scores, shares
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

WIDTH, N_KNOWN = 64, 12
ROUNDING = 2e-3  # of a float16 vector, in a cosine distance
FRACTIONS = (0.3, 0.45, 0.6)


@dataclass(frozen=True)
class Known:
    """Clusters whose geometry is known.

    vectors : float16[n, d]
    cluster : int32[n]
    centroids : float16[k, d]
    spread, gap : float64[k]
    """

    vectors: NDArray[np.float16]
    cluster: NDArray[np.int32]
    centroids: NDArray[np.float16]
    spread: NDArray[np.float64]
    gap: NDArray[np.float64]


def known_clusters(sizes: NDArray[np.int64], spread: NDArray[np.float64], lean: NDArray[np.float64]) -> Known:
    """Lay clusters on the sphere.

    A centroid leans from a common axis to one of its own, so two have the cosine of their leans' product.
    Members lie around it at cosine distances from half to one and a half times the spread.

    Parameters
    ----------
    sizes : int64[k]
    spread, lean : float64[k], the lean from 0 to 1, on the common axis: the less, the lonelier
    """
    n_clusters = len(sizes)
    axes = np.eye(WIDTH)
    centres = lean[:, None] * axes[0] + np.sqrt(1 - lean**2)[:, None] * axes[1 : n_clusters + 1]
    between = 1 - np.multiply.outer(lean, lean)
    np.fill_diagonal(between, 0)
    draw = generator(0, "known")
    cluster = np.repeat(np.arange(n_clusters, dtype=np.int32), sizes)
    distance = np.concatenate([s * np.linspace(0.5, 1.5, n) for s, n in zip(spread, sizes, strict=True)])
    own = centres[cluster]
    aside = draw.standard_normal((len(cluster), WIDTH))
    aside[:, : n_clusters + 1] = 0  # at right angles to every centroid, so that none is nearer than one's own
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    points = (1 - distance)[:, None] * own + np.sqrt(1 - (1 - distance) ** 2)[:, None] * aside
    gap = between.sum(axis=1) / (n_clusters - 1)
    vectors, centroids = (unit_float16(rows.astype(np.float32)) for rows in (points, centres))
    return Known(vectors, cluster, centroids, spread, gap)


def solved(
    wanted: NDArray[np.float64], target: int, lower: NDArray[np.int64], upper: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Solve the paper's quadratic program by a general solver."""
    from scipy.optimize import minimize

    return minimize(
        lambda x: 0.5 * (x**2).sum() - (wanted * target * x).sum(),
        np.minimum(np.full(len(wanted), target / len(wanted)), upper),
        jac=lambda x: x - wanted * target,
        bounds=list(zip(lower, upper, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - target, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    ).x


def kept_of(known: Known, fraction: float, temperature: float) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Keep a fraction by density: bool[n], and how many of each cluster, int64[k]."""
    n = len(known.cluster)
    asked = PruneRequest(np.ones(n, np.int64), np.ones(n, np.bool_), floor_fraction(n, fraction))
    placed, step = assign(known.vectors, known.centroids), Density(temperature=temperature)
    scores = density_scores(placed.cluster, placed.distance, known.centroids, asked, step)
    kept = take(scores, asked.weights, asked.alive, asked.to_keep("density"))
    return kept, np.bincount(known.cluster[kept], minlength=len(known.centroids))


def identities() -> dict[str, bool]:
    """Check what has to be exact, and print the quotas at the default temperature."""
    spread, lean = np.linspace(0.1, 0.45, N_KNOWN), np.linspace(0.9, 0.1, N_KNOWN)
    known = known_clusters(generator(0, "sizes").integers(50, 400, N_KNOWN), spread, lean)
    sizes, complexity = np.bincount(known.cluster), known.spread * known.gap
    placed = assign(known.vectors, known.centroids)
    measured = geometry(placed.cluster, placed.distance, known.centroids)
    found = {
        "every document is in the cluster it was laid in": bool((placed.cluster == known.cluster).all()),
        "spread and gap are those that were laid, to the rounding of a vector": bool(
            np.allclose(measured.spread, spread, atol=ROUNDING)
            and np.allclose(measured.gap, known.gap, atol=ROUNDING)
        ),
    }
    as_solved, grows, hardest, met = True, True, True, True
    for fraction in (0.2, *FRACTIONS, 0.8):
        for temperature in (0.03, 0.1, 0.5):
            kept, count = kept_of(known, fraction, temperature)
            target = floor_fraction(len(kept), fraction)
            asks = solved(shares(measured.complexity, temperature), target, np.ones(N_KNOWN), sizes)
            as_solved &= bool((np.abs(count - asks) < 1).all())
            grows &= bool((np.diff(count[count < sizes]) >= 0).all())  # they were laid from simple to complex
            met &= int(kept.sum()) == target
            of = [
                (placed.distance[known.cluster == one], kept[known.cluster == one]) for one in range(N_KNOWN)
            ]
            hardest &= all(d[~k].max(initial=-1) <= d[k].min(initial=2) for d, k in of)
            if (fraction, temperature) == (0.3, 0.1):
                print("Known clusters, 0.3 kept, temperature 0.1; documents / complexity / kept / solver's:")
                print("  " + ", ".join(f"{n} / {c:.3f} / {got} / {ask:.2f}" for n, c, got, ask
                                       in zip(sizes, complexity, count, asks, strict=True)))  # fmt: skip
    even = np.full(N_KNOWN, 200)
    alike = known_clusters(even, np.full(N_KNOWN, 0.2), np.full(N_KNOWN, 0.5))
    large = known_clusters(even, spread, lean)
    return found | {
        "each keeps what the QP solver asks for, to less than one document": as_solved,
        "the target is met to one document": met,
        "more complex clusters keep more, unless all that they have": grows,
        "in each the farthest from the centroid stay": hardest,
        "alike clusters keep alike": bool(np.ptp(kept_of(alike, 0.3, 0.1)[1]) <= 1),
        "a high temperature treats all alike": bool(np.ptp(kept_of(large, 0.3, 1e6)[1]) <= 1),
        "a low one keeps all of the most complex": bool(kept_of(large, 0.3, 1e-4)[1][-1] == even[-1]),
    }

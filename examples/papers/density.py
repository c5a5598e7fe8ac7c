"""Density-based pruning: quotas are a QP solver's, follow complexity, and keep what is rare and diverse.

    python examples/papers/density.py [--quick]

Abbas et al. 2024 (arXiv:2401.04578). First clusters on the sphere whose spread and distances are known to
the digit: what the library keeps of each is what a general solver of the paper's quadratic program asks for.
Then a mixture of one dense, easy concept and seven diverse ones: a linear classifier of concepts learns from
as many documents of each method's choice, and is tested on all concepts alike.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
from expectations import Expectation, by_seed
from findings import Findings, command
from known_clusters import FRACTIONS, identities
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import PruneRequest, floor_fraction, take
from guyot.prune.density import Density, density_scores
from guyot.prune.prototypes import Prototypes, prototypes_scores
from guyot.prune.random import Random, random_scores
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

WIDTH = 64
N_CONCEPTS, DENSE_SHARES = 8, (0.6, 0.4)
ARMS = ("density", "balanced density", "prototypes", "balanced prototypes", "random")
DIRECTIONS = (
    ("density", "prototypes"),
    ("density", "balanced prototypes"),
    ("density", "random"),
    ("balanced density", "random"),
    ("balanced prototypes", "random"),
)
TEST_PER_CONCEPT = 250


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    n_documents: int
    seeds: int
    dense_shares: tuple[float, ...]


FULL = Plan(n_documents=3000, seeds=24, dense_shares=DENSE_SHARES)
QUICK = Plan(n_documents=1000, seeds=4, dense_shares=DENSE_SHARES[:1])


def mixture(
    n_documents: int, dense_share: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Draw documents and tests: a dense concept, number 0, and diverse ones that overlap.

    Returns
    -------
    (float32[n, d] unit rows, int64[n] concepts, bool[n] is a test)
    """
    draw = generator(seed, "mixture")
    centres = draw.standard_normal((N_CONCEPTS, WIDTH)) * 0.25
    parts = np.array([dense_share, *[(1 - dense_share) / (N_CONCEPTS - 1)] * (N_CONCEPTS - 1)])
    train = draw.choice(N_CONCEPTS, n_documents, p=parts)
    concept = np.concatenate([train, np.repeat(np.arange(N_CONCEPTS), TEST_PER_CONCEPT)])
    spread = np.where(concept == 0, 0.15, 0.6)[:, None]
    points = centres[concept] + draw.standard_normal((len(concept), WIDTH)) * spread
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), concept, np.arange(len(concept)) >= n_documents


def accuracies(n_documents: int, dense_share: float, seed: int) -> dict[tuple[float, str], list[float]]:
    """Return, by kept fraction and arm, a classifier's macro accuracy and the dense share of what it read."""
    from sklearn.linear_model import LogisticRegression

    points, concept, is_test = mixture(n_documents, dense_share, seed)
    test, truth, points, concept = points[is_test], concept[is_test], points[~is_test], concept[~is_test]
    vectors = unit_float16(points)
    centroids = kmeans(vectors, KMeansSettings(24, 20, 256, seed)).vectors
    placed = assign(vectors, centroids)
    cluster, distance = placed.cluster, placed.distance
    bits = generator(seed, "ids").integers(0, 2**64, n_documents, np.uint64)
    found: dict[tuple[float, str], list[float]] = {}
    for fraction in FRACTIONS:
        target = floor_fraction(n_documents, fraction)
        asked = PruneRequest(np.ones(n_documents, np.int64), np.ones(n_documents, np.bool_), target)
        scores = {
            "density": density_scores(cluster, distance, centroids, asked, Density()),
            "balanced density": density_scores(
                cluster, distance, centroids, asked, Density(balance_fraction=0.5)
            ),
            "balanced prototypes": prototypes_scores(distance, Prototypes(balance="cluster"), cluster, asked),
            "prototypes": prototypes_scores(distance, Prototypes()),
            "random": random_scores(bits, Random(seed)),
        }
        for arm in ARMS:
            kept = take(scores[arm], asked.weights, asked.alive, target)
            learner = LogisticRegression(C=10, max_iter=500).fit(points[kept], concept[kept])
            # every concept is tested as often, so this is the mean over concepts
            accuracy = float((learner.predict(test) == truth).mean())
            found[fraction, arm] = [accuracy, float((concept[kept] == 0).mean())]
    return found


def of_mixtures(n_documents: int, dense_share: float, n_seeds: int) -> list[Expectation]:
    """Train, print every mean, and list the directions."""
    listed: list[Expectation] = []
    runs = [accuracies(n_documents, dense_share, seed) for seed in range(n_seeds)]
    print(f"\nMixtures of {n_documents:,} documents, {dense_share} of them dense, {n_seeds} seeds: macro "
          "accuracy (how much of the kept is dense)")  # fmt: skip
    for fraction in FRACTIONS:
        means = {arm: np.mean([run[fraction, arm] for run in runs], axis=0) for arm in ARMS}
        told = ", ".join(f"{arm} {accuracy:.4f} ({dense:.0%})" for arm, (accuracy, dense) in means.items())
        print(f"  {fraction} kept: {told}")
        for one, other in DIRECTIONS:
            claim = f"{dense_share} dense, {fraction} kept: {one} - {other}"
            pair = ([run[fraction, arm][0] for run in runs] for arm in (one, other))
            listed.append(Expectation(claim, "above 0", by_seed(*pair)))
    return listed


def main(chosen: Plan) -> Findings:
    """Check, train, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    exact = identities()
    expectations = [
        each for part in chosen.dense_shares for each in of_mixtures(chosen.n_documents, part, chosen.seeds)
    ]
    print("\nDifferences in macro accuracy, means and intervals over seeds; "
          f"{time.perf_counter() - begun:.0f} s.")  # fmt: skip
    return Findings(
        expectations, exact, gate="0.6 dense, 0.3 kept: density - prototypes", n_seeds=chosen.seeds
    )


if __name__ == "__main__":
    with threadpool_limits(1):  # the learner's many small sums are slower on two threads
        command(main, FULL, QUICK)

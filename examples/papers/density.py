"""Density-based pruning: quotas are a QP solver's, follow complexity, and keep what is rare and diverse.

    python examples/papers/density.py [--quick]

Abbas et al. 2024 (arXiv:2401.04578). One concept is dense and easy and makes up most of the documents, the
others are spread. A linear classifier of concepts is trained on what each method keeps, at equal numbers.
"""

# ruff: noqa: T201  it prints

import sys

import numpy as np
from expectations import DRAWS, Expectation, difference, show
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import Asked, share, take
from guyot.prune.density import Density, density_scores, quotas, shares
from guyot.prune.prototypes import Prototypes, prototypes_scores
from guyot.prune.random import Random, random_scores
from guyot.seeds import generator
from guyot.vectors import unit_float16

WIDTH, N_CONCEPTS = 32, 8
ARMS = ("density", "balanced prototypes", "prototypes", "random")
FRACTIONS = (0.3, 0.45, 0.6)
TEST_PER_CONCEPT = 200


def concepts(n_documents: int, seed: int, stream: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw documents: 60% of a tight concept, the others of spread ones that overlap."""
    centres = generator(seed, "centres").standard_normal((N_CONCEPTS, WIDTH)) * 0.45
    draw = generator(seed, stream, n_documents)
    weights = np.array([0.6, *[0.4 / (N_CONCEPTS - 1)] * (N_CONCEPTS - 1)])
    if stream == "test":
        concept = np.repeat(np.arange(N_CONCEPTS), TEST_PER_CONCEPT)
    else:
        concept = draw.choice(N_CONCEPTS, n_documents, p=weights)
    spread = np.where(concept == 0, 0.15, 0.6)[:, None]
    return centres[concept] + draw.standard_normal((len(concept), WIDTH)) * spread, concept


def accuracies(n_documents: int, fraction: float, seed: int) -> dict[str, float]:
    """Return the macro accuracy of a classifier trained on what each arm keeps."""
    from sklearn.linear_model import LogisticRegression

    points, concept = concepts(n_documents, seed, "train")
    test, truth = concepts(n_documents, seed, "test")
    vectors = unit_float16(points.astype(np.float32))
    centroids = kmeans(vectors, KMeansSettings(24, 20, 256, seed)).vectors
    placed = assign(vectors, centroids)
    target = share(n_documents, fraction)
    asked = Asked(np.ones(n_documents, np.int64), np.ones(n_documents, np.bool_), target)
    bits = generator(seed, "ids").integers(0, 2**63, n_documents).astype(np.uint64)
    balanced = Prototypes(balance="cluster", balance_fraction=1.0)
    scores = {
        "density": density_scores(
            placed.cluster, placed.distance, centroids, asked, Density(temperature=0.05)
        ),
        "balanced prototypes": prototypes_scores(placed.distance, balanced, placed.cluster, asked),
        "prototypes": prototypes_scores(placed.distance, Prototypes()),
        "random": random_scores(bits, Random(seed)),
    }
    found = {}
    for arm, scored in scores.items():
        kept = take(scored, asked.weights, asked.alive, target)
        learner = LogisticRegression(max_iter=300).fit(points[kept], concept[kept])
        found[arm] = float((learner.predict(test) == truth).mean())  # each concept is tested as often
    return found


def solved(wanted: NDArray[np.float64], target: int, upper: NDArray[np.int64]) -> NDArray[np.float64]:
    """Solve the paper's quadratic program by a general solver."""
    from scipy.optimize import minimize

    return minimize(
        lambda x: 0.5 * (x**2).sum() - (wanted * target * x).sum(),
        np.minimum(np.full(len(wanted), target / len(wanted)), upper),
        jac=lambda x: x - wanted * target,
        bounds=[(0, most) for most in upper],
        constraints={"type": "eq", "fun": lambda x: x.sum() - target, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    ).x


def identities() -> dict[str, bool]:
    """Check quotas on clusters of known complexity."""
    draw = generator(0, "known")
    complexity, upper = np.sort(draw.uniform(0.02, 0.35, 12)), draw.integers(50, 400, 12)
    target, lower = int(upper.sum() * 0.5), np.zeros(12, np.int64)
    found = quotas(shares(complexity, 0.1), target, lower, upper)
    free = found < upper - 1e-6
    wide = np.full(12, 10_000)
    return {
        "quotas are the QP solver's to 0.001": bool(
            np.allclose(found, solved(shares(complexity, 0.1), target, upper), atol=1e-3)
        ),
        "quotas grow with complexity where no cluster is used up": bool((np.diff(found[free]) > 0).all()),
        "equal complexity, equal quotas": bool(
            np.allclose(quotas(shares(np.full(12, 0.1), 0.1), 600, lower, wide), 50)
        ),
        "a high temperature treats all alike": bool(
            np.allclose(quotas(shares(complexity, 1e6), 600, lower, wide), 50, atol=0.01)
        ),
        "a low one gives all to the most complex": bool(
            np.isclose(quotas(shares(complexity, 1e-5), 600, lower, wide)[-1], 600)
        ),
    }


def main() -> None:
    """Check, train, and print what was expected and what was measured."""
    quick = "--quick" in sys.argv[1:]
    n_documents, seeds = (1500, 5) if quick else (3000, 16)
    expectations = []
    for fraction in FRACTIONS:
        runs = [accuracies(n_documents, fraction, seed) for seed in range(seeds)]
        told = ", ".join(f"{arm} {np.mean([run[arm] for run in runs]):.4f}" for arm in ARMS)
        print(f"{fraction} of {n_documents:,} kept, {seeds} seeds: macro accuracy {told}")
        for other in ARMS[1:]:
            pairs = [([np.full(1 + DRAWS, run[arm]) for run in runs]) for arm in ("density", other)]
            claim = f"{fraction} kept: density - {other}"
            expectations.append(Expectation(claim, "above 0", difference(*pairs)))
    show(expectations, gate="0.3 kept: density - prototypes", identities=identities())


if __name__ == "__main__":
    main()

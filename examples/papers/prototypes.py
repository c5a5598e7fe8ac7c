"""Beyond neural scaling laws: keep the hard with plenty of data, the easy with little, and mind the probe.

    python examples/papers/prototypes.py [--quick]

Sorscher et al. 2022 (arXiv:2206.14486). First their theory: a perceptron learns a teacher from examples that
a probe at some angle to the teacher called hard or easy; alpha is examples per dimension before pruning.
Then handwritten digits, pruned by the distance to the nearest of 10 centroids, without labels.
"""

# ruff: noqa: T201  it prints

import sys
import warnings

import numpy as np
from expectations import DRAWS, Expectation, difference, show
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import Asked, Scores, share, take
from guyot.prune.prototypes import Prototypes, prototypes_scores
from guyot.prune.random import Random, random_scores
from guyot.seeds import generator
from guyot.vectors import unit_float16

KINDS = ("hard", "easy", "random")
TEST_DIGITS = 500


def kept_by(kind: str, difficulty: NDArray[np.float64], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Keep a fraction by the library's own scores."""
    n = len(difficulty)
    asked = Asked(np.ones(n, np.int64), np.ones(n, np.bool_), share(n, fraction))
    scores: Scores
    if kind == "random":
        bits = generator(seed, "ids", n).integers(0, 2**63, n).astype(np.uint64)
        scores = random_scores(bits, Random(seed))
    else:
        step = Prototypes(keep="hard" if kind == "hard" else "easy")
        scores = prototypes_scores(difficulty.astype(np.float32), step)
    return take(scores, asked.weights, asked.alive, asked.to_keep("prototypes"))


def perceptron_error(
    kind: str, alpha: float, fraction: float, degrees: float, dimensions: int, seed: int
) -> float:
    """Return the test error of a student that learnt from what was kept: its angle to the teacher over pi."""
    from sklearn.svm import LinearSVC

    draw = generator(seed, "perceptron", int(alpha), int(degrees))
    teacher, aside = np.linalg.qr(draw.standard_normal((dimensions, 2)))[0].T
    probe = np.cos(np.radians(degrees)) * teacher + np.sin(np.radians(degrees)) * aside
    examples = draw.standard_normal((round(alpha * dimensions), dimensions))
    margin = np.abs(examples @ probe)  # a wide margin is easy: near to the centroid, in the library's words
    kept = kept_by(kind, margin.max() - margin, fraction, seed)
    answers = np.sign(examples @ teacher)[kept]
    if len(set(answers.tolist())) < 2:
        return 0.5
    learner = LinearSVC(C=1e3, loss="squared_hinge", fit_intercept=False, max_iter=5000, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        student = learner.fit(examples[kept], answers).coef_[0]
    return float(np.arccos(np.clip(student @ teacher / np.linalg.norm(student), -1, 1)) / np.pi)


def digit_errors(n_train: int, fraction: float, seed: int) -> dict[str, float]:
    """Return a classifier's test error by what its training digits were pruned by, and without pruning."""
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    pixels, labels = load_digits(return_X_y=True)
    order = generator(seed, "digits").permutation(len(labels))
    train, test = order[TEST_DIGITS : TEST_DIGITS + n_train], order[:TEST_DIGITS]
    vectors = unit_float16((pixels[train] - pixels[train].mean(axis=0)).astype(np.float32))
    clustering = KMeansSettings(n_clusters=10, iterations=20, points_per_cluster=256, seed=seed)
    distance = assign(vectors, kmeans(vectors, clustering).vectors).distance.astype(np.float64)
    found = {}
    for kind in ("full", *KINDS):
        kept = np.ones(n_train, np.bool_) if kind == "full" else kept_by(kind, distance, fraction, seed)
        if len(set(labels[train][kept].tolist())) < 2:
            found[kind] = 0.9
            continue
        learnt = SVC(C=10).fit(pixels[train][kept], labels[train][kept])
        found[kind] = 1 - float(learnt.score(pixels[test], labels[test]))
    return found


def by_seed(values: list[float]) -> list[NDArray[np.float64]]:
    """Give each seed's value to every draw, so that an interval is over seeds alone."""
    return [np.full(1 + DRAWS, value) for value in values]


def main() -> None:
    """Run both and print what was expected and what was measured."""
    quick = "--quick" in sys.argv[1:]
    dimensions, n_seeds, digit_seeds = (40, 6, 6) if quick else (100, 12, 24)
    expectations: list[Expectation] = []

    def expect(claim: str, direction: str, one: list[float], other: list[float]) -> None:
        found = difference(by_seed(one), by_seed(other))
        expectations.append(Expectation(claim, direction, found))  # pyright: ignore[reportArgumentType]

    errors = {
        (kind, alpha, degrees): [
            perceptron_error(kind, alpha, 0.3, degrees, dimensions, seed) for seed in range(n_seeds)
        ]
        for kind in KINDS for alpha in (1, 3, 10, 30) for degrees in (0, 20)
    }  # fmt: skip
    print(f"perceptron of {dimensions} dimensions, 0.3 kept, {n_seeds} seeds: mean test error")
    for alpha in (1, 3, 10, 30):
        told = ", ".join(
            f"{kind} {np.mean(errors[kind, alpha, 0]):.3f} / {np.mean(errors[kind, alpha, 20]):.3f}"
            for kind in KINDS
        )
        print(f"  alpha {alpha:>2}, probe at 0 / 20 degrees: {told}")
    expect("alpha 1: hard - random", "above 0", errors["hard", 1, 0], errors["random", 1, 0])
    expect("alpha 1: easy - random", "below 0", errors["easy", 1, 0], errors["random", 1, 0])
    expect("alpha 30: hard - random", "below 0", errors["hard", 30, 0], errors["random", 30, 0])
    expect("alpha 30: hard - easy", "below 0", errors["hard", 30, 0], errors["easy", 30, 0])
    expect(
        "alpha 10: hard, probe at 20 - at 0 degrees", "above 0", errors["hard", 10, 20], errors["hard", 10, 0]
    )
    for n_train, fraction in ((1290, 0.8), (1290, 0.3), (50, 0.3)):
        runs = [digit_errors(n_train, fraction, seed) for seed in range(digit_seeds)]
        told = ", ".join(f"{kind} {100 * np.mean([run[kind] for run in runs]):.2f}%" for kind in runs[0])
        print(f"{n_train} digits, {fraction} kept, {digit_seeds} seeds: mean test error {told}")
        hard, easy, lot, full = ([run[kind] for run in runs] for kind in ("hard", "easy", "random", "full"))
        if fraction == 0.8:
            expect("1290 digits, 0.8 kept: hard - easy", "below 0", hard, easy)
            expect("1290 digits, 0.8 kept: hard - full", "any", hard, full)
        elif n_train == 50:
            expect("50 digits, 0.3 kept: easy - hard", "below 0", easy, hard)
        else:
            expect("1290 digits, 0.3 kept: random - hard", "below 0", lot, hard)
    show(expectations, gate="alpha 30: hard - random")


if __name__ == "__main__":
    main()

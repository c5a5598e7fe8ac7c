"""Beyond neural scaling laws: keep the hard with plenty of data, the easy with little, and mind the probe.

    python examples/papers/prototypes.py [--quick]

Sorscher et al. 2022 (arXiv:2206.14486). First their theory: a perceptron learns a teacher from examples that
a probe at some angle to the teacher called hard or easy; alpha is examples per dimension before pruning, the
student has the widest margin, and its test error is its angle to the teacher over pi. Then handwritten
digits, pruned by the distance to the nearest of 10 centroids, without labels, and read by a support vector
machine. Seeds draw the teacher, the examples and the lots, or which digits there are.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from expectations import Direction, Expectation, by_seed
from findings import Findings, command
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import PruneRequest, Scores, floor_fraction, take
from guyot.prune.prototypes import Prototypes, prototypes_scores
from guyot.prune.random import Random, random_scores
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

Kind = Literal["hard", "easy", "random"]
KINDS: tuple[Kind, ...] = ("hard", "easy", "random")
FULL, WITHIN = "full", " within classes"
ALPHAS, FRACTIONS, ANGLES = (1, 3, 10, 30), (0.3, 0.6), (0, 20)
TEST_DIGITS = 507  # of 1,797
MUCH, LITTLE = 1290, 50
LOSS = 0.005  # of test error: what counts as none


@dataclass(frozen=True)
class Plan:
    """How large and how often."""

    dimensions: int
    seeds: int
    seeds_of_digits: dict[int, int]  # by the number of digits: with few, which they are decides the most


THOROUGH = Plan(dimensions=100, seeds=24, seeds_of_digits={MUCH: 24, LITTLE: 200})
QUICK = Plan(dimensions=40, seeds=8, seeds_of_digits={MUCH: 4, LITTLE: 12})


def kept_by(
    kind: Kind,
    distance: NDArray[np.float64],
    fraction: float,
    seed: int,
    labels: NDArray[np.int32] | None = None,
) -> NDArray[np.bool_]:
    """Keep a fraction by the library's own scores.

    Parameters
    ----------
    distance : float64[n], far is hard
    labels : int32[n], for a cut in which every class keeps an equal part
    """
    n = len(distance)
    asked = PruneRequest(np.ones(n, np.int64), np.ones(n, np.bool_), floor_fraction(n, fraction))
    scores: Scores
    if kind == "random":
        bits = generator(seed, "ids", n).integers(0, 2**64, n, np.uint64)
        scores = random_scores(bits, Random(seed))
    else:
        step = Prototypes(keep=kind, balance="none" if labels is None else "kind", balance_fraction=1.0)
        scores = prototypes_scores(distance.astype(np.float32), step, labels, asked)
    return take(scores, asked.weights, asked.alive, asked.to_keep("prototypes"))


def widest_margin(toward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction with the widest margin, of whatever length, float64[d].

    It is that of the point of the examples' hull which is nearest to the origin: weights a >= 0 that make
    |a X|^2 + (sum a - 1)^2 least give a multiple of that point. Exact, without a constant to choose.

    Parameters
    ----------
    toward : float64[n, d], examples times their labels; some direction has all on its side
    """
    from scipy.optimize import nnls

    system = np.vstack([toward.T, np.ones(len(toward))])
    weights, _ = nnls(system, np.append(np.zeros(toward.shape[1]), 1.0))
    return weights @ toward


def perceptron_errors(alpha: int, dimensions: int, seed: int) -> dict[tuple[Kind, float, int], float]:
    """Return students' test errors by kind, kept fraction and the probe's angle, all of the same examples."""
    draw = generator(seed, "perceptron", alpha)
    teacher, aside = np.linalg.qr(draw.standard_normal((dimensions, 2)))[0].T
    examples = draw.standard_normal((alpha * dimensions, dimensions))
    toward = examples * np.sign(examples @ teacher)[:, None]
    found: dict[tuple[Kind, float, int], float] = {}
    for angle in ANGLES:
        probe = np.cos(np.radians(angle)) * teacher + np.sin(np.radians(angle)) * aside
        margin = np.abs(examples @ probe)  # a wide one is easy: near to the centroid, in the library's words
        for fraction in FRACTIONS:
            for kind in KINDS:
                kept = kept_by(kind, 1 - margin / margin.max(), fraction, seed)
                student = widest_margin(toward[kept])
                cosine = student @ teacher / np.linalg.norm(student)
                found[kind, fraction, angle] = float(np.arccos(np.clip(cosine, -1, 1)) / np.pi)
    return found


def digit_errors(n_train: int, fraction: float, seed: int) -> dict[str, float]:
    """Return a classifier's test errors by what its digits were pruned by, and without pruning."""
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    pixels, labels = load_digits(return_X_y=True)
    order = generator(seed, "digits").permutation(len(labels))
    test, train = order[:TEST_DIGITS], order[TEST_DIGITS : TEST_DIGITS + n_train]
    vectors = unit_float16((pixels - pixels[train].mean(axis=0)).astype(np.float32))
    clustering = KMeansSettings(n_clusters=10, iterations=20, points_per_cluster=256, seed=seed)
    distance = assign(vectors[train], kmeans(vectors[train], clustering).vectors).distance.astype(np.float64)
    cuts = {FULL: np.ones(n_train, np.bool_)}
    for kind in KINDS:
        cuts[kind] = kept_by(kind, distance, fraction, seed)
        if kind != "random":
            cuts[kind + WITHIN] = kept_by(kind, distance, fraction, seed, labels[train].astype(np.int32))
    found: dict[str, float] = {}
    for name, kept in cuts.items():
        learnt = SVC(C=10).fit(vectors[train][kept].astype(np.float64), labels[train][kept])
        found[name] = 1 - float(learnt.score(vectors[test].astype(np.float64), labels[test]))
    return found


def of_the_perceptron(chosen: Plan) -> list[Expectation]:
    """Measure the theory, print every mean, and list its directions."""
    errors: dict[tuple[int, Kind, float, int], list[float]] = {}
    for alpha in ALPHAS:
        for seed in range(chosen.seeds):
            for key, error in perceptron_errors(alpha, chosen.dimensions, seed).items():
                errors.setdefault((alpha, *key), []).append(error)
    print(f"Perceptron of {chosen.dimensions} dimensions, {chosen.seeds} seeds: mean test error "
          f"{' / '.join(KINDS)}")  # fmt: skip
    for angle in ANGLES:
        for fraction in FRACTIONS:
            cells = [
                " / ".join(f"{np.mean(errors[alpha, kind, fraction, angle]):.3f}" for kind in KINDS)
                for alpha in ALPHAS
            ]
            told = ", ".join(f"alpha {alpha}: {cell}" for alpha, cell in zip(ALPHAS, cells, strict=True))
            print(f"  probe at {angle:2} degrees, {fraction} kept, {told}")

    def expect(
        claim: str,
        direction: Direction,
        one: tuple[int, Kind, float, int],
        other: tuple[int, Kind, float, int],
    ) -> Expectation:
        return Expectation(claim, direction, by_seed(errors[one], errors[other]))

    listed: list[Expectation] = []
    for kept in FRACTIONS:
        few, many = f"alpha 1, {kept} kept", f"alpha 30, {kept} kept"
        listed += [
            expect(f"{few}: hard - random", "above 0", (1, "hard", kept, 0), (1, "random", kept, 0)),
            expect(f"{few}: easy - hard", "below 0", (1, "easy", kept, 0), (1, "hard", kept, 0)),
            expect(f"{many}: hard - random", "below 0", (30, "hard", kept, 0), (30, "random", kept, 0)),
            expect(f"{many}: hard - easy", "below 0", (30, "hard", kept, 0), (30, "easy", kept, 0)),
            expect(f"{many}: easy - random", "any", (30, "easy", kept, 0), (30, "random", kept, 0)),
        ]
    for alpha in (10, 30):
        claim = f"alpha {alpha}, 0.3 kept: hard, probe at 20 - at 0 degrees"
        listed.append(expect(claim, "above 0", (alpha, "hard", 0.3, 20), (alpha, "hard", 0.3, 0)))
    for angle, direction in ((0, "any"), (20, "above 0")):
        claim = f"alpha 30, probe at {angle} degrees: hard, 0.3 - 0.6 kept"
        listed.append(expect(claim, direction, (30, "hard", 0.3, angle), (30, "hard", 0.6, angle)))
    return listed


def of_digits(chosen: Plan) -> list[Expectation]:
    """Measure digits, print every mean, and list the directions."""
    listed: list[Expectation] = []
    print("\nDigits: mean test error")
    for n_train, fraction in ((MUCH, 0.8), (MUCH, 0.6), (MUCH, 0.3), (LITTLE, 0.3)):
        n_seeds = chosen.seeds_of_digits[n_train]
        runs = [digit_errors(n_train, fraction, seed) for seed in range(n_seeds)]
        found = {name: [run[name] for run in runs] for name in runs[0]}
        told = ", ".join(f"{name} {100 * np.mean(errors):.2f}%" for name, errors in found.items())
        print(f"  {n_train} digits, {fraction} kept, {n_seeds} seeds: {told}")
        claim = f"{n_train} digits, {fraction} kept"
        pairs: list[tuple[str, str, Direction]] = [
            ("random", "hard", "below 0"),
            ("random", "easy", "below 0"),
        ]
        if n_train == LITTLE:
            pairs += [("easy", "hard", "below 0"), ("easy" + WITHIN, "hard" + WITHIN, "below 0")]
        elif fraction > 0.5:
            pairs = [("hard", "easy", "below 0"), ("hard", "random", "any")]
            allowed = by_seed(found["hard"], [error + LOSS for error in found[FULL]])
            listed.append(Expectation(f"{claim}: hard - full - {LOSS} allowed", "below 0", allowed))
        listed += [
            Expectation(f"{claim}: {one} - {other}", direction, by_seed(found[one], found[other]))
            for one, other, direction in pairs
        ]
    return listed


def main(chosen: Plan) -> Findings:
    """Run both and tell what was expected and what was measured."""
    begun = time.perf_counter()
    expectations = of_the_perceptron(chosen) + of_digits(chosen)
    print(
        f"\nDifferences in test error, means and intervals over seeds; {time.perf_counter() - begun:.0f} s."
    )
    return Findings(expectations, gate="alpha 30, 0.3 kept: hard - random", n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, THOROUGH, QUICK)

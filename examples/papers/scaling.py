"""Beyond neural scaling laws on real code: does pruning bend the curve of loss against data?

    python examples/papers/scaling.py [--quick]

Sorscher et al. 2022 (arXiv:2206.14486), figures 1 and 3. Pools of Python files, each twice as large as the
one before, are pruned by the distance to the nearest of their own centroids: a half or a quarter is kept, the
hard or the easy. A model of byte n-grams reads what is kept once, and is scored on files of packages that no
pool has. Fractions are halves, so that an amount that is read comes from several pools: from one that is read
whole, and from larger ones that were pruned. A power law c + a P^-b and an exponential c + a exp(-P / s) are
fitted to each curve without its largest amounts, and these decide which is better: the difference of Akaike's
criterion over them, n log of the mean square (both have three parameters). A token is a byte.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
from byte_ngram import nats_of, read
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from growth import FORMS, Fit, fitted, held_out_score
from numpy.typing import NDArray
from python_files import PythonFile, documents_of, first, python_files, split

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.documents import Documents
from guyot.encoders.hashing import HashingEncoder
from guyot.prune import Step, prune
from guyot.prune.everything import Everything
from guyot.prune.prototypes import Prototypes
from guyot.vectors.exact import unit_float16

ALL = "all"
ARMS: dict[str, tuple[Step, float]] = {
    ALL: (Everything(), 1.0),
    "hard half": (Prototypes(), 0.5),
    "easy half": (Prototypes(keep="easy"), 0.5),
    "hard quarter": (Prototypes(), 0.25),
    "easy quarter": (Prototypes(keep="easy"), 0.25),
}
HELD_OUT_SIZES = 2  # the largest amounts of a curve, which choose between the fits


@dataclass(frozen=True)
class Plan:
    """How much is read: the smallest pool, in bytes, and how often it doubles; the files that are scored."""

    smallest: int
    doublings: int
    files_per_package: int
    n_scored: int
    seeds: int


FULL = Plan(smallest=125_000, doublings=7, files_per_package=150, n_scored=300, seeds=10)
QUICK = Plan(smallest=60_000, doublings=5, files_per_package=6, n_scored=60, seeds=5)


@dataclass(frozen=True)
class Curve:
    """What an arm's models pay, by what they read.

    asked : float64[p], bytes that were to be kept, ascending
    kept : float64[p], bytes that were
    loss : float64[p], bits per byte
    """

    asked: NDArray[np.float64]
    kept: NDArray[np.float64]
    loss: NDArray[np.float64]

    def at(self, asked: float) -> float:
        """Return the loss of one amount."""
        return float(self.loss[self.asked == asked][0])


def curves_of(files: list[PythonFile], chosen: Plan, seed: int) -> dict[str, Curve]:
    """Prune every pool in every way, and train on what is kept."""
    train, others = split(files, seed)
    scored = read([file.content for file in others[: chosen.n_scored]])
    largest = first(train, chosen.smallest * 2**chosen.doublings)
    texts = [file.content.decode("utf-8", "replace") for file in largest]
    vectors = unit_float16(HashingEncoder().encode(texts))
    row_of = {id(file): row for row, file in enumerate(largest)}
    points: dict[str, list[tuple[float, float, float]]] = {arm: [] for arm in ARMS}
    for doubling in range(chosen.doublings + 1):
        size = chosen.smallest * 2**doubling
        documents, own = documents_of(first(largest, size))
        clustered = _clustered(documents, vectors[[row_of[id(file)] for file in own]])
        for arm, (step, fraction) in ARMS.items():
            if size * fraction < chosen.smallest:
                continue
            cut = prune(
                clustered, (step,), target_fraction=fraction, unit="tokens", clustering=_clustering(len(own))
            )
            visits = [own[row].content for row in np.flatnonzero(cut.kept).tolist()]
            loss = nats_of(read(visits), scored).sum() / scored.sizes.sum() / np.log(2)
            points[arm].append((size * fraction, sum(map(len, visits)), loss))
    return {arm: Curve(*np.array(found).T) for arm, found in points.items()}


def _clustering(n_files: int) -> KMeansSettings:
    return KMeansSettings(round(n_files**0.5), iterations=20, points_per_cluster=256, seed=0)


def _clustered(documents: Documents, vectors: NDArray[np.float16]) -> Documents:
    """Add the distance to the nearest centroid of the pool's own."""
    found = assign(vectors, kmeans(vectors, _clustering(len(vectors))).vectors)
    return documents.with_columns(cluster=found.cluster, distance=found.distance)


def fits_of(curve: Curve) -> dict[str, Fit]:
    """Fit both forms to a curve without its largest amounts."""
    return {form: fitted(form, curve.kept[:-HELD_OUT_SIZES], curve.loss[:-HELD_OUT_SIZES]) for form in FORMS}


def expectations(runs: list[dict[str, Curve]], smallest: float) -> list[Expectation]:
    """List what the paper leads one to expect, and what its theory leaves open of a model of counts."""
    largest = float(runs[0]["hard quarter"].asked[-1])
    listed: list[Expectation] = []
    for arm in ARMS:
        scores = [_preference(run[arm]) for run in runs]
        expected = "above 0" if arm == ALL else "any"
        listed.append(
            Expectation(f"{arm}: AIC of the exponential - of the power law", expected, over_seeds(scores))
        )
    for one, other, asked, expected in (
        ("hard quarter", ALL, largest, "below 0"),
        ("hard half", ALL, largest, "below 0"),
        ("hard quarter", "easy quarter", largest, "below 0"),
        ("easy half", "hard half", smallest, "below 0"),
        ("hard quarter", ALL, smallest, "any"),
    ):
        claim = f"bits per byte, {asked / 1e6:.2f} MB read: {one} - {other}"
        pair = ([run[arm].at(asked) for run in runs] for arm in (one, other))
        listed.append(Expectation(claim, expected, by_seed(*pair)))
    gain = [
        [run["hard quarter"].at(asked) - run[ALL].at(asked) for run in runs] for asked in (largest, smallest)
    ]
    claim = "hard quarter - all: with much data - with little"
    return [*listed, Expectation(claim, "below 0", by_seed(*gain))]


def _preference(curve: Curve) -> float:
    """Return by how much the exponential's criterion is above the power law's: above 0, this is better."""
    held_out = curve.kept[-HELD_OUT_SIZES:], curve.loss[-HELD_OUT_SIZES:]
    exponential, power = (
        held_out_score(fits_of(curve)[form], *held_out) for form in ("exponential", "power")
    )
    return exponential - power


def main(chosen: Plan) -> Findings:
    """Measure and tell."""
    from scaling_picture import picture

    begun = time.perf_counter()
    files = python_files(chosen.files_per_package, min_bytes=1_000, max_bytes=12_000)
    runs = [curves_of(files, chosen, seed) for seed in range(chosen.seeds)]
    mean = {
        arm: Curve(runs[0][arm].asked, *np.mean([(run[arm].kept, run[arm].loss) for run in runs], axis=0))
        for arm in ARMS
    }
    asked = runs[0][ALL].asked
    print(f"bits per byte, {chosen.seeds} seeds: means by what is read, in MB")
    print(f"{'':14}" + " ".join(f"{size / 1e6:6.2f}" for size in asked))
    for arm, curve in mean.items():
        losses = [f"{curve.at(size):6.3f}" if size in curve.asked else f"{'':6}" for size in asked]
        print(f"{arm:14}" + " ".join(losses))
    print("\nfitted to the means without the two largest amounts:")
    for arm, curve in mean.items():
        print(f"{arm:14}" + "; ".join(str(fit) for fit in fits_of(curve).values()))
    print(f"\nMeans and Student's intervals over seeds; {time.perf_counter() - begun:.0f} s.")
    return Findings(
        expectations(runs, float(asked[0])),
        gate=f"{ALL}: AIC of the exponential - of the power law",
        n_seeds=chosen.seeds,
        picture=picture({arm: (curve.kept, curve.loss, fits_of(curve)) for arm, curve in mean.items()}),
    )


if __name__ == "__main__":
    command(main, FULL, QUICK)

"""Brevity's direction on real code: drop long files, and a model of as many bytes fits short files better.

    python examples/papers/brevity.py [--quick]

Singh et al. 2024 (arXiv:2407.00434) drop the longest files until a share of the tokens is gone. Here a byte
n-gram model reads the same number of bytes of each mixture, whole files in an order drawn at random, and is
scored on files of packages that it never saw: short ones (below the median) and the beginnings of long ones
(above the 90th percentile). A token is a byte. The paper's other claim, that long files are fitted worse, is
reported but not judged: a model whose context is five bytes cannot lose long contexts.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
from byte_ngram import Reading, nats_of, read
from expectations import Expectation, bits_by_package, difference
from findings import Findings, command
from numpy.typing import NDArray
from python_files import PythonFile, documents_of, numbers_of, python_files, split

from guyot.cluster.kmeans import KMeansSettings
from guyot.documents import Documents
from guyot.prune import Step, prune
from guyot.prune.everything import Everything
from guyot.prune.length import Length
from guyot.prune.random import Random
from guyot.train import Schedule, exposures, plan, segments

NO_CLUSTERING = KMeansSettings(n_clusters=1, iterations=1, points_per_cluster=1, seed=0)
SCORED_BYTES = 32_768  # of a long file, from its beginning
SHORT, LONG = "short", "long"
ARMS = ("everything", "random 50%", "drop longest 20%", "drop longest 50%", "drop shortest 50%")


@dataclass(frozen=True)
class Plan:
    """How much is read and how often."""

    files_per_package: int
    orders: dict[int, int]  # by the bytes that are read, orders per seed: a few files are a matter of luck
    seeds: int
    n_short: int  # files that are scored per seed, at most
    n_long: int


FULL = Plan(
    files_per_package=150, orders={400_000: 4, 1_600_000: 2, 6_400_000: 1}, seeds=12, n_short=300, n_long=24
)
QUICK = Plan(files_per_package=12, orders={400_000: 4}, seeds=3, n_short=100, n_long=8)


@dataclass(frozen=True)
class HeldOut:
    """Files to score, read; package: int64[n], is_long: bool[n]."""

    reading: Reading
    package: NDArray[np.int64]
    is_long: NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """An arm's bits per byte by length, float64[1 + draws], and what its training met; means over orders."""

    bits: dict[str, NDArray[np.float64]]
    n_documents: float
    n_packages: float


Results = dict[tuple[str, int], list[Scored]]  # by arm and budget, one per seed


def recipe_of(arm: str, seed: int) -> tuple[Step, float]:
    """Return an arm's step, and the share of the tokens that it keeps."""
    recipes: dict[str, tuple[Step, float]] = {
        "everything": (Everything(), 1.0),
        "random 50%": (Random(seed=seed), 0.5),
        "drop longest 20%": (Length(), 0.8),
        "drop longest 50%": (Length(), 0.5),
        "drop shortest 50%": (Length(drop="shortest"), 0.5),
    }
    return recipes[arm]


def held_out_of(files: list[PythonFile], amounts: Plan) -> HeldOut:
    """Choose a number of short and of long files."""
    sizes = np.array([len(file.content) for file in files])
    short = np.flatnonzero(sizes < np.median(sizes))[: amounts.n_short]
    long = np.flatnonzero(sizes > np.percentile(sizes, 90))[: amounts.n_long]
    chosen = [files[row] for row in (*short.tolist(), *long.tolist())]
    return HeldOut(
        read([file.content[:SCORED_BYTES] for file in chosen]),
        numbers_of(chosen),
        np.arange(len(chosen)) >= len(short),
    )


def trained(
    documents: Documents, files: list[PythonFile], arm: str, budget: int, orders: range, held_out: HeldOut
) -> Scored:
    """Prune once; with every order of a schedule train on exactly the budget, and score."""
    step, fraction = recipe_of(arm, orders[0])
    cut = prune(documents, (step,), target_fraction=fraction, unit="tokens", clustering=NO_CLUSTERING)
    nats = np.zeros(len(held_out.package))
    met: list[tuple[int, int]] = []
    for order in orders:
        schedule = plan(documents.weights("tokens"), budget, order, repeats=cut.kept.astype(np.int64))
        visited = [(files[segment.row], segment.n_tokens) for segment in segments(schedule)]
        nats += nats_of(read([file.content[:size] for file, size in visited]), held_out.reading) / len(orders)
        met.append(_met(schedule, files))
    bits = {
        length: bits_by_package(
            nats[wanted], held_out.reading.sizes[wanted], held_out.package[wanted], orders[0]
        )
        for length, wanted in ((SHORT, ~held_out.is_long), (LONG, held_out.is_long))
    }
    return Scored(bits, *np.mean(met, axis=0).tolist())


def _met(schedule: Schedule, files: list[PythonFile]) -> tuple[int, int]:
    """Count the documents and the packages that a schedule visits."""
    rows = np.flatnonzero(exposures(schedule)).tolist()
    return len(rows), len({files[row].package for row in rows})


def measure(chosen: Plan) -> Results:
    """Train every arm at every budget with every seed."""
    files = python_files(chosen.files_per_package, min_bytes=200, max_bytes=200_000)
    print(f"{len(files):,} Python files of {len({f.package for f in files})} packages, "
          f"{sum(len(f.content) for f in files) / 1e6:.1f} MB; each of {chosen.seeds} seeds holds out a "
          "fifth of the packages", flush=True)  # fmt: skip
    found: Results = {}
    for seed in range(chosen.seeds):
        train, others = split(files, seed)
        held_out = held_out_of(others, chosen)
        documents, train = documents_of(train)
        for budget, n_orders in chosen.orders.items():
            orders = range(seed * n_orders, (seed + 1) * n_orders)
            for arm in ARMS:
                scored = trained(documents, train, arm, budget, orders, held_out)
                found.setdefault((arm, budget), []).append(scored)
    return found


def expectations(results: Results, budgets: list[int]) -> list[Expectation]:
    """List the directions: short files' are judged, long files' are reported."""
    listed: list[Expectation] = []
    for budget in budgets:
        for one, other, length, expected in (
            ("drop longest 20%", "random 50%", SHORT, "below 0"),
            ("drop longest 50%", "random 50%", SHORT, "below 0"),
            ("drop longest 50%", "drop longest 20%", SHORT, "below 0"),
            ("drop shortest 50%", "random 50%", SHORT, "above 0"),
            ("drop longest 20%", "random 50%", LONG, "any"),
            ("drop longest 50%", "random 50%", LONG, "any"),
            ("drop shortest 50%", "random 50%", LONG, "any"),
        ):
            bits = ([each.bits[length] for each in results[arm, budget]] for arm in (one, other))
            claim = f"{budget / 1e6:.1f} MB, {length} files: {one} - {other}"
            listed.append(Expectation(claim, expected, difference(*bits)))
    return listed


def main(chosen: Plan) -> Findings:
    """Measure and tell."""
    begun = time.perf_counter()
    results = measure(chosen)
    print("\nbudget  arm                bits per byte, short   long  files read  packages")
    for (arm, budget), scored in results.items():
        short, long = (np.mean([each.bits[length][0] for each in scored]) for length in (SHORT, LONG))
        n_documents = np.mean([each.n_documents for each in scored])
        n_packages = np.mean([each.n_packages for each in scored])
        print(f"{budget / 1e6:.1f} MB  {arm:18} {short:20.3f} {long:6.3f} "
              f"{n_documents:11,.0f} {n_packages:9,.0f}")  # fmt: skip
    print(f"\nDifferences in bits per byte; means over {chosen.seeds} seeds, intervals by drawing seeds "
          f"and held-out packages again; {time.perf_counter() - begun:.0f} s.")  # fmt: skip
    return Findings(expectations(results, list(chosen.orders)), n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

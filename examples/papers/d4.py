"""D4's fixed-data regime at a small scale: as many tokens read from a pool in which templates are planted.

    python examples/papers/d4.py [--quick]

Tirumala et al. 2023 (arXiv:2308.12284) train on T tokens from a pool of T: all of it once, or half of it
twice, the half drawn at random or by D4; or once on what D4 leaves of a fresh pool of 2 T. Here a pool is
Python files, a quarter of it planted: families of copies of a file, their words and numbers changed. The
model is one of byte n-grams, a token is a byte, and the loss is that of files of packages that no pool has,
with nothing planted. A model of counts learns nothing from a second reading but to trust its counts more, so
rows that compare one epoch with two say little of a network. The gate is D4 x2 against random x2.
"""

# ruff: noqa: T201  it prints

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from byte_ngram import nats_of, read
from d4_accounts import (
    SEMDEDUP_KEPT,
    SOURCE_KEPT,
    Found,
    Pool,
    check_exposures,
    check_ratios,
    count_templates,
    of_templates,
)
from expectations import Expectation, bits_by_package, difference
from findings import Findings, command
from numpy.typing import NDArray
from python_files import (
    PLANTED,
    PythonFile,
    copies_of,
    documents_of,
    first,
    numbers_of,
    python_files,
    split,
    with_vectors,
)

from guyot.cluster.kmeans import KMeansSettings
from guyot.encoders.hashing import HashingEncoder
from guyot.prune import Step, prune
from guyot.prune.d4 import d4
from guyot.prune.everything import Everything
from guyot.prune.length import Length
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.train import exposures, plan, segments
from guyot.vectors.exact import unit_float16

PLANTED_FRACTION, FAMILIES = 0.25, 8
GATE = "D4 x2 - random x2"
EXPECTED = (  # one arm, another, the sign that the paper has or the method's reason asks for
    ("D4 x2", "random x2", "below 0"),
    ("random x2", "all x1", "above 0"),
    ("fresh D4 x1", "D4 x2", "below 0"),
    ("fresh D4 x1", "all x1", "below 0"),
    ("D4 x2", "all x1", "below 0"),
    ("D4 x2", "SemDeDup alone x2", "below 0"),
    ("D4 x2", "prototypes alone x2", "below 0"),
    ("D4 x2", "D4, old clusters x2", "below 0"),
    ("longest out x2", "random x2", "any"),
)
ARMS = (
    "all x1", "random x2", "D4 x2", "fresh D4 x1", "SemDeDup alone x2", "prototypes alone x2",
    "D4, old clusters x2", "longest out x2",
)  # fmt: skip


def ngram_nats(visits: list[bytes], scored: list[bytes], seed: int) -> NDArray[np.float64]:
    """Train the model of n-grams, whose weights are counts, and score; a seed has nothing to decide."""
    del seed
    return nats_of(read(visits), read(scored))


@dataclass(frozen=True)
class Plan:
    """How much is read: T bytes; the files that are scored, and how much of each; by which model.

    costs : (what is read in its order, texts to score, seed) to nats, float64[n]
    """

    budget: int
    files_per_package: int
    n_scored: int
    seeds: int
    scored_bytes: int = 12_000
    arms: tuple[str, ...] = ARMS
    costs: Callable[[list[bytes], list[bytes], int], NDArray[np.float64]] = ngram_nats


FULL = Plan(budget=4_000_000, files_per_package=150, n_scored=300, seeds=8)
QUICK = Plan(budget=400_000, files_per_package=4, n_scored=60, seeds=3)


def recipes(seed: int) -> dict[str, tuple[bool, tuple[Step, ...], float]]:
    """Name the arms: whether of the fresh pool, its steps, and the share of tokens that is kept."""
    both = d4(SOURCE_KEPT, SEMDEDUP_KEPT)
    return {
        "all x1": (False, (Everything(),), 1.0),
        "random x2": (False, (Random(seed=seed),), SOURCE_KEPT),
        "D4 x2": (False, both, SOURCE_KEPT),
        "fresh D4 x1": (True, both, SOURCE_KEPT),
        "SemDeDup alone x2": (False, (SemDeDup(),), SOURCE_KEPT),
        "prototypes alone x2": (False, (Prototypes(),), SOURCE_KEPT),
        "D4, old clusters x2": (False, (both[0], Prototypes()), SOURCE_KEPT),
        "longest out x2": (False, (Length(),), SOURCE_KEPT),
    }


def pools(train: list[PythonFile], budget: int, seed: int) -> tuple[Pool, Pool]:
    """Build the pool of T bytes and the fresh one of 2 T, of which the first is a part."""
    copies = copies_of(train[:FAMILIES], int(2 * budget * PLANTED_FRACTION), seed)
    real = first(train, 2 * budget * (1 - PLANTED_FRACTION))
    texts = [file.content.decode("utf-8", "replace") for file in (*real, *copies)]
    vectors = unit_float16(HashingEncoder().encode(texts))
    vector_of = dict(zip(((file.package, file.name) for file in (*real, *copies)), vectors, strict=True))
    found: list[Pool] = []
    for size in (budget, 2 * budget):
        chosen = first(real, size * (1 - PLANTED_FRACTION)) + first(copies, size * PLANTED_FRACTION)
        documents, files = documents_of(chosen)
        clustering = KMeansSettings(int(len(files) ** 0.5), iterations=20, points_per_cluster=256, seed=0)
        own = np.array([vector_of[file.package, file.name] for file in files])
        planted = np.array([file.package == PLANTED for file in files])
        found.append(Pool(with_vectors(documents, own, clustering), files, clustering, planted))
    return found[0], found[1]


def one_seed(files: list[PythonFile], chosen: Plan, seed: int, found: Found) -> None:
    """Prune and train every arm on exactly T bytes; add what came of it."""
    train, others = split(files, seed)
    scored = others[: chosen.n_scored]
    test, package = [file.content[: chosen.scored_bytes] for file in scored], numbers_of(scored)
    sizes = np.array([len(content) for content in test])
    pool, fresh = pools(train, chosen.budget, seed)
    arms = recipes(seed)
    for arm in chosen.arms:
        of_fresh, steps, fraction = arms[arm]
        used = fresh if of_fresh else pool
        tokens = used.documents.weights("tokens")
        cut = prune(
            used.documents, steps, target_fraction=fraction, unit="tokens", clustering=used.clustering
        )
        kept = np.flatnonzero(cut.kept)
        schedule = plan(tokens, chosen.budget, seed, repeats=cut.kept.astype(np.int64))
        visited = [(used.files[segment.row], segment.n_tokens) for segment in segments(schedule)]
        nats = chosen.costs([file.content[:size] for file, size in visited], test, seed)
        found.bits.setdefault(arm, []).append(bits_by_package(nats, sizes, package, seed))
        planted = tokens[cut.kept & used.planted].sum() / tokens[kept].sum()
        epochs = (exposures(schedule) * tokens).sum() / tokens[kept].sum()
        found.kept.setdefault(arm, []).append((len(kept), tokens[kept].mean(), planted, epochs))
        check_exposures(schedule, chosen.budget, found)
        if steps == d4(SOURCE_KEPT, SEMDEDUP_KEPT):
            check_ratios(used, cut, found)
            if not of_fresh:
                count_templates(used, cut, found)


def tell(found: Found) -> None:
    """Print what each arm kept, and where the templates are."""
    print(f"\n{'arm':32} bits per byte   kept  mean bytes  planted  epochs")
    for arm, bits in found.bits.items():
        kept, size, planted, epochs = np.mean(found.kept[arm], axis=0)
        mean = np.mean([of_seed[0] for of_seed in bits])
        print(f"{arm:32} {mean:13.3f} {kept:6,.0f} {size:11,.0f} {planted:8.1%} {epochs:7.2f}")
    print(f"\n{'templates in':32} clusters  half planted or more  documents planted")
    for name, counts in found.templates.items():
        clusters, dominated, planted = np.mean(counts, axis=0)
        print(f"{name:32} {clusters:8.1f} {dominated:21.1f} {planted:18.1%}")


def main(chosen: Plan) -> Findings:
    """Measure and tell."""
    begun, found = time.perf_counter(), Found()
    files = python_files(chosen.files_per_package, min_bytes=1500, max_bytes=12_000)
    for seed in range(chosen.seeds):
        one_seed(files, chosen, seed, found)
    print(f"T = {chosen.budget / 1e6:.1f} MB, {PLANTED_FRACTION:.0%} planted in {FAMILIES} families, "
          f"R = {SOURCE_KEPT}, R_dedup = {SEMDEDUP_KEPT}; {chosen.seeds} seeds, intervals by drawing seeds "
          f"and held-out packages again; {time.perf_counter() - begun:.0f} s.")  # fmt: skip
    tell(found)
    bits = found.bits
    listed = [
        Expectation(f"{a} - {b}", sign, difference(bits[a], bits[b]))
        for a, b, sign in EXPECTED
        if a in bits and b in bits
    ]
    return Findings(listed + of_templates(found), found.identities, gate=GATE, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

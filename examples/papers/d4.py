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
from dataclasses import dataclass, field

import numpy as np
from byte_ngram import nats_of, read
from expectations import DRAWS, Expectation, bits_by_package, difference
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
from guyot.cluster.recluster import reclustered
from guyot.columns import CLUSTER, VECTORS
from guyot.cut import Cut, floor_fraction
from guyot.documents import Documents
from guyot.encoders.hashing import HashingEncoder
from guyot.prune import Step, prune
from guyot.prune.d4 import d4
from guyot.prune.everything import Everything
from guyot.prune.length import Length
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.train import Schedule, exposures, plan, segments
from guyot.vectors.exact import unit_float16

PLANTED_FRACTION, FAMILIES = 0.25, 8
SOURCE_KEPT, SEMDEDUP_KEPT = 0.5, 0.75  # R and R_dedup
OLD_CLUSTERS, NEW_CLUSTERS = "after SemDeDup, old clusters", "after SemDeDup, clustered again"
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


@dataclass(frozen=True)
class Plan:
    """How much is read: T bytes, and the files that are scored."""

    budget: int
    files_per_package: int
    n_scored: int
    seeds: int


FULL = Plan(budget=4_000_000, files_per_package=150, n_scored=300, seeds=8)
QUICK = Plan(budget=400_000, files_per_package=4, n_scored=60, seeds=3)


@dataclass(frozen=True)
class Pool:
    """Documents to prune, their files, and how they are clustered; planted: bool[n]."""

    documents: Documents
    files: list[PythonFile]
    clustering: KMeansSettings
    planted: NDArray[np.bool_]


@dataclass
class Found:
    """What all seeds found, by arm, by share, and by identity."""

    bits: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)
    kept: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    templates: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    identities: dict[str, bool] = field(default_factory=dict)

    def must(self, claim: str, true: bool) -> None:
        """Note an identity, which has to be true of every seed."""
        self.identities[claim] = self.identities.get(claim, True) and bool(true)


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
    test, package = read([file.content for file in scored]), numbers_of(scored)
    pool, fresh = pools(train, chosen.budget, seed)
    for arm, (of_fresh, steps, fraction) in recipes(seed).items():
        used = fresh if of_fresh else pool
        tokens = used.documents.weights("tokens")
        cut = prune(
            used.documents, steps, target_fraction=fraction, unit="tokens", clustering=used.clustering
        )
        kept = np.flatnonzero(cut.kept)
        schedule = plan(tokens, chosen.budget, seed, repeats=cut.kept.astype(np.int64))
        visited = [(used.files[segment.row], segment.n_tokens) for segment in segments(schedule)]
        nats = nats_of(read([file.content[:size] for file, size in visited]), test)
        found.bits.setdefault(arm, []).append(bits_by_package(nats, test.sizes, package, seed))
        planted = tokens[cut.kept & used.planted].sum() / tokens[kept].sum()
        epochs = (exposures(schedule) * tokens).sum() / tokens[kept].sum()
        found.kept.setdefault(arm, []).append((len(kept), tokens[kept].mean(), planted, epochs))
        check_exposures(schedule, chosen.budget, found)
        if steps == d4(SOURCE_KEPT, SEMDEDUP_KEPT):
            check_ratios(used, cut, found)
            if not of_fresh:
                count_templates(used, cut, found)


def check_exposures(schedule: Schedule, budget: int, found: Found) -> None:
    """Hold a schedule's accounts to the token."""
    *_, last = segments(schedule)
    rest = int(schedule.token_counts[last.row]) - last.n_tokens
    exposed = int((exposures(schedule) * schedule.token_counts).sum())
    found.must("visits add up to T tokens", sum(segment.n_tokens for segment in segments(schedule)) == budget)
    found.must("exposures x tokens = T + what is left of the last document", exposed == budget + rest)


def check_ratios(pool: Pool, cut: Cut, found: Found) -> None:
    """Hold D4's steps to their shares of the source's tokens."""
    tokens = pool.documents.weights("tokens")
    source, one = int(tokens.sum()), int(tokens.max())
    left, kept = int(tokens[cut.step != 0].sum()), int(tokens[cut.kept].sum())
    over = left - floor_fraction(source, SEMDEDUP_KEPT)
    under = floor_fraction(source, SOURCE_KEPT) - kept
    found.must("SemDeDup leaves R_dedup of the source, and less than a document more", 0 <= over < one)
    found.must("D4 keeps R of the source, less than a document short", 0 <= under < one)
    off = abs(kept - SOURCE_KEPT / SEMDEDUP_KEPT * left)
    found.must("prototypes keep R_proto = R / R_dedup of what is left, to a document a step", off < 2 * one)


def count_templates(pool: Pool, cut: Cut, found: Found) -> None:
    """Count clusters of which at least half is planted: before, after SemDeDup, and clustered again."""
    left = cut.step != 0
    before = pool.documents.require(CLUSTER)
    vectors = pool.documents.require(VECTORS)
    again = reclustered(vectors, pool.documents.id_bits, left, pool.clustering).cluster
    for name, cluster, of in (
        ("the source, its clusters", before, np.ones(len(left), np.bool_)),
        (OLD_CLUSTERS, before, left),
        (NEW_CLUSTERS, again, left),
    ):
        members = np.bincount(cluster[of])
        planted = np.bincount(cluster[of & pool.planted], minlength=len(members))
        dominated = (2 * planted >= members) & (members > 0)
        found.templates.setdefault(name, []).append(
            (np.count_nonzero(members), np.count_nonzero(dominated), pool.planted[of].mean())
        )


def of_templates(found: Found) -> list[Expectation]:
    """Compare new clusters with old ones: how many templates rule, and what is kept of them."""

    def per_seed(counts: list[tuple[float, ...]], column: int) -> list[NDArray[np.float64]]:
        return [np.full(1 + DRAWS, row[column]) for row in counts]

    ruled = [per_seed(found.templates[name], 1) for name in (NEW_CLUSTERS, OLD_CLUSTERS)]
    kept = [per_seed(found.kept[arm], 2) for arm in ("D4 x2", "D4, old clusters x2")]
    return [
        Expectation("clusters half planted or more: new - old", "below 0", difference(*ruled)),
        Expectation("planted share of what D4 keeps: new clusters - old", "any", difference(*kept)),
    ]


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
    listed = [Expectation(f"{a} - {b}", sign, difference(bits[a], bits[b])) for a, b, sign in EXPECTED]
    return Findings(listed + of_templates(found), found.identities, gate=GATE, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

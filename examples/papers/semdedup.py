"""SemDeDup on planted truth: who is found, who is left without a kept neighbour, and targets met exactly.

    python examples/papers/semdedup.py [--quick]

Abbas et al. 2023 (arXiv:2303.09540). To a corpus come jittered copies of a quarter of it, at a cosine of
about .995, and documents are compared within their clusters alone. For the modes there are also chains that
drift by a step of about .98 at a time, so that their ends are no longer alike. Last, the Python files of the
standard library by the hashing encoder: which of them go, and because of which other.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from planted_copies import CHAIN, PLANTED, planted, scored
from python_files import documents_of, python_files, with_vectors

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import CLUSTER, COMPARISON_LISTS, DISTANCE, MAX_SIMILARITY, WITNESS
from guyot.cut import Cut, floor_fraction
from guyot.documents import Documents
from guyot.encoders.hashing import HashingEncoder
from guyot.prune import prune
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.prune.near_duplicates.maxima import semdedup_scores
from guyot.prune.near_duplicates.pairs import pairs_above
from guyot.prune.near_duplicates.uncovered import count_uncovered
from guyot.prune.semdedup import SemDeDup
from guyot.seeds import generator
from guyot.text.shingles import shingles
from guyot.vectors.exact import pair_cosines, unit_float16

NO_CLUSTERING = KMeansSettings(1, 1, 1, 0)
LIMIT = 0.03  # a duplicate's distance, between that of a copy or a link and that of any other document
LIMITS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
LEVEL = (0.02, 0.05)  # limits past all copies and before all others
TARGETS = (0.9, 0.7, 0.5, 0.3)
NEAR = 0.005  # of the documents: what counts as level
MISS = 0.01  # of the documents: what counts as a target missed


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    n_originals: int
    clusterings: tuple[int, ...]  # numbers of clusters
    seeds: int
    files_per_package: int


FULL = Plan(n_originals=8000, clusterings=(30, 300, 90), seeds=12, files_per_package=10_000)
QUICK = Plan(n_originals=2000, clusterings=(5, 20), seeds=4, files_per_package=4)


def cut_by(documents: Documents, step: SemDeDup, target_fraction: float | None = None) -> Cut:
    """Apply one step."""
    return prune(
        documents, (step,), target_fraction=target_fraction, unit="documents", clustering=NO_CLUSTERING
    )


def share_kept(documents: Documents, limit: float) -> float:
    """Return the share that the official mode keeps at a limit."""
    return float(cut_by(documents, SemDeDup(duplicate_distance=limit)).kept.mean())


def share_caught(documents: Documents, n_originals: int) -> float:
    """Return the share of planted pairs of which one document goes."""
    dropped = ~cut_by(documents, SemDeDup(duplicate_distance=LIMIT)).kept
    n_copies = floor_fraction(n_originals, PLANTED)
    return float((dropped[:n_copies] | dropped[n_originals : n_originals + n_copies]).mean())


def interpolated(documents: Documents, fraction: float, seed: int) -> float:
    """Return what the authors' way keeps: two limits on a tenth of the clusters, and a line between them."""
    similarity, cluster = documents.require(MAX_SIMILARITY), documents.require(CLUSTER)
    values = semdedup_scores(similarity, documents.require(WITNESS)).values
    n_clusters = int(cluster.max()) + 1
    drawn = generator(seed, "sampled-clusters").permutation(n_clusters)[: max(2, n_clusters // 10)]
    sample = values[np.isin(cluster, drawn)]
    low, high = 0.02, 0.3
    at_low, at_high = (float((sample >= limit).mean()) for limit in (low, high))
    limit = low + (fraction - at_low) * (high - low) / (at_high - at_low)
    return float((values >= limit).mean())


def of_copies(
    n_originals: int, clusterings: tuple[int, ...], seeds: range
) -> tuple[list[Expectation], dict[str, bool]]:
    """Measure what is found and what is kept, print it, and list directions and identities."""
    caught: dict[int, list[float]] = {n_clusters: [] for n_clusters in clusterings}
    kept: dict[float, list[float]] = {limit: [] for limit in LIMITS}
    misses: dict[float, list[float]] = {fraction: [] for fraction in TARGETS}
    by_line: dict[float, list[float]] = {fraction: [] for fraction in TARGETS}
    falls = met = True
    for seed in seeds:
        vectors = planted(n_originals, 0, seed)
        for n_clusters in clusterings:
            documents = scored(vectors, n_clusters, seed)
            caught[n_clusters].append(share_caught(documents, n_originals))
        for limit in LIMITS:
            kept[limit].append(share_kept(documents, limit))
        falls &= all(kept[a][-1] >= kept[b][-1] for a, b in zip(LIMITS, LIMITS[1:], strict=False))
        for fraction in TARGETS:
            n_kept = int(cut_by(documents, SemDeDup(), fraction).kept.sum())
            met &= n_kept == floor_fraction(len(vectors), fraction)
            by_line[fraction].append(interpolated(documents, fraction, seed))
            misses[fraction].append(abs(by_line[fraction][-1] - fraction))
    unplanted = n_originals / len(vectors)
    print(f"{len(vectors):,} documents, {len(vectors) - n_originals:,} of them copies, {len(seeds)} seeds; "
          f"mean share that is kept in {n_clusters} clusters, by limit:")  # fmt: skip
    print("  " + ", ".join(f"{limit}: {np.mean(shares):.4f}" for limit, shares in kept.items()))
    told = ", ".join(f"{fraction} / {np.mean(shares):.3f}" for fraction, shares in by_line.items())
    print(f"asked for / kept by a line between two limits on a tenth of the clusters: {told}")
    listed = [
        Expectation(f"{n_clusters} clusters: share of pairs caught - 0.99", "above 0",
                    by_seed(shares, [0.99] * len(seeds)))
        for n_clusters, shares in caught.items()
    ]  # fmt: skip
    listed += [
        Expectation(f"limit {limit}: |kept - {unplanted}| - {NEAR} allowed", "below 0",
                    over_seeds([abs(one - unplanted) - NEAR for one in kept[limit]]))
        for limit in LEVEL
    ]  # fmt: skip
    listed += [
        Expectation(f"asked for {fraction}: a line's miss - {MISS}", "above 0",
                    by_seed(missed, [MISS] * len(seeds)))
        for fraction, missed in misses.items()
    ]  # fmt: skip
    return listed, {"the kept share falls as the limit widens": falls, "targets are met to one document": met}


def of_modes(n_originals: int, n_clusters: int, seeds: range) -> tuple[list[Expectation], dict[str, bool]]:
    """Measure the modes where chains drift."""
    modes = ("official", "greedy_cover", "components")
    kept: dict[str, list[int]] = {mode: [] for mode in modes}
    uncovered: dict[str, list[float]] = {mode: [] for mode in modes}
    earlier = near = stays = apart = True
    for seed in seeds:
        vectors = planted(n_originals, n_originals // 100, seed)
        documents = scored(vectors, n_clusters, seed)
        distance, anywhere = documents.require(DISTANCE), np.arange(len(vectors))
        compared = documents.require(COMPARISON_LISTS)
        for mode in modes:
            cut = cut_by(documents, SemDeDup(mode=mode, duplicate_distance=LIMIT))
            rows, is_near = np.flatnonzero(~cut.kept), mode != "components"
            witness = cut.witness[rows]
            tied = (distance[witness] == distance[rows]) & (witness < rows)
            earlier &= bool((tied | (distance[witness] > distance[rows])).all())
            near &= not is_near or bool((pair_cosines(vectors[rows], vectors[witness]) > 1 - LIMIT).all())
            if mode != "official":
                stays &= bool(cut.kept[witness].all())
                left = pairs_above(compared, anywhere, cut.kept, 1 - LIMIT)
                apart &= not len(left)
            found = count_uncovered(
                compared, ~cut.kept, cut.kept, cut.witness, 1 - LIMIT, witness_is_near=is_near
            )
            kept[mode].append(int(cut.kept.sum()))
            uncovered[mode].append(float(found))
    print(f"\nwith {n_originals // 100 * CHAIN} in chains, {len(vectors):,} in all: kept / dropped without a "
          "kept one within the limit, means")  # fmt: skip
    for mode in modes:
        print(f"  {mode}: {np.mean(kept[mode]):,.1f} / {np.mean(uncovered[mode]):.1f}")
    listed = [
        Expectation(f"uncovered: {one} - {other}", "above 0", by_seed(uncovered[one], uncovered[other]))
        for one, other in (("official", "greedy_cover"), ("components", "official"))
    ]
    return listed, {
        "every witness is farther from its centroid, in each mode": earlier,
        "it is nearer than the limit, in official and greedy_cover": near,
        "it is kept, in greedy_cover and components": stays,
        "no two that stay are nearer than the limit, in greedy_cover and components": apart,
        "greedy_cover leaves nobody without a kept neighbour": not any(uncovered["greedy_cover"]),
    }


def of_python_files(files_per_package: int) -> list[Expectation]:
    """Keep four of five files of the standard library; print the nearest pair of each package."""
    files = python_files(files_per_package, 1_000, 100_000, places=("stdlib",))
    documents, files = documents_of(files)
    texts = [file.content.decode("utf-8", "replace") for file in files]
    vectors = unit_float16(HashingEncoder().encode(texts))
    cut = cut_by(with_vectors(documents, vectors, KMeansSettings(20, 20, 256, 0)), SemDeDup(), 0.8)
    rows = np.flatnonzero(~cut.kept)
    rows = rows[np.argsort(cut.score[rows], kind="stable")]
    others = (rows + generator(0, "lot").integers(1, len(files), len(rows))) % len(files)
    distinct = shingles(texts, "words", 5).distinct()
    shared, by_lot = (jaccards(distinct, rows, with_) for with_ in (cut.witness[rows], others))
    print(f"\n{len(files)} Python files, {len(rows)} go, the last at a cosine of "
          f"{1 - cut.score[rows[-1]]:.3f}; shared: the Jaccard similarity of runs of 5 words")  # fmt: skip
    told: set[str] = set()
    for row, jaccard in zip(rows.tolist(), shared.tolist(), strict=True):
        if files[row].package not in told and len(told) < 8:
            told.add(files[row].package)
            print(f"  {files[row].name} goes because of {files[cut.witness[row]].name}, cosine "
                  f"{1 - cut.score[row]:.3f}, shared {jaccard:.2f}")  # fmt: skip
    claim = "standard library: shared with the witness - with one at random"
    return [Expectation(claim, "above 0", by_seed(shared.tolist(), by_lot.tolist()))]


def main(chosen: Plan) -> Findings:
    """Plant, prune, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    seeds, most = range(chosen.seeds), chosen.clusterings[-1]
    expectations, identities = of_copies(chosen.n_originals, chosen.clusterings, seeds)
    of_chains, more = of_modes(chosen.n_originals, most, seeds)
    expectations += of_chains + of_python_files(chosen.files_per_package)
    print("\nMeans and intervals over seeds, of the standard library over pairs; "
          f"{time.perf_counter() - begun:.0f} s.")  # fmt: skip
    gate = f"{most} clusters: share of pairs caught - 0.99"
    return Findings(expectations, identities | more, gate=gate, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

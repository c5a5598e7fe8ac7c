"""SemDeDup on planted truth: who is found, who is left without a kept neighbour, and targets met exactly.

    python examples/papers/semdedup.py [--quick]

Abbas et al. 2023 (arXiv:2303.09540). Jittered copies of a quarter of a corpus (cosine about .995) and chains
that drift, a step of about .98 at a time, so that their ends are no longer alike.
"""

# ruff: noqa: T201  it prints

import sys
from dataclasses import dataclass

import numpy as np
from expectations import DRAWS, Expectation, difference, show
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.cut import share
from guyot.documents import Documents
from guyot.prune import prune
from guyot.prune.modes import count_uncovered
from guyot.prune.semdedup import SemDeDup, earlier_maxima, rank
from guyot.seeds import generator
from guyot.vectors import unit_float16

WIDTH = 64
PLANTED_SHARE = 0.25
JITTER, DRIFT = 0.1, 0.2  # lengths of the noise that is added to a unit vector
CHAIN = 10
MODES = ("official", "greedy_cover", "components")


@dataclass(frozen=True)
class Clusters:
    """Documents that are compared within their cluster."""

    vectors: NDArray[np.float16]
    distance: NDArray[np.float32]
    cluster: NDArray[np.int32]

    def lists(self, wanted: NDArray[np.bool_] | None = None):  # noqa: ANN201
        """Yield each cluster's rows in visiting order, and their vectors."""
        order = rank(self.distance)
        for number in np.unique(self.cluster):
            rows = order[self.cluster[order] == number]
            if wanted is None or wanted[rows].any():
                yield rows, self.vectors[rows]

    def blocks(self):  # noqa: ANN201
        """Yield all vectors at once."""
        yield np.arange(len(self.vectors)), self.vectors


def corpus(n_documents: int, seed: int) -> tuple[NDArray[np.float16], NDArray[np.int64], int]:
    """Return vectors, the original of each planted copy (-1 for others), and how many are in chains."""
    draw = generator(seed, "corpus", n_documents)

    def noise(n: int, length: float) -> NDArray[np.float64]:
        return draw.standard_normal((n, WIDTH)) * length / np.sqrt(WIDTH)

    centres = draw.standard_normal((40, WIDTH))
    originals = centres[draw.integers(0, 40, n_documents)] + draw.standard_normal((n_documents, WIDTH)) * 0.7
    originals /= np.linalg.norm(originals, axis=1, keepdims=True)
    n_planted, n_chains = int(n_documents * PLANTED_SHARE), n_documents // 100
    copies = originals[:n_planted] + noise(n_planted, JITTER)
    chains = []
    for start in originals[-n_chains:]:
        for _ in range(CHAIN):
            start = start / np.linalg.norm(start) + noise(1, DRIFT)[0]
            chains.append(start)
    vectors = unit_float16(np.concatenate([originals, copies, np.array(chains)]).astype(np.float32))
    source = np.full(len(vectors), -1)
    source[n_documents : n_documents + n_planted] = np.arange(n_planted)
    return vectors, source, len(chains)


def documents_of(vectors: NDArray[np.float16], n_clusters: int, seed: int) -> Documents:
    """Cluster the vectors and score them as the lake does."""
    settings = KMeansSettings(n_clusters, iterations=20, points_per_cluster=256, seed=seed)
    found = assign(vectors, kmeans(vectors, settings).vectors)
    n = len(vectors)
    similarity, witness = np.full(n, np.nan, np.float32), np.full(n, -1)
    compared = Clusters(vectors, found.distance, found.cluster)
    for rows, block in compared.lists():
        maxima = earlier_maxima(block)
        similarity[rows] = maxima.similarity
        witness[rows] = np.where(maxima.witness < 0, -1, rows[maxima.witness])
    ones = np.ones(n, np.int64)
    return Documents(
        id_bits=np.arange(n, dtype=np.uint64), content_digest=np.arange(n).astype("S32"), tokens=ones,
        bytes=ones, lines=ones, distance=found.distance, max_similarity=similarity, witness=witness,
        vectors=compared, cluster=found.cluster, compared=compared,
    )  # fmt: skip


def interpolated(documents: Documents, fraction: float) -> float:
    """Return what the authors' way keeps: two limits on a tenth of the clusters, and a line between them."""
    sample = documents.cluster < max(1, documents.cluster.max() // 10)
    distance = 1 - np.nan_to_num(documents.max_similarity, nan=-1)
    kept = [float((distance[sample] >= limit).mean()) for limit in (0.02, 0.3)]
    if kept[0] == kept[1]:
        return float("nan")
    limit = 0.02 + (fraction - kept[0]) * (0.3 - 0.02) / (kept[1] - kept[0])
    return float((distance >= limit).mean())


def main() -> None:
    """Plant, prune, and print what was expected and what was measured."""
    quick = "--quick" in sys.argv[1:]
    n_documents, n_clusters, seeds = (2000, 20, 3) if quick else (8000, 90, 8)
    caught, uncovered, identities = [], {mode: [] for mode in MODES}, {}
    no_clustering = KMeansSettings(1, 1, 1, 0)

    def hold(claim: str, true: bool) -> None:
        identities[claim] = identities.get(claim, True) and true

    for seed in range(seeds):
        vectors, source, n_chained = corpus(n_documents, seed)
        documents = documents_of(vectors, n_clusters, seed)
        n = len(vectors)
        planted = np.flatnonzero(source >= 0)
        for mode in MODES:
            step = SemDeDup(mode=mode, duplicate_distance=0.03)
            cut = prune(documents, (step,), target_fraction=None, unit="documents", clustering=no_clustering)
            dropped = ~cut.kept
            near = mode != "components"  # there the witness is the family's keeper
            found = count_uncovered(documents, dropped, cut.kept, cut.witness, 0.97, witness_is_near=near)
            uncovered[mode].append(float(found))
            if mode == "official":
                lost = dropped[planted] | dropped[source[planted]]
                caught.append(float(lost.mean()))
                place = np.argsort(rank(documents.distance))
                first = place[cut.witness[dropped]] < place[np.flatnonzero(dropped)]
                near = documents.max_similarity[dropped] > 0.97
                identities["every witness ranks earlier and is nearer than the limit"] = bool(
                    (first & near).all()
                )
        kept = [
            int(prune(documents, (SemDeDup(duplicate_distance=d),), target_fraction=None, unit="documents",
                      clustering=no_clustering).kept.sum())
            for d in (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3)
        ]  # fmt: skip
        hold("the kept share falls as the limit widens", kept == sorted(kept, reverse=True))
        exact = []
        for fraction in (0.9, 0.7, 0.5):
            cut = prune(
                documents, (SemDeDup(),), target_fraction=fraction, unit="documents", clustering=no_clustering
            )
            exact.append(int(cut.kept.sum()) == share(n, fraction))
            if seed == 0:
                print(f"asked for {fraction}: kept {cut.kept.sum() / n:.4f}; two limits on a tenth of the "
                      f"clusters would keep {interpolated(documents, fraction):.4f}")  # fmt: skip
        hold("targets are met to one document", all(exact))
    print(
        f"{n:,} documents, {len(planted):,} planted copies, {n_chained} in chains, {n_clusters} clusters, "
        f"{seeds} seeds"
    )
    print(f"planted pairs of which one goes: {np.mean(caught):.4f} ({min(caught):.4f} to {max(caught):.4f})")
    for mode in MODES:
        print(
            f"dropped without a kept one within the limit, {mode}: {np.mean(uncovered[mode]):.1f} on average"
        )
    hold("greedy_cover leaves nobody without a kept neighbour", not any(uncovered["greedy_cover"]))

    def constant(values: list[float]) -> list[NDArray[np.float64]]:
        return [np.full(1 + DRAWS, value) for value in values]

    differences = {
        "planted pairs caught - 0.99": (caught, [0.99] * seeds),
        "uncovered: official - greedy_cover": (uncovered["official"], uncovered["greedy_cover"]),
        "uncovered: components - official": (uncovered["components"], uncovered["official"]),
    }
    show(
        [
            Expectation(claim, "above 0", difference(constant(one), constant(other)))
            for claim, (one, other) in differences.items()
        ],
        gate="planted pairs caught - 0.99",
        identities=identities,
    )


if __name__ == "__main__":
    main()

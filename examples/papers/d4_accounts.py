"""What D4 has to keep to the token, and where its templates are: the accounts of d4.py and d4_network.py."""

from dataclasses import dataclass, field

import numpy as np
from expectations import DRAWS, Expectation, difference
from numpy.typing import NDArray
from python_files import PythonFile

from guyot.cluster.kmeans import KMeansSettings
from guyot.cluster.recluster import reclustered
from guyot.columns import CLUSTER, VECTORS
from guyot.cut import Cut, floor_fraction
from guyot.documents import Documents
from guyot.train import Schedule, exposures, segments

SOURCE_KEPT, SEMDEDUP_KEPT = 0.5, 0.75  # R and R_dedup
OLD_CLUSTERS, NEW_CLUSTERS = "after SemDeDup, old clusters", "after SemDeDup, clustered again"


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
    """Compare new clusters with old ones: how many templates rule, and what is kept of them.

    The second where the arm with old clusters was trained.
    """

    def per_seed(counts: list[tuple[float, ...]], column: int) -> list[NDArray[np.float64]]:
        return [np.full(1 + DRAWS, row[column]) for row in counts]

    ruled = [per_seed(found.templates[name], 1) for name in (NEW_CLUSTERS, OLD_CLUSTERS)]
    listed = [Expectation("clusters half planted or more: new - old", "below 0", difference(*ruled))]
    if "D4, old clusters x2" in found.kept:
        kept = [per_seed(found.kept[arm], 2) for arm in ("D4 x2", "D4, old clusters x2")]
        claim = "planted share of what D4 keeps: new clusters - old"
        listed.append(Expectation(claim, "any", difference(*kept)))
    return listed

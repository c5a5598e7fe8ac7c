"""Recall of corrupted documents that a ranking drops among clean ones.

Documents are divided at random into ten parts. In each round one part is corrupted, each of its documents
by one family of a group, and the other nine are as they were; so a tenth is corrupted, and over all rounds
of a group every copy of it stands among clean documents once. Groups are tested separately: a family that is
easily found does not take the place of another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from guyot.audit.corruption.sensitivity import ClusterPositions, Copies, check_fit
from guyot.cut import floor_fraction
from guyot.errors import ArrayError
from guyot.prune.scip import SCIP, scip_order_by_size
from guyot.seeds import generator
from guyot.stats import Interval, percentile_interval, resampled_counts

ALPHAS = (0.0, 0.2, 0.5, 0.8, 1.0)
DROPPED = (0.1, 0.2, 0.3)
PARTS = 10
Method = Literal["scip", "prototypes", "random"]


@dataclass(frozen=True)
class Recall:
    """The share of corrupted copies of some families that a method drops with the first `dropped` of all.

    group : name of the families that are tested together
    alpha : of scip; None for the others
    found : of scip and prototypes with a bootstrap over parents; of random, the mean of its draws and
        where 95% of them lie
    clean : share of the same documents that it drops where nothing is corrupted; what `found` is above
        this, the corruption did. It is not `dropped`: a document in which much can be corrupted is no
        average one
    """

    method: Method
    alpha: float | None
    dropped: float
    group: str
    found: Interval
    clean: float


@dataclass(frozen=True)
class _Round:
    """One group corrupted: which copies replace which rows, and the positions of all documents then."""

    copies: NDArray[np.int64]
    rows: NDArray[np.int64]
    size: NDArray[np.int64]
    distance: NDArray[np.float32]


def synthetic_recall(
    parents: ClusterPositions,
    copies: Copies,
    sizes: NDArray[np.int64],
    groups: Mapping[str, Sequence[int]],
    *,
    draws: int,
    seed: int,
) -> list[Recall]:
    """Measure the recall of SCIP, of dropping the closest (prototypes) and of random choice.

    Parameters
    ----------
    parents : n clean documents, in the order of their doc_ids
    copies : m corrupted copies of them, at most one of each family and parent
    sizes : int64[k], documents of each cluster where the centroids come from; SCIP's sizes
    groups : by name, families to be tested together; one without a copy is left out
    draws, seed : of the bootstrap, the parts and the rankings at random

    Returns
    -------
    A recall for each method (SCIP with each of ALPHAS), share dropped (DROPPED) and group.

    Raises
    ------
    ArrayError : columns that do not fit together, fewer than PARTS documents, or no draws.

    Notes
    -----
    O(families of all groups x PARTS x n log n) for the rankings, O(draws x n) for intervals. Sizes stay
    as given when copies replace documents. Ties go as in the methods: the lower row stays.

    Examples
    --------
    >>> parents = ClusterPositions(np.zeros(20, np.int32), np.full(20, 0.25, np.float32))
    >>> far = ClusterPositions(np.zeros(20, np.int32), np.full(20, 0.75, np.float32))
    >>> copies = Copies(np.arange(20), np.zeros(20, np.int64), far)
    >>> found = synthetic_recall(parents, copies, np.array([20]), {"all": [0]}, draws=10, seed=0)
    >>> [r.found.value for r in found if r.method == "prototypes"]
    [0.0, 0.0, 0.0]
    """
    families = 1 + max((number for numbers in groups.values() for number in numbers), default=-1)
    check_fit(parents, copies, sizes, families)
    if len(parents.cluster) < PARTS or draws < 1:
        raise ArrayError(
            f"{len(parents.cluster)} documents and draws={draws}; corrupting one in {PARTS} needs at least "
            f"{PARTS} documents, and an interval 1 draw"
        )
    drawn = resampled_counts(len(parents.cluster), draws, generator(seed, "corruption-bootstrap"))
    rows = np.arange(len(parents.cluster))
    uncorrupted = _hits([_Round(rows, rows, sizes[parents.cluster], parents.distance)], len(rows))
    found: list[Recall] = []
    for name, numbers in groups.items():
        rounds = list(_rounds(parents, copies, sizes, list(numbers), seed))
        if not rounds:
            continue
        own = np.isin(copies.family, list(numbers))
        for key, hit in _hits(rounds, len(copies.parent)).items():
            clean = float(uncorrupted[key][copies.parent[own]].mean())
            found.append(Recall(*key, name, _interval(copies.parent[own], hit[own], drawn), clean))
        for dropped in DROPPED:
            stream = generator(seed, "corruption-random", repr(dropped), name)
            at_random = _at_random(rounds, dropped, draws, stream)
            found.append(Recall("random", None, dropped, name, at_random, at_random.value))
    return found


def _rounds(
    parents: ClusterPositions, copies: Copies, sizes: NDArray[np.int64], families: list[int], seed: int
) -> Iterator[_Round]:
    """Use each copy of some families once: in a pass each document has one, and each part is corrupted."""
    n = len(parents.cluster)
    stream = generator(seed, "corruption-parts")
    part, first = stream.permutation(n) % PARTS, stream.integers(0, 1 << 32, n)
    copy_rows = np.full((n, 1 + max([-1, *families, *copies.family.tolist()])), -1, np.int64)
    copy_rows[copies.parent, copies.family] = np.arange(len(copies.parent))
    for turn in range(len(families)):
        own = copy_rows[np.arange(n), np.array(families)[(first + turn) % len(families)]]
        for number in range(PARTS):
            rows = np.flatnonzero((part == number) & (own >= 0))
            if not len(rows):
                continue
            cluster, distance = parents.cluster.copy(), parents.distance.copy()
            cluster[rows], distance[rows] = (
                column[own[rows]] for column in (copies.placed.cluster, copies.placed.distance)
            )
            yield _Round(own[rows], rows, sizes[cluster], distance)


def _hits(
    rounds: Sequence[_Round], n_copies: int
) -> dict[tuple[Method, float | None, float], NDArray[np.bool_]]:
    """Return which copies are dropped: bool[m] by method, alpha and share dropped."""
    hits: dict[tuple[Method, float | None, float], NDArray[np.bool_]] = {}
    for dropped in DROPPED:
        for alpha in (*ALPHAS, None):
            hit = np.zeros(n_copies, np.bool_)
            for one in rounds:
                n = len(one.size)
                if alpha is None:
                    order = np.lexsort((-np.arange(n), one.distance))
                else:
                    alike = np.ones(n, np.int64)
                    order, _ = scip_order_by_size(
                        one.size,
                        one.distance,
                        alike,
                        alike > 0,
                        floor_fraction(n, dropped),
                        SCIP(alpha=alpha),
                    )
                goes = np.zeros(n, np.bool_)
                goes[order[: floor_fraction(n, dropped)]] = True
                hit[one.copies] = goes[one.rows]
            hits["prototypes" if alpha is None else "scip", alpha, dropped] = hit
    return hits


def _interval(
    parent: NDArray[np.int64], hit: NDArray[np.bool_], drawn: Sequence[NDArray[np.int64]]
) -> Interval:
    """Bootstrap a share over parents, whose copies are not independent; a draw without copies is none."""
    n = drawn[0].shape[1]
    hits, copies = np.bincount(parent, hit, n), np.bincount(parent, minlength=n).astype(np.float64)
    pairs = [(counts @ hits, counts @ copies) for counts in drawn]
    above, below = (np.concatenate(side) for side in zip(*pairs, strict=True))
    some = below > 0
    ratios = above[some] / below[some] if some.any() else np.array([hit.mean()])
    return percentile_interval(float(hit.mean()), ratios, len(hit))


def _at_random(rounds: Sequence[_Round], dropped: float, draws: int, stream: np.random.Generator) -> Interval:
    """Draw what a ranking at random drops in each round, anew each time."""
    hits, copies = np.zeros(draws), sum(len(one.copies) for one in rounds)
    for one in rounds:
        corrupted, n = len(one.copies), len(one.size)
        hits += stream.hypergeometric(corrupted, n - corrupted, floor_fraction(n, dropped), draws)
    return percentile_interval(float((hits / copies).mean()), hits / copies, copies)

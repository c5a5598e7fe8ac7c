"""PUG: scenes of known factors tell which copies a pruner finds, and which factor it takes for which.

    python examples/papers/pug.py [--quick]

Bordes et al. 2023 (arXiv:2308.03977) render pictures whose every factor is known; here they are rendered by
Mitsuba (`guyot scenes`), a few hundred: scenes with eight known copies each, every shape at eight turns, and
shapes by materials by environments, two pictures of each combination. The paper asks models, this asks
pruners: a removal is right where the witness is a copy; of two pictures of a combination one is enough.
Seeds draw four fifths of the duplicate groups and of the combinations, and the clustering. The renderings are
the same for all seeds, so intervals tell nothing of other scenes.
"""

# ruff: noqa: T201  it prints

import time
from dataclasses import dataclass

import numpy as np
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from numpy.typing import NDArray
from rendered_pool import LITE0, PIXELS, Drawn, Pool, drawn_rows, pool, vectors

from guyot.audit.factors.known_duplicates import copies_with_originals, duplicates_found
from guyot.audit.factors.pair_agreement import pair_agreement
from guyot.audit.factors.removal import removal
from guyot.cut import PruneRequest, floor_fraction, take
from guyot.prune.density import Density, density_scores
from guyot.prune.random import Random, random_scores
from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines

ENCODERS = (PIXELS, LITE0)
LIMITS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3)
KEPT, COLLAPSED = 0.3, 0.5  # of the documents: where cells are counted, and where factors are compared
DEDUPLICATED = 0.45
RIGHT = 0.98  # precision that a limit has to have
ARMS = ("semdedup", "semdedup, density", "semdedup, random", "density", "random")


@dataclass(frozen=True)
class Plan:
    """How much is rendered, and how often drawn."""

    size: str
    materials: int
    environments: int
    seeds: int
    encoders: tuple[str, ...]


FULL = Plan(size="default", materials=4, environments=3, seeds=12, encoders=ENCODERS)
QUICK = Plan(size="small", materials=2, environments=2, seeds=4, encoders=ENCODERS[:1])


def kept_by(arm: str, drawn: Drawn, n_kept: int, seed: int) -> NDArray[np.int64]:
    """Keep a number of documents: rows of the drawn ones."""
    if arm == "semdedup":
        return np.argsort(-drawn.nearest, kind="stable")[:n_kept]
    if arm.startswith("semdedup, "):
        first = np.sort(kept_by("semdedup", drawn, floor_fraction(len(drawn.rows), DEDUPLICATED), seed))
        again = Drawn.of(np.arange(len(first)), drawn.vectors[first], seed)
        return first[kept_by(arm.removeprefix("semdedup, "), again, n_kept, seed)]
    n = len(drawn.rows)
    asked = PruneRequest(np.ones(n, np.int64), np.ones(n, np.bool_), n_kept)
    if arm == "density":
        scores = density_scores(drawn.cluster, drawn.distance, drawn.centroids, asked, Density())
    else:
        bits = generator(seed, "ids", n).integers(0, 2**64, n, np.uint64)
        scores = random_scores(bits, Random(seed))
    return np.flatnonzero(take(scores, asked.weights, asked.alive, n_kept))


def shares(found: Pool, drawn: Drawn) -> NDArray[np.float64]:
    """Return precision and recall at each limit: float64[l, 2]; nan where nothing is removed."""
    group = found.group[drawn.rows].astype(np.int32)
    told: list[list[float]] = []
    for limit in LIMITS:
        gone = np.flatnonzero(drawn.nearest < limit)
        at = duplicates_found(group, gone, drawn.witness[gone])
        told.append([one.value if one else float("nan") for one in (at.precision, at.recall)])
    return np.array(told)


def of_duplicates(
    found: Pool, every: NDArray[np.float16], encoder: str, seeds: range
) -> tuple[list[Expectation], dict[str, bool]]:
    """Measure precision and recall by limit; the scenes that were not drawn choose a limit."""
    blocks, tables, chosen = ("duplicates", "factorial"), list[NDArray[np.float64]](), list[float]()
    recall: list[float] = []
    for seed in seeds:
        tables.append(shares(found, Drawn.of(drawn_rows(found, blocks, seed), every, seed)))
        left = Drawn.of(drawn_rows(found, blocks, seed, others=True), every, seed)
        fine = np.flatnonzero(shares(found, left)[:, 0] >= RIGHT)
        chosen.append(LIMITS[fine[-1]] if len(fine) else 0.0)
        recall.append(float(tables[-1][fine[-1], 1]) if len(fine) else 0.0)
    print(f"\n{encoder}: what goes because of an earlier scene within a distance: precision / recall, means")
    for number, limit in enumerate(LIMITS):
        own = [table[number] for table in tables if table[number, 0] == table[number, 0]]
        told = [f"{value:.3f}" for value in np.mean(own, axis=0)] if own else ["nothing goes"]
        print(f"  {limit:<6}  {' / '.join(told)}")
    print(f"limits chosen on the scenes that were not drawn, the largest of a precision of {RIGHT}: "
          f"{sorted(chosen)}")  # fmt: skip
    copies, originals = copies_with_originals(found.group.astype(np.int32), found.variant == "")
    apart = 1 - pair_cosines(every[copies], every[originals])
    for name in np.unique(found.variant[copies]):
        low, middle, high = np.percentile(apart[found.variant[copies] == name], (5, 50, 95))
        print(f"  {name}: {low:.4f} / {middle:.4f} / {high:.4f} from its original, 5 / 50 / 95%")
    rises = all((np.diff(table[:, 1]) >= 0).all() for table in tables)
    claim = f"{encoder}: recall at the limit that other scenes chose - 0.5"
    return [Expectation(claim, "above 0", by_seed(recall, [0.5] * len(recall)))], {
        f"{encoder}: recall of known copies rises with the limit": rises
    }


def of_cells(found: Pool, every: NDArray[np.float16], encoder: str, seeds: range) -> list[Expectation]:
    """Count the combinations that each method keeps at equal size, and print them."""
    cells: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for seed in seeds:
        drawn = Drawn.of(drawn_rows(found, ("duplicates", "factorial"), seed), every, seed)
        n_kept = floor_fraction(len(drawn.rows), KEPT)
        of = found.cell[drawn.rows]
        for arm in ARMS:
            kept = kept_by(arm, drawn, n_kept, seed)
            cells[arm].append(len(np.unique(of[kept])) / len(np.unique(of)))
    told = ", ".join(f"{arm} {np.mean(share):.3f}" for arm, share in cells.items())
    print(f"\n{encoder}: share of {len(np.unique(of))} combinations that {n_kept} kept pictures show: {told}")
    return [
        Expectation(f"{encoder}, combinations: {one} - {other}", direction, by_seed(cells[one], cells[other]))
        for one, other, direction in (
            ("semdedup", "random", "above 0"), ("semdedup, density", "random", "above 0"),
            ("semdedup, density", "semdedup, random", "any"), ("density", "random", "any"),
        )
    ]  # fmt: skip


def of_factors(found: Pool, every: NDArray[np.float16], encoder: str, seeds: range) -> list[Expectation]:
    """See in the factorial in which factors the dropped half agrees with its witnesses, and print it."""
    lift: dict[str, list[float]] = {name: [] for name in found.factors}
    strength: dict[str, list[float]] = {name: [] for name in found.factors}
    for seed in seeds:
        drawn = Drawn.of(drawn_rows(found, ("factorial",), seed), every, seed)
        kept = kept_by("semdedup", drawn, floor_fraction(len(drawn.rows), COLLAPSED), seed)
        removed = np.ones(len(drawn.rows), np.bool_)
        removed[kept] = False
        gone = np.flatnonzero(removed & (drawn.witness >= 0))
        for name, factor in found.factors.items():
            own = factor.select(drawn.rows)
            agreed = pair_agreement(own, gone, drawn.witness[gone])
            lift[name].append(agreed.share.value - agreed.chance if agreed else 0.0)
            gap = removal(own, removed, draws=1, stream=generator(seed, "removal", name))
            strength[name].append(gap.cramers_v)
    print(f"\n{encoder}: of the factorial semdedup drops half; agreement with the witness above chance, and "
          "Cramér's V of removal by level")  # fmt: skip
    for name in sorted(lift, key=lambda name: -np.mean(lift[name])):
        print(f"  {name}: {np.mean(lift[name]):+.3f}, V {np.nanmean(strength[name]):.3f}")
    listed = [
        Expectation(f"{encoder}, agreement: {name} - chance", "above 0", over_seeds(lift[name]))
        for name in ("floor", "shape", "environment", "material")
    ]
    claim = f"{encoder}, agreement - chance: floor - material"
    return [*listed, Expectation(claim, "above 0", by_seed(lift["floor"], lift["material"]))]


def of_turns(
    found: Pool, every: NDArray[np.float16], encoder: str
) -> tuple[list[Expectation], dict[str, bool]]:
    """Compare how far a shape is from itself turned; print it for each shape."""
    turned = np.flatnonzero(found.block == "yaw")
    shape = np.array([found.documents[row].scene.shape for row in turned])
    mean_of: dict[str, list[float]] = {}
    n_near: dict[str, int] = {}
    noise = copies_with_originals(found.group.astype(np.int32), found.variant == "")
    of_noise = found.variant[noise[0]] == "noise"
    floor = np.percentile(1 - pair_cosines(every[noise[0][of_noise]], every[noise[1][of_noise]]), 95)
    for name in dict.fromkeys(shape.tolist()):
        rows = turned[shape == name]
        one, other = np.divmod(np.arange(len(rows) ** 2), len(rows))
        apart = (1 - pair_cosines(every[rows[one]], every[rows[other]])).reshape(len(rows), -1)
        mean_of[name] = (apart.sum(axis=1) / (len(rows) - 1)).tolist()
        n_near[name] = int((Drawn.of(rows, every, 0).nearest < floor).sum())
    print(f"\n{encoder}: mean distance of a shape from itself turned, and of its eight turns those with an "
          f"earlier one nearer than 95% of other noise, {floor:.4f}")  # fmt: skip
    for name in sorted(mean_of, key=lambda name: np.mean(mean_of[name])):
        print(f"  {name}: {np.mean(mean_of[name]):.4f}, {n_near[name]}")
    claim = f"{encoder}, mean distance over turns: cube - sphere"
    return [Expectation(claim, "above 0", by_seed(mean_of["cube"], mean_of["sphere"]))], {
        f"{encoder}: at the limit of noise more turns of the sphere go than of the cube": n_near["sphere"]
        > n_near["cube"]
    }


def main(chosen: Plan) -> Findings:
    """Render, encode, prune, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    found = pool(chosen.size, chosen.materials, chosen.environments)
    expectations: list[Expectation] = []
    complete = all((factor.level >= 0).all() for factor in found.factors.values())
    identities, directions = {"every picture has a level of every factor": complete}, dict[str, bool]()
    for encoder in chosen.encoders:
        every, seeds = vectors(found, encoder), range(chosen.seeds)
        of_copies, exact = of_duplicates(found, every, encoder, seeds)
        turns, more = of_turns(found, every, encoder)
        expectations += of_copies + of_cells(found, every, encoder, seeds)
        expectations += of_factors(found, every, encoder, seeds) + turns
        identities |= exact
        directions |= more
    print(f"\nIntervals over seeds, of turns over the eight; {time.perf_counter() - begun:.0f} s.")
    gate = f"{PIXELS}, combinations: semdedup - random"
    return Findings(expectations, identities, directions, gate=gate, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

"""Pruned episodes: is a map read as well, and does a policy learn as well, from fewer walks that are
chosen?

    python examples/papers/agent_curation.py [--quick]

Episodes of a blind agent (see blind_agents.py) are pruned like any documents, by the paths they take: from
a corpus in which forty tasks are walked twenty times, and from one in which every task is walked once. A
probe of occupancy then learns from what is kept, with as many updates in every arm, and is tested in mazes
that nobody learnt in. From the corpus with repeats a policy learns too, by cloning what was done, and walks
held-out tasks.

No paper has this experiment: of SemDeDup (arXiv:2303.09540) one expects that it beats a random choice where
something repeats, and is as good where nothing does.
"""

# ruff: noqa: T201  it prints

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from agent_pools import DISTINCT, REPEATED, Corpus, corpus, corpus_of, policy, scores, sides
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from numpy.typing import NDArray

import guyot
from guyot.audit.maps.occupancy import occupancy
from guyot.navigation.tasks import tasks
from resources.models.reproducibility import deterministic
from resources.navigation.cloning import clone_walks
from resources.navigation.policy_walks import walk_tasks
from resources.navigation_settings import NavigationSettings

ARMS: dict[str, Any] = {"random": guyot.Random(), "semdedup": guyot.SemDeDup(), "density": guyot.Density()}
EVERYTHING = ("everything", 1.0)
KEPT = (0.5, 0.25)
PROBE, CLONE = "probe", "clone"

Found = dict[tuple[str, float], float]


@dataclass(frozen=True)
class Plan:
    """How many episodes, seeds and updates there are; of probes, and of policies that clone what is kept."""

    navigation: NavigationSettings
    seeds: int
    clone_seeds: int
    updates: int
    clone_updates: int
    scored_tasks: int


@dataclass(frozen=True)
class Judge:
    """What arms are judged by: episodes in held-out mazes for probes, and tasks there for clones."""

    test: Corpus
    walls: NDArray[np.bool_]
    plan: Plan

    def probe(self, of: Corpus, kept: NDArray[np.bool_]) -> float:
        """Return how well walls of explored cells are read, by a probe of as many updates in every arm."""
        learnt, tested = of.moments.of(kept), self.test.moments
        found = occupancy(
            learnt.features, learnt.seen, tested.features, tested.seen, seed=0, updates=self.plan.updates
        )
        return found["explored"].mean_area

    def clone(self, of: Corpus, kept: NDArray[np.bool_], seed: int) -> float:
        """Return the success of a policy that learnt what was done in what is kept."""
        walks = [of.walks[row] for row in np.flatnonzero(kept).tolist()]
        learnt = clone_walks(walks, updates=self.plan.clone_updates, seed=seed)
        asked = tasks(2, self.walls, self.plan.scored_tasks, stream="clones")
        return float(scores(walk_tasks(learnt, self.walls, asked, 2), asked)[0].mean())


FULL = Plan(NavigationSettings(), seeds=5, clone_seeds=3, updates=288, clone_updates=150, scored_tasks=1000)
QUICK = Plan(
    NavigationSettings(
        imitation_steps=16_384, reward_steps=0, train_mazes=500, held_out_mazes=200, single_tasks=40,
        repeated_tasks=5, task_repeats=8, audit_tasks=60, held_out_tasks=60,
    ),
    seeds=2, clone_seeds=2, updates=20, clone_updates=2, scored_tasks=60,
)  # fmt: skip


def arms(of: Corpus, seed: int) -> dict[tuple[str, float], NDArray[np.bool_]]:
    """Prune a corpus by each arm to each share; everything stands beside. bool[n] each, True is kept."""
    found = {EVERYTHING: np.ones(len(of.walks), bool)}
    for share in KEPT:
        for arm, step in ARMS.items():
            step = dataclasses.replace(step, seed=seed) if arm == "random" else step
            pruned = guyot.Corpus.from_vectors(of.vectors, progress=False).prune(step, keep=share)
            found[arm, share] = pruned.mask
    return found


def judged(of: Corpus, judge: Judge, seed: int, *, clones: bool) -> dict[str, Found]:
    """Judge every arm of a corpus by the probe, and by clones if they are asked for; print it."""
    found: dict[str, Found] = {PROBE: {}} | ({CLONE: {}} if clones else {})
    for arm, kept in arms(of, seed).items():
        found[PROBE][arm] = judge.probe(of, kept)
        n_tasks = len({of.task[row] for row in np.flatnonzero(kept)})
        told = f"  {arm[0]:10} {arm[1]:4.0%}: {n_tasks:5,} tasks, probe {found[PROBE][arm]:.4f}"
        if clones:
            found[CLONE][arm] = judge.clone(of, kept, seed)
            told += f", success of a clone {found[CLONE][arm]:.3f}"
        print(told, flush=True)
    return found


def witness_share(of: Corpus) -> float:
    """Return of the repeats that semdedup drops the share whose witness is a walk of the same task."""
    mixture = guyot.Corpus.from_vectors(of.vectors, progress=False).prune(guyot.SemDeDup(), keep=KEPT[0])
    counts = {name: of.task.count(name) for name in set(of.task)}
    same = [
        of.task[row] == of.task[by]
        for row, by in zip(mixture.dropped["row"].tolist(), mixture.dropped["witness"].tolist(), strict=True)
        if counts[of.task[row]] > 1 and by >= 0
    ]
    return float(np.mean(same)) if same else float("nan")


def expected(kind: str, by: str, every: list[Found]) -> list[Expectation]:
    """Compare arms seed by seed."""
    direction = "above 0" if kind == REPEATED else "any"
    told: list[Expectation] = []
    for share in KEPT:
        semdedup, random, density = (
            [found[arm, share] for found in every] for arm in ("semdedup", "random", "density")
        )
        claim = f"{kind}, {share:.0%} kept, {by}"
        told.append(Expectation(f"{claim}: semdedup - random", direction, by_seed(semdedup, random)))
        told.append(Expectation(f"{claim}: density - semdedup", "any", by_seed(density, semdedup)))
    if kind == REPEATED:
        whole, half = ([found[arm] for found in every] for arm in (EVERYTHING, ("semdedup", KEPT[0])))
        told.append(Expectation(f"{kind}, 50% kept, {by}: semdedup - all", "any", by_seed(half, whole)))
    return told


def main(chosen: Plan) -> Findings:
    """Walk, prune, probe, clone, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    agent, walls = policy("recurrent-0", chosen.navigation), sides(chosen.navigation)[1]
    print(f"policy after {time.perf_counter() - begun:.0f} s")
    expectations: list[Expectation] = []
    directions: dict[str, bool] = {}
    with deterministic(1):
        asked = tasks(1, walls, chosen.navigation.held_out_tasks, stream="tests")
        judge = Judge(corpus_of(agent, walk_tasks(agent, walls, asked, 1), 1), walls, chosen)
        for kind in (REPEATED, DISTINCT):
            every: list[dict[str, Found]] = []
            same: list[float] = []
            for seed in range(chosen.seeds):
                of = corpus(agent, kind, chosen.navigation, seed)
                print(f"\n{kind}, seed {seed}: {len(of.walks):,} episodes of {len(set(of.task)):,} tasks")
                clones = kind == REPEATED and seed < chosen.clone_seeds
                every.append(judged(of, judge, seed, clones=clones))
                same.append(witness_share(of))
            for by in every[0]:
                expectations += expected(kind, by, [found[by] for found in every if by in found])
            if kind == REPEATED:
                half = [(found[PROBE]["semdedup", 0.5], found[PROBE]["random", 0.5]) for found in every]
                directions["with repeats, 50% kept, probe: semdedup above random with every seed"] = all(
                    one > other for one, other in half
                )
                share = over_seeds(same)
                print(f"\nof dropped repeats {share.value:.2f} have a witness of the same task")
                directions["most dropped repeats have a witness of the same task (0.8)"] = share.value > 0.8
    told = f"Intervals over corpora, of clones over the first {chosen.clone_seeds}"
    print(f"\n{told}; {time.perf_counter() - begun:.0f} s.")
    gate = f"{REPEATED}, 50% kept, {PROBE}: semdedup - random"
    return Findings(expectations, {}, directions, gate=gate, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

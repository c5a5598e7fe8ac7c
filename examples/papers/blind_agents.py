"""Blind agents: is a map read from the memory of an agent that senses only its own motion, and is it read
as well when a probe learns from episodes that were pruned?

    python examples/papers/blind_agents.py [--quick]

Wijmans et al. 2023 (arXiv:2301.13261) train agents by reward alone. Here a recurrent policy first imitates a
planner that draws a map of the bumps it makes, and then learns from reward: so it is shown that a blind agent
*holds* a map, not that reward alone makes one. Controls are a policy without a memory, an untrained network
that is led along the same walks, and the observation of the moment alone. Probes are fitted and tested in
mazes that no policy learnt in, and never in the same ones.

Episodes are pruned like any documents, by the paths they take: from a corpus in which forty tasks are walked
twenty times, and from one in which every task is walked once.
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
from guyot.seeds import generator
from guyot.stats import mean_interval
from resources.models.reproducibility import deterministic
from resources.navigation.memory_readings import gap, memory_readings
from resources.navigation.policies import Policy, walk_tasks
from resources.navigation_settings import NavigationSettings

RECURRENT, MEMORYLESS = "recurrent-0", "memoryless-0"
ARMS: dict[str, Any] = {"random": guyot.Random(), "semdedup": guyot.SemDeDup(), "density": guyot.Density()}
KEPT = (0.5, 0.25)
REMEMBERED = (1, 2, 8, 32)
LEAST_GAP, LEAST_LEAD, LEAST_COLLISION = 0.04, 0.10, 0.88
_DRAWS = 2000


@dataclass(frozen=True)
class Plan:
    """How long policies learn, and how many episodes and seeds there are."""

    navigation: NavigationSettings
    scored_tasks: int
    recalled_tasks: int
    seeds: int
    updates: int


FULL = Plan(NavigationSettings(), scored_tasks=2000, recalled_tasks=600, seeds=3, updates=288)
QUICK = Plan(
    NavigationSettings(
        imitation_steps=16_384, reward_steps=0, train_mazes=500, held_out_mazes=200, single_tasks=40,
        repeated_tasks=5, task_repeats=8, audit_tasks=60, held_out_tasks=60,
    ),
    scored_tasks=100, recalled_tasks=60, seeds=2, updates=20,
)  # fmt: skip


def of_success(agents: dict[str, Policy], walls: NDArray[np.bool_], plan: Plan) -> list[Expectation]:
    """Let both policies walk the same held-out tasks."""
    asked = tasks(0, walls, plan.scored_tasks, stream="scored")
    success: dict[str, NDArray[np.float64]] = {}
    for name, agent in agents.items():
        reached, spl = scores(walk_tasks(agent, walls, asked, 0), asked)
        success[name] = reached.astype(np.float64)
        print(f"{name}: success {reached.mean():.3f}, SPL {spl.mean():.3f} of {len(asked):,} held-out tasks")
    lead = mean_interval(success[RECURRENT] - success[MEMORYLESS], _DRAWS, generator(0, "lead"))
    far = Expectation(f"success: recurrent - memoryless - {LEAST_LEAD}", "above 0", _less(lead, LEAST_LEAD))
    return [Expectation("success: recurrent - memoryless", "above 0", lead), far]


def of_memory(agent: Policy, walls: NDArray[np.bool_], plan: Plan) -> list[Expectation]:
    """Cut the memory short: the state is made anew from the last observations before each action."""
    asked = tasks(0, walls, plan.recalled_tasks, stream="recalled")
    found: dict[int, NDArray[np.float64]] = {}
    for n in (*REMEMBERED, 0):
        walks = walk_tasks(agent, walls, asked, 0, n_observations=n or None)
        found[n] = scores(walks, asked)[0].astype(np.float64)
    print("success by the observations that are remembered: "
          + ", ".join(f"{n or 'all'} {found[n].mean():.3f}" for n in found))  # fmt: skip
    return [
        Expectation(
            f"success: all remembered - the last {n}", "above 0",
            mean_interval(found[0] - found[n], _DRAWS, generator(0, "recalled", n)),
        )
        for n in (8, 2)
    ]  # fmt: skip


def of_probes(
    agent: Policy, walls: tuple[NDArray[np.bool_], NDArray[np.bool_]], plan: Plan
) -> dict[str, bool]:
    """Read the memory beside its controls, in mazes that the probe was not fitted in."""
    counts = (plan.navigation.audit_tasks, plan.navigation.held_out_tasks)
    walks = [
        walk_tasks(agent, side, tasks(0, side, n, stream="probes"), 0)
        for side, n in zip(walls, counts, strict=True)
    ]
    found: dict[str, dict[str, float]] = {}
    for reading in memory_readings(agent, walks[0], walks[1], 0):
        found.setdefault(reading.probe, {})[reading.features] = reading.value
    print(f"\n{'probe':28}{'trained':>9}{'untrained':>11}{'observation':>13}{'shuffled':>10}")
    for probe, by in found.items():
        print(
            f"{probe:28}{by['trained']:9.3f}{by['untrained']:11.3f}{by['observation']:13.3f}{by['shuffled']:10.3f}"
        )
    directions = {
        f"occupancy of {mask} cells: above the better control by {LEAST_GAP}": gap(
            found[f"occupancy, {mask}"]
        )
        > LEAST_GAP
        for mask in ("explored", "old")
    }
    collisions = found["collision, all units"]
    return directions | {
        f"collisions, all units: area of {LEAST_COLLISION} at least": collisions["trained"]
        >= LEAST_COLLISION,
        "collisions, 4 units: above untrained by .15": found["collision, 4 units"]["trained"]
        - found["collision, 4 units"]["untrained"]
        > 0.15,
    }


def areas(of: Corpus, test: Corpus, plan: Plan, seed: int) -> dict[tuple[str, float], float]:
    """Prune a corpus by each arm, and fit a probe to what is kept; print how many tasks are."""
    found: dict[tuple[str, float], float] = {
        ("everything", 1.0): area(of, test, np.ones(len(of.walks), bool), plan)
    }
    for kept_share in KEPT:
        for arm, step in ARMS.items():
            step = dataclasses.replace(step, seed=seed) if arm == "random" else step
            mixture = guyot.Corpus.from_vectors(of.vectors, progress=False).prune(step, keep=kept_share)
            kept = mixture.mask
            n_tasks = len({of.task[row] for row in np.flatnonzero(kept)})
            found[arm, kept_share] = area(of, test, kept, plan)
            print(f"  {arm:9} {kept_share:4.0%}: {n_tasks:5,} tasks, {found[arm, kept_share]:.4f}")
    return found


def area(of: Corpus, test: Corpus, kept: NDArray[np.bool_], plan: Plan) -> float:
    """Return how well walls of explored cells are read, by a probe of as many updates whatever is kept."""
    features, seen = of.of(kept)
    found = occupancy(features, seen, test.features, test.seen, seed=0, updates=plan.updates)
    return found["explored"].mean_area


def of_pruning(
    agent: Policy, walls: tuple[NDArray[np.bool_], NDArray[np.bool_]], plan: Plan
) -> tuple[list[Expectation], dict[str, bool]]:
    """Compare what probes read that learnt from pruned corpora, of episodes with repeats and without."""
    asked = tasks(1, walls[1], plan.navigation.held_out_tasks, stream="tests")
    test = corpus_of(agent, walk_tasks(agent, walls[1], asked, 1), 1)
    expectations: list[Expectation] = []
    directions: dict[str, bool] = {}
    for kind in (REPEATED, DISTINCT):
        every: list[dict[tuple[str, float], float]] = []
        same: list[float] = []
        for seed in range(plan.seeds):
            of = corpus(agent, kind, plan.navigation, seed)
            print(f"\n{kind}, seed {seed}: {len(of.walks):,} episodes of {len(set(of.task)):,} tasks")
            every.append(areas(of, test, plan, seed))
            same.append(witness_share(of))
        direction = "above 0" if kind == REPEATED else "any"
        for kept_share in KEPT:
            one, other = ([found[arm, kept_share] for found in every] for arm in ("semdedup", "random"))
            claim = f"{kind}, {kept_share:.0%} kept: semdedup - random"
            expectations.append(Expectation(claim, direction, by_seed(one, other)))
            density = [found["density", kept_share] for found in every]
            claim = f"{kind}, {kept_share:.0%} kept: density - semdedup"
            expectations.append(Expectation(claim, "any", by_seed(density, one)))
            if kind == REPEATED and kept_share == KEPT[0]:
                directions[f"{claim.split(':')[0]}: semdedup above random with every seed"] = all(
                    a > b for a, b in zip(one, other, strict=True)
                )
        if kind == REPEATED:
            whole = [found["everything", 1.0] for found in every]
            one = [found["semdedup", KEPT[0]] for found in every]
            expectations.append(
                Expectation("with repeats, 50% kept: semdedup - all", "any", by_seed(one, whole))
            )
            share = over_seeds(same)
            print(f"\nof dropped repeats {share.value:.2f} have a witness of the same task")
            directions["most dropped repeats have a witness of the same task (0.8)"] = share.value > 0.8
    return expectations, directions


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


def _less(interval: Any, margin: float) -> Any:
    """Return an interval moved down by a margin."""
    return dataclasses.replace(
        interval, value=interval.value - margin, low=interval.low - margin, high=interval.high - margin
    )


def main(chosen: Plan) -> Findings:
    """Train, probe, prune, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    agents = {name: policy(name, chosen.navigation) for name in (RECURRENT, MEMORYLESS)}
    print(f"policies after {time.perf_counter() - begun:.0f} s")
    walls, agent = sides(chosen.navigation), agents[RECURRENT]
    with deterministic(1):
        expectations = of_success(agents, walls[1], chosen) + of_memory(agent, walls[1], chosen)
        directions = of_probes(agent, walls, chosen)
        pruned, more = of_pruning(agent, walls, chosen)
    print(f"\nIntervals over tasks, of pruning over seeds; {time.perf_counter() - begun:.0f} s.")
    gate = "success: recurrent - memoryless"
    return Findings(expectations + pruned, {}, directions | more, gate=gate, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

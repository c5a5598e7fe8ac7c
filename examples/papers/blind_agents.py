"""Blind agents: is a map read from the memory of an agent that senses only its own motion, and what is
forgotten?

    python examples/papers/blind_agents.py [--quick]

Wijmans et al. 2023 (arXiv:2301.13261) train agents by reward alone. Here a recurrent policy first imitates
a planner that draws a map of the bumps it makes, and then learns from reward: so it is shown that a blind
agent *holds* a map, not that reward alone makes one. A policy that learns from reward alone, for as many
steps, stands beside it. Controls are a policy without a memory, an untrained network that is led along the
same walks, and the observation of the moment alone. Probes are fitted and tested in mazes that no policy
learnt in, and never in the same ones.

memory_transplant.py asks whether another agent can use the map; agent_curation.py prunes the episodes.
"""

# ruff: noqa: T201  it prints

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from agent_pools import policy, scores, sides
from expectations import Expectation, by_seed, over_seeds
from findings import Findings, command
from numpy.typing import NDArray

from guyot.navigation.planner import planner_outcomes
from guyot.navigation.tasks import tasks
from guyot.seeds import generator
from guyot.stats import mean_interval
from resources.models.reproducibility import deterministic
from resources.navigation.memory_length import success_by_memory
from resources.navigation.memory_readings import FORGOTTEN_AGO, gap, memory_readings
from resources.navigation.policies import Policy
from resources.navigation.policy_walks import walk_tasks
from resources.navigation_settings import NavigationSettings

RECURRENT, MEMORYLESS, REWARD = ("recurrent-0", "recurrent-1", "recurrent-2"), "memoryless-0", "reward-0"
LEAST_GAP, LEAST_LEAD, LEAST_COLLISION = 0.04, 0.10, 0.88
_DRAWS = 2000

Found = dict[str, dict[str, float]]  # by probe, by what it was read from


@dataclass(frozen=True)
class Plan:
    """How long policies learn, and how many tasks they are scored by."""

    navigation: NavigationSettings
    scored_tasks: int
    recalled_tasks: int


FULL = Plan(NavigationSettings(), scored_tasks=2000, recalled_tasks=600)
QUICK = Plan(
    NavigationSettings(
        imitation_steps=16_384, reward_steps=0, train_mazes=500, held_out_mazes=200, single_tasks=40,
        repeated_tasks=5, task_repeats=8, audit_tasks=60, held_out_tasks=60,
    ),
    scored_tasks=100, recalled_tasks=60,
)  # fmt: skip


def of_success(
    agents: dict[str, Policy], walls: NDArray[np.bool_], plan: Plan
) -> tuple[list[Expectation], dict[str, float]]:
    """Let all policies and their teacher walk the same held-out tasks; return also each one's success."""
    asked = tasks(0, walls, plan.scored_tasks, stream="scored")
    success: dict[str, NDArray[np.float64]] = {}
    for name, agent in agents.items():
        reached, spl = scores(walk_tasks(agent, walls, asked, 0), asked)
        success[name] = reached.astype(np.float64)
        print(f"{name}: success {reached.mean():.3f}, SPL {spl.mean():.3f} of {len(asked):,} held-out tasks")
    taught = planner_outcomes(walls, asked)[0]
    print(f"the planner that taught them: success {taught.mean():.3f}")
    told: list[Expectation] = []
    for name in RECURRENT:
        lead = mean_interval(success[name] - success[MEMORYLESS], _DRAWS, generator(0, "lead"))
        told.append(Expectation(f"success: {name} - memoryless", "above 0", lead))
        far = f"success: {name} - memoryless - {LEAST_LEAD}"
        told.append(Expectation(far, "above 0", _less(lead, LEAST_LEAD)))
    alone = mean_interval(success[REWARD] - success[MEMORYLESS], _DRAWS, generator(0, "lead"))
    told.append(Expectation(f"success: {REWARD} - memoryless", "any", alone))
    return told, {name: float(of.mean()) for name, of in success.items()}


def of_memory(agent: Policy, walls: NDArray[np.bool_], plan: Plan) -> list[Expectation]:
    """Cut the memory short: the state is made anew from the last observations before each action."""
    asked = tasks(0, walls, plan.recalled_tasks, stream="recalled")
    found = {n: of.astype(np.float64) for n, of in success_by_memory(agent, walls, asked, 0).items()}
    print("success by the observations that are remembered: "
          + ", ".join(f"{n or 'all'} {found[n].mean():.3f}" for n in found))  # fmt: skip
    return [
        Expectation(
            f"success: all remembered - the last {n}", "above 0",
            mean_interval(found[0] - found[n], _DRAWS, generator(0, "recalled", n)),
        )
        for n in (8, 2)
    ]  # fmt: skip


def probed(name: str, agent: Policy, walls: tuple[NDArray[np.bool_], NDArray[np.bool_]], plan: Plan) -> Found:
    """Read the memory beside its controls, in mazes that the probe was not fitted in; print it."""
    counts = (plan.navigation.audit_tasks, plan.navigation.held_out_tasks)
    walks = [
        walk_tasks(agent, side, tasks(0, side, n, stream="probes"), 0)
        for side, n in zip(walls, counts, strict=True)
    ]
    found: Found = {}
    for reading in memory_readings(agent, walks[0], walks[1], 0):
        found.setdefault(reading.probe, {})[reading.features] = reading.value
    print(f"\n{name:34}{'trained':>9}{'untrained':>11}{'observation':>13}{'shuffled':>10}")
    for probe, by in found.items():
        values = by["trained"], by["untrained"], by["observation"], by["shuffled"]
        print(f"{probe:34}{values[0]:9.3f}{values[1]:11.3f}{values[2]:13.3f}{values[3]:10.3f}", flush=True)
    return found


def of_probes(name: str, found: Found) -> dict[str, bool]:
    """Judge what was read from a policy's memory."""
    collisions, four = found["collision, all units"], found["collision, 4 units"]
    return {
        f"{name}, occupancy of {mask} cells: above the better control by {LEAST_GAP}": gap(
            found[f"occupancy, {mask}"]
        )
        > LEAST_GAP
        for mask in ("explored", "old")
    } | {
        f"{name}, collisions, all units: area of {LEAST_COLLISION} at least": collisions["trained"]
        >= LEAST_COLLISION,
        f"{name}, collisions, 4 units: above untrained by .15": four["trained"] - four["untrained"] > 0.15,
    }


def _less(interval: Any, margin: float) -> Any:
    """Return an interval moved down by a margin."""
    return dataclasses.replace(
        interval, value=interval.value - margin, low=interval.low - margin, high=interval.high - margin
    )


def of_excursions(every: list[Found]) -> list[Expectation]:
    """Compare places on ways that the agent came back from with places on the way, as long ago."""
    told: list[Expectation] = []
    for ago in FORGOTTEN_AGO:
        names = [f"place on {where}, {ago} actions ago" for where in ("excursions", "the way")]
        more = {
            of: [found[names[0]][of] - found[names[1]][of] for found in every]
            for of in ("trained", "untrained")
        }
        claim = f"place {ago} actions ago, cells from the truth: on excursions - on the way"
        told.append(Expectation(claim, "above 0", over_seeds(more["trained"])))
        by = by_seed(more["trained"], more["untrained"])
        told.append(Expectation(f"{claim}, trained - untrained", "any", by))
    return told


def main(chosen: Plan) -> Findings:
    """Train, walk, probe, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    # agent_curation.py may be running beside, and begins with the first of them
    agents = {name: policy(name, chosen.navigation) for name in (REWARD, MEMORYLESS, *reversed(RECURRENT))}
    print(f"policies after {time.perf_counter() - begun:.0f} s")
    walls, first = sides(chosen.navigation), agents[RECURRENT[0]]
    directions: dict[str, bool] = {}
    every: list[Found] = []
    with deterministic(1):
        expectations, reached_by = of_success(agents, walls[1], chosen)
        expectations += of_memory(first, walls[1], chosen)
        for name in (*RECURRENT, REWARD):
            found = probed(name, agents[name], walls, chosen)
            if name != REWARD:
                every.append(found)
                directions |= of_probes(name, found) | {
                    f"{name}: success of .80 at least": reached_by[name] >= 0.8
                }
    expectations += of_excursions(every)
    print(f"\nIntervals over tasks, of excursions over policies; {time.perf_counter() - begun:.0f} s.")
    return Findings(
        expectations, {}, directions, gate=f"success: {RECURRENT[0]} - memoryless", n_seeds=len(RECURRENT)
    )


if __name__ == "__main__":
    command(main, FULL, QUICK)

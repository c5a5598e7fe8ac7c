"""Memory transplant: does what an agent remembers of a first trip help another agent on a second one?

    python examples/papers/memory_transplant.py [--quick]

Wijmans et al. 2023 (arXiv:2301.13261), section 3: an agent walks from S to T; its last state is put into
another agent, which is trained to walk from S to T again, or from T back to S. Beside it stand agents that
begin with nothing, and with the last state of an untrained network that was led along the same trip. If the
memory holds a map, the second agent finds a shorter way.

Here the second agent is a copy of the first whose weights are trained on second trips, by reward alone, as
long in each arm; no gradient reaches the first. Mazes are of 13 x 13 cells and nearly trees, so that the
way cannot be guessed. In each trip places count from its own start, so the way back wants a map that can be
turned around. A planner that keeps to the cells of the first trip says how much there is to be won.

Trips are those on which the first agent reached its goal from an empty memory, so the same trip again is one
that it makes well from an empty memory: that arm has an advantage of the choice.
"""

# ruff: noqa: T201  it prints

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from agent_pools import FOLDER, scores
from expectations import Expectation, by_seed
from findings import Findings, command
from numpy.typing import NDArray

from guyot.identity import fingerprint
from guyot.navigation.mazes import mazes
from guyot.navigation.planner import planner_outcomes
from guyot.navigation.scores import spl
from guyot.navigation.second_trips import WAYS, bumped_walls, second_trips, walked_cells
from guyot.navigation.tasks import Tasks, tasks
from resources.navigation.episodes import reached
from resources.navigation.memory_readings import untrained
from resources.navigation.policies import (
    CONFIG,
    WEIGHTS,
    Policy,
    last_states,
    load_policy,
    policy_files,
    policy_of,
)
from resources.navigation.policy_settings import N_UNITS, PolicySettings
from resources.navigation.policy_training import Beginning, train_policy
from resources.navigation.policy_walks import walk_tasks

SIZE, OPEN_FRACTION, MAX_STEPS = 13, 0.05, 150
OWN, ZERO, UNTRAINED = "own memory", "nothing", "untrained memory"


@dataclass(frozen=True)
class Plan:
    """How long agents learn, and how many trips there are."""

    first: PolicySettings
    second: PolicySettings
    mazes: int
    trips: int
    tested_trips: int
    seeds: int


FULL = Plan(
    PolicySettings(max_steps=MAX_STEPS),
    PolicySettings(imitation_steps=0, reward_steps=655_360, max_steps=MAX_STEPS, progress_reward=0.0),
    mazes=20_000, trips=12_000, tested_trips=3_000, seeds=3,
)  # fmt: skip
QUICK = Plan(
    PolicySettings(imitation_steps=32_768, reward_steps=0, max_steps=MAX_STEPS),
    PolicySettings(imitation_steps=0, reward_steps=1, max_steps=MAX_STEPS),
    mazes=200, trips=300, tested_trips=200, seeds=2,
)  # fmt: skip


@dataclass(frozen=True)
class Trips:
    """First trips that reached their goals, what follows on them, and what is held when they end.

    walls : bool[m, size, size]; first : n tasks; second : n tasks by way
    memories : float32[n, 128] by arm
    avoided : bool[n, size, size] by what a planner may know of the first trip: cells that it takes for walls
    """

    walls: NDArray[np.bool_]
    first: Tasks
    second: dict[str, Tasks]
    memories: dict[str, NDArray[np.float32]]
    avoided: dict[str, NDArray[np.bool_]]


def first_agent(walls: NDArray[np.bool_], settings: PolicySettings) -> Policy:
    """Return an agent that learnt in such mazes, trained now if this machine has none."""
    folder = FOLDER / f"transplant-{fingerprint([settings.as_json(), walls.shape, OPEN_FRACTION])}"
    if not (folder / CONFIG).is_file():
        written = Path(f"{folder}.partial")
        written.mkdir(parents=True, exist_ok=True)
        for name, content in policy_files(train_policy(walls, settings)).items():
            (written / name).write_bytes(content)
        written.rename(folder)
    return load_policy(folder)


def trips(agent: Policy, walls: NDArray[np.bool_], n: int, stream: str) -> Trips:
    """Let an agent make first trips, and keep those that reach their goals."""
    asked = tasks(0, walls, n, stream=stream)
    walks = walk_tasks(agent, walls, asked, 0, MAX_STEPS)
    rows = np.flatnonzero([reached(walk) for walk in walks])
    kept, first = [walks[row] for row in rows], asked.take(rows)
    print(f"{stream}: {len(rows):,} of {n:,} trips reached their goals")
    held = {OWN: last_states(agent, kept), UNTRAINED: last_states(untrained(agent), kept)}
    held[ZERO] = np.zeros((len(rows), N_UNITS), np.float32)
    second = {way: second_trips(kept, first, way) for way in WAYS}
    bumped, walked = bumped_walls(kept), walked_cells(kept)
    avoided = {"nothing": bumped & False, "the walls it bumped into": bumped, "where it walked": ~walked}
    return Trips(walls, first, second, held, avoided)


def ceiling(of: Trips) -> None:
    """Print what a planner does on second trips, by what it knows of the first."""
    for way in WAYS:
        for name, avoided in of.avoided.items():
            success, moves = planner_outcomes(of.walls, of.second[way], MAX_STEPS, avoided)
            value = spl(success, moves, of.second[way].geodesic).mean()
            print(f"{way:5}  a planner that knows {name}: success {success.mean():.3f}, SPL {value:.3f}")


def second_agent(agent: Policy, of: Trips, way: str, arm: str, plan: Plan, seed: int) -> Policy:
    """Train a copy of an agent on second trips that begin with an arm's memories."""
    weights = weights_of(agent)
    settings = dataclasses.replace(plan.second, seed=seed)
    trained = train_policy(of.walls, settings, beginning=Beginning(weights, of.second[way], of.memories[arm]))
    files = policy_files(trained)
    return policy_of({"memory": "gru", **trained.config}, files[WEIGHTS])


def weights_of(agent: Policy) -> bytes:
    """Return an agent's weights."""
    import safetensors.torch

    return safetensors.torch.save(
        {name: tensor.contiguous() for name, tensor in agent.network.state_dict().items()}
    )


def spl_of(agent: Policy, of: Trips, way: str, arm: str) -> tuple[float, float]:
    """Let an agent make second trips; return success and SPL."""
    walks = walk_tasks(agent, of.walls, of.second[way], 1, MAX_STEPS, initial=of.memories[arm])
    success, value = scores(walks, of.second[way])
    return float(success.mean()), float(value.mean())


def main(chosen: Plan) -> Findings:
    """Train, transplant, walk, and tell what was expected and what was measured."""
    begun = time.perf_counter()
    walls, held_out = (
        mazes(0, n, SIZE, OPEN_FRACTION, split=split, room=False)
        for split, n in (("train", chosen.mazes), ("held_out", chosen.mazes // 5))
    )
    agent = first_agent(walls, chosen.first)
    print(f"first agent after {time.perf_counter() - begun:.0f} s")
    learnt, tested = (
        trips(agent, walls, chosen.trips, "learnt"),
        trips(agent, held_out, chosen.tested_trips, "tested"),
    )
    ceiling(tested)
    found: dict[tuple[str, str], list[float]] = {}
    for way in WAYS:
        for arm in (OWN, ZERO, UNTRAINED):
            success, value = spl_of(agent, tested, way, arm)
            print(
                f"{way:5}  {arm:16}  not trained further: success {success:.3f}, SPL {value:.3f}", flush=True
            )
            for seed in range(chosen.seeds):
                second = second_agent(agent, learnt, way, arm, chosen, seed)
                success, value = spl_of(second, tested, way, arm)
                found.setdefault((way, arm), []).append(value)
                print(f"{way:5}  {arm:16}  seed {seed}: success {success:.3f}, SPL {value:.3f}; "
                      f"{time.perf_counter() - begun:.0f} s", flush=True)  # fmt: skip
    expectations = [
        Expectation(
            f"SPL of the trip {way}: {OWN} - {arm}", "above 0", by_seed(found[way, OWN], found[way, arm])
        )
        for way in WAYS
        for arm in (ZERO, UNTRAINED)
    ]
    print(f"\nIntervals over seeds of the second agent; {time.perf_counter() - begun:.0f} s.")
    return Findings(expectations, n_seeds=chosen.seeds)


if __name__ == "__main__":
    command(main, FULL, QUICK)

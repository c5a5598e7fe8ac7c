"""How fast mazes are drawn, walked and planned in, one thread: medians of several rounds, in CPU seconds.

    .venv/bin/python benchmarks/navigation.py [--mazes 20000] [--steps 2000000] [--rounds 5]

Printed are the seconds of the first calls, which compile or load what is compiled, and then, each per CPU
second of one thread: mazes; tasks; steps of the bare environment, with rewards, observations and restarts, at
random actions of which 60% are forward, for several sizes of the batch, and by numpy; labels of the blind
planner for an agent that follows it and for one that acts at random. At the end, how well the planner walks
tasks in held-out mazes.
"""

# ruff: noqa: T201  it prints

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.planner import BlindPlanner, planner_outcomes
from guyot.navigation.scores import spl
from guyot.navigation.tasks import Tasks, tasks
from guyot.seeds import generator

N_AGENTS, N_TASKS, N_ROWS = 256, 20_000, 256
MIX = (0.6, 0.2, 0.2)  # of forward, left, right


def main(n_mazes: int, n_steps: int, rounds: int) -> None:
    """Measure each part and print it."""
    begun = time.perf_counter()
    walls = mazes(0, n_mazes)
    drawn = tasks(0, walls, N_TASKS)
    MazeEnvironment(walls, drawn, N_AGENTS).step(np.zeros(N_AGENTS, np.uint8))
    plan(walls, drawn, 1, follows=True)
    print(f"first calls: {time.perf_counter() - begun:.2f} s; load {os.getloadavg()[0]:.1f}")
    report("mazes", n_mazes, rounds, lambda: timed(lambda: mazes(0, n_mazes)))
    report("tasks", N_TASKS, rounds, lambda: timed(lambda: tasks(0, walls, N_TASKS)))
    for n_agents, compiled in ((N_AGENTS, True), (16 * N_AGENTS, True), (N_AGENTS, False)):
        n_calls = max(1, n_steps // n_agents // (1 if compiled else 10))
        name = f"steps of {n_agents} agents, {'compiled' if compiled else 'numpy'}"
        environment = MazeEnvironment(walls, drawn, n_agents, compiled=compiled)
        actions = generator(0, "actions").choice(3, (N_ROWS, n_agents), p=MIX).astype(np.uint8)
        report(name, n_calls * n_agents, rounds, lambda e=environment, a=actions, n=n_calls: steps(e, a, n))
    for follows in (True, False):
        n_calls = max(1, n_steps // N_AGENTS // 10)
        name = f"labels, {'following' if follows else 'acting at random'}"
        report(name, n_calls * N_AGENTS, rounds, lambda n=n_calls, f=follows: plan(walls, drawn, n, f))
    held_out = mazes(0, max(1, n_mazes // 10), split="held_out")
    asked = tasks(0, held_out, max(1, n_mazes // 5))
    success, moves = planner_outcomes(held_out, asked)
    found = spl(success, moves, asked.geodesic).mean()
    print(f"blind planner, {len(asked)} held-out tasks: success {success.mean():.3f}, SPL {found:.3f}")


def report(name: str, count: int, rounds: int, seconds: Callable[[], float]) -> None:
    """Print how many of something a CPU second gives: the median, the least and the most."""
    seconds()
    low, median, high = np.percentile([count / max(seconds(), 1e-9) for _ in range(rounds)], [0, 50, 100])
    print(f"{name}: {median:,.0f} per CPU second ({low:,.0f} to {high:,.0f})")


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def steps(environment: MazeEnvironment, actions: NDArray[np.uint8], n_calls: int) -> float:
    """Step an environment by given actions; return the CPU seconds."""
    begun = time.process_time()
    for i in range(n_calls):
        environment.step(actions[i % len(actions)])
    return time.process_time() - begun


def plan(walls: NDArray[np.bool_], drawn: Tasks, n_calls: int, follows: bool) -> float:
    """Ask the planner at each step; return its CPU seconds, without the environment's."""
    environment, planner = MazeEnvironment(walls, drawn, N_AGENTS), BlindPlanner(N_AGENTS, walls.shape[1])
    random = generator(0, "actions").choice(3, (N_ROWS, N_AGENTS), p=MIX).astype(np.uint8)
    spent = 0.0
    for i in range(n_calls):
        asked = environment.poses, environment.goals, environment.bumped, environment.restarted
        begun = time.process_time()
        best = planner.best_actions(*asked)
        spent += time.process_time() - begun
        environment.step(best.argmax(axis=1) if follows else random[i % N_ROWS])
    return spent


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mazes", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    main(given.mazes, given.steps, given.rounds)

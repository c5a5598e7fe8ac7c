"""How fast policies act and learn, one thread, in steps of agents per CPU second; a peer beside on demand.

    .venv/bin/python benchmarks/policies.py [--updates 4] [--rounds 3] [--peer]

Printed are, for a network with a memory and one without: steps while it acts in the mazes, steps of training
by imitation (the teacher's labels and two passes over each rollout among them) and from reward (three).
A step is one action of one agent of 256. With --peer RecurrentPPO of sb3-contrib learns in the same mazes, in
turns with ours, in an environment of its own under build/, which is made at first.
"""

# ruff: noqa: T201  it prints

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring.environments import ROOT, python_of
from guyot.navigation.mazes import mazes
from guyot.seeds import generator
from resources.navigation.policy_settings import MEMORIES, PolicySettings
from resources.navigation.policy_training import train_policy

N_MAZES, N_TASKS = 2_000, 20_000
PER_UPDATE = PolicySettings().steps_per_update


def main(n_updates: int, rounds: int, peer: bool) -> None:
    """Measure each part and print it."""
    print(f"load {os.getloadavg()[0]:.1f}")
    for memory in MEMORIES:
        report(f"acting, memory {memory}", rounds, lambda m=memory: acting(m, n_updates))
        for kind in ("imitation", "reward"):
            name = f"learning by {kind}, memory {memory}"
            report(name, rounds, lambda m=memory, k=kind: learning(m, k, n_updates))
    if peer:
        python = python_of("sb3")
        pairs = [(learning("gru", "reward", n_updates), of_peer(python, n_updates)) for _ in range(rounds)]
        theirs, ratios = [other for _, other in pairs], [one / other for one, other in pairs]
        print(f"learning from reward, sb3-contrib: {statistics.median(theirs):,.0f}, {spread(theirs)}")
        print(f"ours / theirs: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"load {os.getloadavg()[0]:.1f}")


def report(name: str, rounds: int, rate: Callable[[], float]) -> None:
    """Print a rate: the median of some rounds after one that warms up, the least and the most."""
    rate()
    found = [rate() for _ in range(rounds)]
    print(f"{name}: {statistics.median(found):,.0f} per CPU second, {spread(found)}")


def spread(found: list[float]) -> str:
    """Write the range of figures."""
    return f"{min(found):,.0f} to {max(found):,.0f}"


def acting(memory: str, n_updates: int) -> float:
    """Return the steps per CPU second of agents that act and do not learn."""
    import torch

    from guyot.navigation.environment import MazeEnvironment
    from guyot.navigation.tasks import tasks
    from resources.navigation.network import new_network
    from resources.navigation.rollouts import Agents

    torch.set_num_threads(1)
    settings, walls = PolicySettings(), mazes(0, N_MAZES)
    environment = MazeEnvironment(walls, tasks(0, walls, N_TASKS, stream="training"), settings.n_agents)
    agents = Agents(new_network(memory, 0), environment)
    shape = (settings.rollout_steps, settings.n_agents)
    draws = generator(0, "actions").random(shape, np.float32)
    begun = time.process_time()
    for _ in range(n_updates):
        agents.act(draws)
    return n_updates * PER_UPDATE / (time.process_time() - begun)


def learning(memory: str, kind: str, n_updates: int) -> float:
    """Return the steps per CPU second of a training, its first update left out."""
    budget = {
        f"{name}_steps": (n_updates + 1) * PER_UPDATE * (name == kind) for name in ("imitation", "reward")
    }
    times: list[float] = []
    train_policy(
        mazes(0, N_MAZES),
        PolicySettings(memory=memory, n_tasks=N_TASKS, **budget),
        progress=lambda _: times.append(time.process_time()),
    )
    return n_updates * PER_UPDATE / (times[-1] - times[0])


def of_peer(python: Path, n_updates: int) -> float:
    """Return the steps per CPU second of the peer, its first update left out."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), "-m", "benchmarks.ways.sb3_recurrent_ppo", folder, str(n_updates)]
        one_thread = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        subprocess.run(command, check=True, cwd=ROOT, env=os.environ | one_thread)
        took = json.loads((Path(folder) / "work.json").read_text())
    return n_updates * PER_UPDATE / took["core_seconds"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--updates", type=int, default=4, help="rollouts of 16,384 steps in each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help="compare with RecurrentPPO of sb3-contrib")
    asked = parser.parse_args()
    main(asked.updates, asked.rounds, asked.peer)

"""Blind agents and what they leave: policies that are trained once for a machine, and corpora of episodes.

Policies lie in build/papers/agents, each in a folder named for its settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from guyot.encoders.path_encoder import PathEncoder
from guyot.identity import fingerprint
from guyot.navigation.mazes import distinct, mazes
from guyot.navigation.scores import spl
from guyot.navigation.tasks import Tasks, tasks
from guyot.navigation.walks import FORWARD, Walk, format_walk, task_id
from resources.navigation.episode_set import EpisodeSetFolder
from resources.navigation.episodes import HELD_OUT, TRAIN, corpus_tasks, reached
from resources.navigation.policies import Policy, load_policy
from resources.navigation.policy_walks import walk_tasks
from resources.navigation.read_moments import ReadMoments, read_moments
from resources.navigation_settings import NavigationSettings

FOLDER = Path(__file__).resolve().parents[2] / "build" / "papers" / "agents"
DISTINCT, REPEATED = "each task once", "with repeats"


@dataclass(frozen=True)
class Corpus:
    """Episodes of a policy in the mazes that it learnt in.

    walks : n episodes; vectors : float32[n, d], of their paths; task : n hashes
    moments : what the memory holds at some, and what there is around
    """

    walks: list[Walk]
    vectors: NDArray[np.float32]
    task: list[str]
    moments: ReadMoments


def policy(name: str, navigation: NavigationSettings) -> Policy:
    """Return a policy of the graph's, trained now if this machine has none with these settings."""
    folder = FOLDER / f"{name}-{fingerprint(navigation.model_dump(exclude_defaults=True))}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # experiments run side by side: one trains, the others wait for it
        written = EpisodeSetFolder(folder, name, navigation)
        written.write()
    return load_policy(written.policy)


def sides(navigation: NavigationSettings) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return held-out mazes to fit probes in, and others to test them in; none is in both."""
    drawn = mazes(navigation.seed, navigation.held_out_mazes, navigation.maze_size, split=HELD_OUT)
    different = distinct(drawn)
    cut = 3 * len(different) // 5
    return different[:cut], different[cut:]


def corpus(agent: Policy, kind: str, navigation: NavigationSettings, seed: int) -> Corpus:
    """Let an agent walk the tasks of one kind of corpus, drawn by a seed.

    Parameters
    ----------
    kind : REPEATED, as the settings say; DISTINCT, as many tasks once
    """
    walls = mazes(navigation.seed, navigation.train_mazes, navigation.maze_size, split=TRAIN)
    drawn = navigation.model_copy(update={"seed": seed})
    n = drawn.single_tasks + drawn.repeated_tasks * drawn.task_repeats
    of = corpus_tasks(walls, drawn) if kind == REPEATED else tasks(seed, walls, n, stream="distinct")
    return corpus_of(agent, walk_tasks(agent, walls, of, seed), seed)


def corpus_of(agent: Policy, walks: list[Walk], seed: int) -> Corpus:
    """Lead an agent along walks, and look at what it holds and what there is."""
    return Corpus(
        walks,
        PathEncoder().encode([format_walk(walk) for walk in walks]),
        [task_id(walk) for walk in walks],
        read_moments(agent, walks, seed),
    )


def scores(walks: Sequence[Walk], of: Tasks) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the success and the SPL of each walk."""
    success = np.array([reached(walk) for walk in walks])
    moves = np.array([int(((walk.actions == FORWARD) & ~walk.bumps).sum()) for walk in walks])
    return success, spl(success, moves, of.geodesic)

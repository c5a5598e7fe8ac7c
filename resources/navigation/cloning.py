"""Cloning: a policy that learns from episodes alone to do what was done in them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError
from guyot.navigation.observations import N_OBSERVED, walk_observations
from guyot.navigation.walks import Walk, poses
from guyot.seeds import generator
from resources.models.reproducibility import deterministic
from resources.navigation.policies import Policy
from resources.navigation.policy_settings import N_UNITS

BATCH, LEARNING_RATE, FINAL_SHARE, MAX_GRADIENT_NORM = 64, 2e-3, 0.05, 0.5
_POOL = 4 * BATCH  # walks that are put in order of length, so that a batch has few empty steps
_THREADS = 1


def clone_walks(walks: Sequence[Walk], *, updates: int, seed: int, memory: str = "gru") -> Policy:
    """Train a policy to do what was done in walks, step for step: behavioural cloning.

    Parameters
    ----------
    walks : 1 or more; every walk counts, also those that did not reach their goals
    updates : of the weights, of 64 walks each, however many walks there are
    seed : of initial weights and batches
    memory : "gru" or "none"

    Returns
    -------
    Policy; its values were not trained

    Raises
    ------
    SettingError : no walk.

    Notes
    -----
    The loss is the cross entropy of each action; Adam, whose rate falls in a line from .002 to 5% of it. The
    same walks, seed and torch give the same weights. On one thread; 200 updates take some 15 core-seconds.
    """
    if not walks:
        raise SettingError("a policy was to learn from 0 walks; give at least 1")
    import torch

    from resources.navigation.network import new_network
    from resources.navigation.updates import new_optimizer

    with deterministic(_THREADS):
        network = new_network(memory, seed)
        optimizer = new_optimizer(network)
        for update, rows in enumerate(_batches(walks, updates, seed)):
            observed, actions, is_step = _side_by_side([walks[row] for row in rows.tolist()])
            state = torch.zeros(len(rows), N_UNITS)
            logits, _, _ = network(torch.from_numpy(observed), state, torch.ones(observed.shape[:2]))
            given = torch.from_numpy(is_step)
            loss = torch.nn.functional.cross_entropy(logits[given], torch.from_numpy(actions)[given])
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * (1 - (1 - FINAL_SHARE) * update / max(1, updates - 1))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM)
            optimizer.step()
    return Policy(
        network, {"memory": memory, "cloned": {"walks": len(walks), "updates": updates, "seed": seed}}
    )


def _batches(walks: Sequence[Walk], updates: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of batches; all walks are had before any is had again."""
    lengths = np.array([len(walk.actions) for walk in walks])
    stream, ready = generator(seed, "clones"), list[NDArray[np.int64]]()
    for _ in range(updates):
        if not ready:
            order = stream.permutation(len(walks))
            for begin in range(0, len(order), _POOL):
                pool = order[begin : begin + _POOL]
                pool = pool[np.argsort(lengths[pool], kind="stable")]
                ready += [pool[first : first + BATCH] for first in range(0, len(pool), BATCH)]
            ready = [ready[place] for place in stream.permutation(len(ready)).tolist()]
        yield ready.pop()


def _side_by_side(
    walks: Sequence[Walk],
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return what was observed before each action [t, n, 12], the actions [t, n], and where there is one."""
    shape = max(len(walk.actions) for walk in walks), len(walks)
    observed = np.zeros((*shape, N_OBSERVED), np.float32)
    actions, is_step = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for column, walk in enumerate(walks):
        n = len(walk.actions)
        observed[:n, column] = walk_observations(poses(walk), walk.actions, walk.goal)[:-1]
        actions[:n, column], is_step[:n, column] = walk.actions, True
    return observed, actions, is_step

"""Agents that act by a network, and what they saw, did and got for it.

Torch is loaded with this module.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from guyot.navigation.actions import N_ACTIONS
from guyot.navigation.environment import MazeEnvironment, Step
from guyot.navigation.observations import N_OBSERVED
from guyot.navigation.scores import spl
from resources.navigation.network import N_UNITS, PolicyNetwork


class Teacher(Protocol):
    """Who says what would be best, such as `guyot.navigation.planner.BlindPlanner`."""

    def best_actions(
        self,
        poses: NDArray[np.integer],
        goals: NDArray[np.integer],
        bumped: NDArray[np.bool_],
        restarted: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Return the set of best actions of each agent now, bool[n, 3]."""
        ...


class Finished(NamedTuple):
    """The episodes that ended in a rollout: their number, share of success, and mean SPL."""

    n: int
    success: float
    spl: float


class Rollout(NamedTuple):
    """What n agents did in t steps.

    observed : float32[t, n, 12]; state : float32[n, 128], before the first
    keep : float32[t, n], 0 where an episode begins
    given : float32[t, n, 128], what memories hold where an episode begins, or None where it is nothing
    actions : int64[t, n]; log_probabilities : float32[t, n], of each when it was done
    values, rewards : float32[t, n]; last_values : float32[n], after the last step
    ends, stopped : bool[t, n], of all episodes, and of those that had no steps left
    is_best : bool[t, n, 3], the teacher's sets, or None without one
    finished : episodes
    """

    observed: Tensor
    state: Tensor
    keep: Tensor
    given: Tensor | None
    actions: Tensor
    log_probabilities: Tensor
    values: Tensor
    rewards: Tensor
    ends: Tensor
    stopped: Tensor
    last_values: Tensor
    is_best: Tensor | None
    finished: Finished


class Agents:
    """Agents under way in an environment, each with a network's state.

    Parameters
    ----------
    network : what they act by; its weights may change between rollouts
    environment : theirs; it is reset
    memories : float32[n tasks, 128], what the memory holds when a task begins; None: nothing
    """

    def __init__(
        self,
        network: PolicyNetwork,
        environment: MazeEnvironment,
        memories: NDArray[np.float32] | None = None,
    ) -> None:
        self.network, self.environment = network, environment
        self.observed = environment.reset()
        self.device = network.policy.weight.device
        self.memories = None if memories is None else self._on_device(memories)
        self.state = torch.zeros(environment.n_agents, N_UNITS, device=self.device)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return where agents are, and what they remember: all that `restore` needs."""
        return {"places": self.environment.state, "states": self.state.cpu().numpy()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put agents where others of such an environment were, by their `arrays`."""
        self.observed = self.environment.restore(arrays["places"])
        self.state = torch.from_numpy(arrays["states"]).to(self.device)

    def act(self, draws: NDArray[np.float32], teacher: Teacher | None = None) -> Rollout:
        """Act for some steps.

        Parameters
        ----------
        draws : float32[t, n], uniform in [0, 1): what decides each action, all randomness there is
        teacher : who is asked before each step, of these agents and no others

        Returns
        -------
        Rollout, on the network's device
        """
        n_steps, n_agents = draws.shape
        before = self.state.clone()
        seen = np.empty((n_steps, n_agents, N_OBSERVED), np.float32)
        began, ends, stopped = (np.empty((n_steps, n_agents), np.bool_) for _ in range(3))
        rewards = np.empty((n_steps, n_agents), np.float32)
        is_best = None if teacher is None else np.empty((n_steps, n_agents, N_ACTIONS), np.bool_)
        given: list[Tensor] = []
        of_network: list[tuple[Tensor, Tensor, Tensor]] = []
        steps: list[Step] = []
        drawn = torch.from_numpy(draws).to(self.device)
        for t in range(n_steps):
            seen[t], began[t] = self.observed, self.environment.restarted
            if teacher is not None and is_best is not None:
                place = self.environment
                is_best[t] = teacher.best_actions(place.poses, place.goals, place.bumped, place.restarted)
            before_step = self._begun(began[t])
            given += [] if before_step is None else [before_step]
            actions, log_probabilities, values = self._choose(began[t], before_step, drawn[t])
            step = self.environment.step(actions.cpu().numpy())
            of_network.append((actions, log_probabilities, values))
            steps.append(step)
            rewards[t], ends[t], stopped[t] = step.rewards, step.done, step.done & ~step.success
            self.observed = step.observations
        actions, log_probabilities, values = (torch.stack(found) for found in zip(*of_network, strict=True))
        return Rollout(
            self._on_device(seen), before, self._on_device(1 - began.astype(np.float32)),
            torch.stack(given) if given else None, actions,
            log_probabilities, values, self._on_device(rewards), self._on_device(ends),
            self._on_device(stopped), self._last_values(),
            None if is_best is None else self._on_device(is_best), _finished(steps, self.environment),
        )  # fmt: skip

    def _begun(self, began: NDArray[np.bool_]) -> Tensor | None:
        """Return what the memories of agents hold whose episode begins, 0 of others; None without any."""
        if self.memories is None:
            return None
        rows = torch.from_numpy(self.environment.task.astype(np.int64)).to(self.device)
        return self.memories[rows] * self._on_device(began).unsqueeze(1)

    def _kept(self, began: NDArray[np.bool_], given: Tensor | None) -> Tensor:
        """Return the states that agents have before a step."""
        kept = self.state * (~self._on_device(began)).unsqueeze(1)
        return kept if given is None else kept + given

    def _choose(
        self, began: NDArray[np.bool_], given: Tensor | None, drawn: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw each agent's action by the network; return it, its log probability, and the place's value."""
        with torch.no_grad():
            kept = self._kept(began, given)
            logits, values, self.state = self.network.step(self._on_device(self.observed), kept)
            log_probabilities = logits.log_softmax(dim=1)
            actions = sampled(log_probabilities.exp(), drawn)
            return actions, log_probabilities.gather(1, actions.unsqueeze(1)).squeeze(1), values

    def _last_values(self) -> Tensor:
        """Return the values of the places that agents are at now, and leave their states as they are."""
        with torch.no_grad():
            began = self.environment.restarted
            kept = self._kept(began, self._begun(began))
            return self.network.step(self._on_device(self.observed), kept)[1]

    def _on_device(self, values: NDArray[np.generic]) -> Tensor:
        """Return an array as a tensor where the network is."""
        return torch.from_numpy(values).to(self.device)


def sampled(probabilities: Tensor, drawn: Tensor) -> Tensor:
    """Return the action that each number falls on when probabilities are laid end to end.

    Parameters
    ----------
    probabilities : float[n, 3]
    drawn : float[n], uniform in [0, 1)

    Returns
    -------
    int64[n]
    """
    return (drawn.unsqueeze(1) >= probabilities.cumsum(dim=1)[:, :-1]).sum(dim=1)


def _finished(steps: list[Step], environment: MazeEnvironment) -> Finished:
    """Sum up the episodes that ended."""
    done = np.stack([step.done for step in steps])
    success, moves, task = (
        np.stack([getattr(step, name) for step in steps])[done] for name in ("success", "moves", "task")
    )
    if not len(success):
        return Finished(0, 0.0, 0.0)
    scores = spl(success, moves, environment.tasks.geodesic[task])
    return Finished(len(success), float(success.mean()), float(scores.mean()))

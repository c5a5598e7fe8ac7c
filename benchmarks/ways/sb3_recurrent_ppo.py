"""RecurrentPPO of sb3-contrib in our mazes: agents, steps, passes and minibatches as ours, an LSTM of 128."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.vec_env import VecEnv

from benchmarks.ways.stopwatch import work
from guyot.navigation.environment import MazeEnvironment
from guyot.navigation.mazes import mazes
from guyot.navigation.observations import N_OBSERVED
from guyot.navigation.tasks import tasks

N_AGENTS, N_STEPS, BATCH, PASSES, N_MAZES, N_TASKS = 256, 64, 64 * 64, 3, 2_000, 20_000


class Mazes(VecEnv):
    """Our batch of mazes, as Stable-Baselines3 wants it: without a process or a loop in between."""

    def __init__(self, environment: MazeEnvironment) -> None:
        self._environment = environment
        self._actions = np.zeros(environment.n_agents, np.uint8)
        super().__init__(environment.n_agents, Box(-np.inf, np.inf, (N_OBSERVED,), np.float32), Discrete(3))

    def reset(self) -> NDArray[np.float32]:
        """Begin anew."""
        return self._environment.reset()

    def step_async(self, actions: NDArray[np.integer]) -> None:
        """Take note of actions."""
        self._actions = actions.astype(np.uint8)

    def step_wait(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Do them; an episode that ran out of steps ends as any other, as in our own training."""
        step = self._environment.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        return step.observations, step.rewards, step.done, infos

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return that no agent has an attribute."""
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Do nothing."""

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Return nothing for any agent."""
        return [None] * self.num_envs

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> Sequence[bool]:
        """Return that none is."""
        return [False] * self.num_envs


if __name__ == "__main__":
    output, n_updates = Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(1)
    walls = mazes(0, N_MAZES)
    environment = Mazes(MazeEnvironment(walls, tasks(0, walls, N_TASKS, stream="training"), N_AGENTS))
    model = RecurrentPPO(
        "MlpLstmPolicy",
        environment,
        n_steps=N_STEPS,
        batch_size=BATCH,
        n_epochs=PASSES,
        learning_rate=1e-3,
        device="cpu",
        policy_kwargs={
            "lstm_hidden_size": 128,
            "shared_lstm": True,
            "enable_critic_lstm": False,
            "net_arch": {"pi": [], "vf": [64]},
        },
    )
    model.learn(N_AGENTS * N_STEPS)
    with work(output, "sb3-contrib", "stable-baselines3", "torch", "numba"):
        model.learn(n_updates * N_AGENTS * N_STEPS, reset_num_timesteps=False)

"""The settings of a policy's training: each one's meaning and default. Nothing heavy is loaded."""

import dataclasses
from typing import Any

from guyot.errors import SettingError
from guyot.navigation.environment import MAX_STEPS

MEMORIES = ("gru", "none")
N_UNITS = 128  # of what a memory holds


@dataclasses.dataclass(frozen=True)
class PolicySettings:
    """How a policy is trained. Equal settings, mazes and threads give equal bytes.

    Budgets are steps of agents, one action of one agent each, and are rounded up to whole rollouts.

    seed : of the initial weights, tasks and actions
    memory : "gru", or "none" for the control that acts on the current observation alone
    imitation_steps : of imitation of the blind planner (DAgger), which come first; 0: none
    reward_steps : of learning from reward (PPO); 0: none
    n_agents : that act side by side
    rollout_steps : of each agent between updates; gradients flow through time as far
    minibatch_agents : whose rollouts one update of the weights is made from
    n_tasks : drawn from the training mazes; when all were walked they are walked again
    max_steps : actions of an episode at most
    imitation_learning_rate, reward_learning_rate : at the first step, if it were of that kind; over all steps
        of both kinds they fall in a line to `final_learning_rate_share` of it
    imitation_passes, reward_passes : over each rollout
    discount, trace_decay : gamma and lambda of the advantages
    clip : of the ratio of probabilities
    first_entropy_weight, last_entropy_weight : what entropy counts, in a line over the steps from reward
    value_weight : what the squared error of values counts
    max_gradient_norm : longer gradients are shortened
    progress_reward : for each cell that the way to the goal shrank by; 0: the goal alone, and a cost per step
    curriculum : whether training begins in small mazes with near goals, see `resources.navigation.curriculum`
    device : "cpu", or "cuda", whose results are not the same to the last bit
    """

    seed: int = 0
    memory: str = "gru"
    imitation_steps: int = 3_650_000
    reward_steps: int = 2_700_000
    n_agents: int = 256
    rollout_steps: int = 64
    minibatch_agents: int = 64
    n_tasks: int = 100_000
    max_steps: int = MAX_STEPS
    imitation_learning_rate: float = 2e-3
    reward_learning_rate: float = 1e-3
    final_learning_rate_share: float = 0.05
    imitation_passes: int = 2
    reward_passes: int = 3
    discount: float = 0.99
    trace_decay: float = 0.95
    clip: float = 0.2
    first_entropy_weight: float = 0.01
    last_entropy_weight: float = 0.002
    value_weight: float = 0.25
    max_gradient_norm: float = 0.5
    progress_reward: float = 0.1
    curriculum: bool = False
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in ("imitation_steps", "reward_steps"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        counts = ("n_agents", "rollout_steps", "minibatch_agents", "n_tasks", "max_steps")
        for name in (*counts, "imitation_passes", "reward_passes"):
            self._require(name, getattr(self, name) >= 1, "at least 1")
        is_divisor = self.n_agents % self.minibatch_agents == 0
        self._require("minibatch_agents", is_divisor, f"a divisor of n_agents={self.n_agents}")
        for name in ("discount", "trace_decay", "final_learning_rate_share"):
            self._require(name, 0 <= getattr(self, name) <= 1, "0 to 1")
        self._require("memory", self.memory in MEMORIES, " or ".join(MEMORIES))

    def _require(self, name: str, holds: bool, wanted: str) -> None:
        """Raise where a setting cannot be met."""
        if not holds:
            found = getattr(self, name)
            raise SettingError(f"{name}={found!r} of a policy's training was asked for; give {wanted}")

    @property
    def steps_per_update(self) -> int:
        """The steps of one rollout of all agents."""
        return self.n_agents * self.rollout_steps

    @property
    def n_imitation_updates(self) -> int:
        """The rollouts of imitation."""
        return -(-self.imitation_steps // self.steps_per_update)

    @property
    def n_updates(self) -> int:
        """The rollouts of the whole training."""
        return self.n_imitation_updates + -(-self.reward_steps // self.steps_per_update)

    def learning_rate(self, update: int) -> float:
        """Return the learning rate of an update, 0 to n_updates - 1."""
        initial = self.imitation_learning_rate if self.imitates(update) else self.reward_learning_rate
        return initial * (1 - (1 - self.final_learning_rate_share) * update / max(1, self.n_updates - 1))

    def imitates(self, update: int) -> bool:
        """Return whether an update is of imitation."""
        return update < self.n_imitation_updates

    def entropy_weight(self, update: int) -> float:
        """Return what entropy counts in an update from reward."""
        n_rewarded = self.n_updates - self.n_imitation_updates
        share = (update - self.n_imitation_updates) / max(1, n_rewarded - 1)
        return self.first_entropy_weight + share * (self.last_entropy_weight - self.first_entropy_weight)

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON values, by name."""
        return dataclasses.asdict(self)

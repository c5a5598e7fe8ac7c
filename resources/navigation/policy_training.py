"""Trains the policy of a blind agent: imitation of the blind planner, then reward; a killed training goes on.

What is drawn is of `guyot.seeds`, by the number of the update: the same settings, mazes and torch give the
same bytes, whether or not a training was killed on the way. Torch is loaded when a training begins.
"""

import dataclasses
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, EvaluationError, SettingError
from guyot.identity import content_digest, fingerprint
from guyot.navigation.environment import MazeEnvironment, Rewards
from guyot.navigation.planner import BlindPlanner
from guyot.navigation.tasks import Tasks
from guyot.seeds import generator
from resources.models.reproducibility import deterministic
from resources.models.training_loop import ProgressCallback
from resources.models.training_state import SavedStates
from resources.navigation import curriculum, policy_state
from resources.navigation.policy_settings import N_UNITS, PolicySettings
from resources.navigation.policy_state import CurvePoint, TrainingProgress

if TYPE_CHECKING:
    from resources.navigation.rollouts import Agents

SAVE_EVERY_UPDATES = 20
_KNOWN_WALLS = "known_walls"
_THREADS = 1  # a network of this size gains nothing from a second


@dataclasses.dataclass(frozen=True)
class Beginning:
    """What a training begins with that is otherwise drawn.

    weights : safetensors of a policy with such a memory
    tasks : n tasks in the training mazes
    memories : float32[n, 128], what the memory holds when a task begins; None: nothing

    Raises
    ------
    ArrayError : memories of another number or width.
    """

    weights: bytes
    tasks: Tasks
    memories: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        wanted = (len(self.tasks), N_UNITS)
        if self.memories is not None and self.memories.shape != wanted:
            raise ArrayError(
                f"memories are {list(self.memories.shape)}; give {list(wanted)}, one of each task"
            )

    def fingerprint(self) -> str:
        """Hash all of it."""
        columns = [getattr(self.tasks, field.name) for field in dataclasses.fields(self.tasks)]
        memories = [] if self.memories is None else [self.memories]
        content = b"".join(np.ascontiguousarray(one).tobytes() for one in (*columns, *memories))
        return fingerprint([content_digest(self.weights), content_digest(content)])


@dataclasses.dataclass(frozen=True)
class TrainedPolicy:
    """A training's result.

    weights : safetensors
    config : what determined it, as JSON values
    curve : a point of each update
    seconds : of training
    """

    weights: bytes
    config: dict[str, Any]
    curve: list[CurvePoint]
    seconds: float


def train_policy(
    walls: NDArray[np.bool_],
    settings: PolicySettings,
    *,
    beginning: Beginning | None = None,
    saved: SavedStates | None = None,
    save_every: int = SAVE_EVERY_UPDATES,
    progress: ProgressCallback | None = None,
) -> TrainedPolicy:
    """Train a policy.

    Parameters
    ----------
    walls : bool[m, size, size], the training mazes
    beginning : where it goes on from, and the tasks, in place of what the settings' seed draws
    saved : where states are kept, each in place of the last; None: a killed training begins anew
    save_every : updates between two states
    progress : called after each update with the steps so far, of n_updates x steps_per_update

    Raises
    ------
    EvaluationError : the loss is not finite.
    SettingError : a beginning, and a curriculum, which draws tasks of its own; or a device that there is not.

    Notes
    -----
    On one thread of a core without AVX-512 some 17,000 steps/s of imitation and 13,000 from reward, without a
    memory nearly three times as many: 6.4 million steps take 390 s of CPU.
    """
    with deterministic(_THREADS):
        training = _Training(walls, settings, beginning)
        done = training.resume(saved.latest() if saved else None)
        while done.updates < settings.n_updates:
            training.update()
            if saved and done.updates % save_every == 0 and done.updates < settings.n_updates:
                saved.save(done.updates, training.state())
            if progress is not None:
                progress(done.updates * settings.steps_per_update)
        return TrainedPolicy(training.weights(), training.config, done.curve, done.seconds)


class _Training:
    """A network, its optimizer, and agents under way on the tasks of one level."""

    def __init__(
        self, walls: NDArray[np.bool_], settings: PolicySettings, beginning: Beginning | None
    ) -> None:
        import safetensors.torch
        import torch

        from resources.navigation.network import new_network
        from resources.navigation.updates import new_optimizer

        if beginning and settings.curriculum:
            raise SettingError("a curriculum and given tasks were asked for; curriculum=False walks these")
        if beginning and beginning.memories is not None and settings.memory == "none":
            raise SettingError("memories were given to a policy without a memory; give none, or memory='gru'")
        if settings.device == "cuda" and not torch.cuda.is_available():
            raise SettingError("a policy was to learn on cuda; torch finds no such device here: use cpu")
        self._walls, self._settings, self._beginning = walls, settings, beginning
        self.config = {
            "training": settings.as_json(),
            "mazes": fingerprint([list(walls.shape), np.packbits(walls).tobytes().hex()]),
            "torch": torch.__version__,
        } | ({"beginning": beginning.fingerprint()} if beginning else {})
        size = walls.shape[1]
        self._levels = curriculum.levels(size) if settings.curriculum else curriculum.levels(size)[-1:]
        self._network = new_network(settings.memory, settings.seed).to(settings.device)
        if beginning:
            self._network.load_state_dict(safetensors.torch.load(beginning.weights))
        self._optimizer = new_optimizer(self._network)
        self._done = TrainingProgress()
        self._agents: Agents
        self._teacher: BlindPlanner | None

    def resume(self, content: bytes | None) -> TrainingProgress:
        """Begin, or go on from a state of this training; return how far it is, kept up to date."""
        found = content and policy_state.restore(
            content, self._network, self._optimizer, fingerprint(self.config)
        )
        agents: dict[str, NDArray[Any]] = {}
        if found:
            self._done, agents = found
        self._enter_level()
        if agents:
            self._agents.restore(agents)
            if self._teacher is not None:
                self._teacher.remember(agents[_KNOWN_WALLS])
        return self._done

    def update(self) -> None:
        """Act, improve the network by it, and add a point to the curve."""
        from resources.navigation.updates import sharpen, update_network

        begun, done, settings = time.perf_counter(), self._done, self._settings
        if settings.begins_reward(done.updates):
            sharpen(self._network, settings.sharpening)
        stream = generator(settings.seed, "actions", done.updates)
        draws = stream.random((settings.rollout_steps, settings.n_agents), np.float32)
        rollout = self._agents.act(draws, self._teacher if settings.imitates(done.updates) else None)
        loss = update_network(self._network, self._optimizer, rollout, settings, done.updates)
        if not math.isfinite(loss):
            raise EvaluationError(
                f"the loss of update {done.updates} of {settings.n_updates} is {loss} with a learning rate "
                f"of {settings.learning_rate(done.updates)}; lower it"
            )
        done.updates += 1
        finished = rollout.finished
        done.curve.append(
            CurvePoint(
                done.updates * settings.steps_per_update,
                loss,
                finished.n,
                finished.success,
                finished.spl,
                done.level,
            )
        )
        self._raise_level()
        done.seconds += time.perf_counter() - begun

    def state(self) -> bytes:
        """Serialize where the training is."""
        agents = self._agents.arrays()
        if self._teacher is not None:
            agents[_KNOWN_WALLS] = self._teacher.known_walls
        return policy_state.pack(self._network, self._optimizer, agents, self._done, fingerprint(self.config))

    def weights(self) -> bytes:
        """Serialize the network."""
        import safetensors.torch

        tensors = {name: t.detach().cpu().contiguous() for name, t in self._network.state_dict().items()}
        return safetensors.torch.save(tensors, {"format": "pt"})

    def _raise_level(self) -> None:
        """Go on to the next level if this one is mastered, or has had its share of the updates."""
        done, settings = self._done, self._settings
        point, n_updates = done.curve[-1], sum(point.level == done.level for point in done.curve)
        # the first episodes to end are the successful ones: wait until all had the time to fail
        has_lasted = n_updates * settings.rollout_steps >= 2 * settings.max_steps
        is_mastered = has_lasted and point.success >= curriculum.MIN_SUCCESS
        is_over = curriculum.is_over(done.level, len(self._levels), done.updates / settings.n_updates)
        if done.level + 1 < len(self._levels) and (is_mastered or is_over):
            done.level += 1
            self._enter_level()

    def _enter_level(self) -> None:
        """Put all agents at the start of a level's tasks."""
        from resources.navigation.rollouts import Agents

        settings = self._settings
        level = self._levels[self._done.level]
        walls, tasks = self._walls, self._beginning.tasks if self._beginning else None
        if tasks is None:
            walls, tasks = curriculum.level_tasks(level, walls, settings.n_tasks, settings.seed)
        memories = self._beginning.memories if self._beginning else None
        rewards = Rewards(progress=settings.progress_reward)
        environment = MazeEnvironment(walls, tasks, settings.n_agents, rewards, settings.max_steps)
        self._agents = Agents(self._network, environment, memories)
        imitates = settings.imitates(self._done.updates)
        self._teacher = BlindPlanner(settings.n_agents, level.size) if imitates else None

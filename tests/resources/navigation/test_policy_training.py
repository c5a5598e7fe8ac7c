"""Trainings: repeatable, resumed to the same bytes, and better than not to train."""

import dataclasses

import numpy as np
import pytest
import torch

from guyot.errors import ArrayError, EvaluationError, SettingError
from guyot.navigation.mazes import mazes
from guyot.navigation.tasks import tasks
from guyot.seeds import generator
from resources.navigation import curriculum, rollouts, updates
from resources.navigation.policy_settings import PolicySettings
from resources.navigation.policy_training import Beginning, TrainedPolicy, train_policy

WALLS = mazes(0, 20, size=7)
SMALL = PolicySettings(
    n_agents=16,
    rollout_steps=8,
    minibatch_agents=8,
    n_tasks=200,
    imitation_steps=128 * 5,
    reward_steps=128 * 4,
)


class Kept:
    """States in memory; stops the training, as a kill would, after some."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.states: dict[int, bytes] = {}
        self._stop_after = stop_after

    def latest(self) -> bytes | None:
        return self.states[max(self.states)] if self.states else None

    def save(self, step: int, content: bytes) -> None:
        self.states[step] = content
        if len(self.states) == self._stop_after:
            raise KeyboardInterrupt


def undated(trained: TrainedPolicy) -> TrainedPolicy:
    return dataclasses.replace(trained, seconds=0.0)


@pytest.fixture(scope="module")
def undisturbed() -> TrainedPolicy:
    return undated(train_policy(WALLS, SMALL))


def test_the_same_settings_give_the_same_bytes(undisturbed: TrainedPolicy) -> None:
    assert undated(train_policy(WALLS, SMALL)) == undisturbed
    other = train_policy(WALLS, dataclasses.replace(SMALL, seed=1))
    assert other.weights != undisturbed.weights


@pytest.mark.parametrize("killed_at", [1, 3, 5, 7])
def test_a_killed_training_goes_on_to_the_same_bytes(undisturbed: TrainedPolicy, killed_at: int) -> None:
    kept = Kept(stop_after=killed_at)
    with pytest.raises(KeyboardInterrupt):
        train_policy(WALLS, SMALL, saved=kept, save_every=1)
    told: list[int] = []
    kept._stop_after = None
    found = train_policy(WALLS, SMALL, saved=kept, save_every=3, progress=told.append)
    assert undated(found) == undisturbed
    assert told == [128 * update for update in range(killed_at + 1, 10)]


def test_a_killed_curriculum_goes_on_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curriculum, "MIN_SUCCESS", 0.0)  # a level ends as soon as it can
    monkeypatch.setattr(curriculum, "is_over", lambda *_: False)
    monkeypatch.setattr(curriculum, "N_SMALL_MAZES", 20)
    settings = dataclasses.replace(SMALL, curriculum=True, imitation_steps=0, max_steps=8)
    walls = mazes(0, 20, size=9)
    whole, kept = undated(train_policy(walls, settings)), Kept(stop_after=3)
    assert [point.level for point in whole.curve] == [0, 0, 1, 1]  # each lasts two episodes at least
    with pytest.raises(KeyboardInterrupt):
        train_policy(walls, settings, saved=kept, save_every=1)
    assert undated(train_policy(walls, settings, saved=Kept())) == whole
    kept._stop_after = None
    assert undated(train_policy(walls, settings, saved=kept)) == whole


def test_a_level_that_few_master_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curriculum, "MIN_SUCCESS", 1.01)
    monkeypatch.setattr(curriculum, "N_SMALL_MAZES", 20)
    settings = dataclasses.replace(
        SMALL, curriculum=True, imitation_steps=0, reward_steps=128 * 16, max_steps=4
    )
    curve = train_policy(mazes(0, 20, size=9), settings).curve
    # 7 levels, each of 16 / 14 of an update, but the last
    assert [point.level for point in curve] == [0, 0, 1, 2, 3, 4, 5, *[6] * 9]


def test_a_training_goes_on_from_given_weights_on_given_tasks_with_given_memories(
    undisturbed: TrainedPolicy,
) -> None:
    asked = tasks(5, WALLS, 60)
    memories = generator(0, "memories").normal(size=(60, 128)).astype(np.float32)
    begin = Beginning(undisturbed.weights, asked, memories)
    reward = dataclasses.replace(SMALL, imitation_steps=0)
    whole, kept = undated(train_policy(WALLS, reward, beginning=begin)), Kept(stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        train_policy(WALLS, reward, beginning=begin, saved=kept, save_every=1)
    kept._stop_after = None
    assert undated(train_policy(WALLS, reward, beginning=begin, saved=kept)) == whole
    others = (
        dataclasses.replace(begin, memories=None),
        dataclasses.replace(begin, memories=memories + 1),
        dataclasses.replace(begin, tasks=tasks(6, WALLS, 60)),
        dataclasses.replace(begin, weights=train_policy(WALLS, reward).weights),
    )
    for other in others:  # the states of one are not those of another
        found = train_policy(WALLS, reward, beginning=other, saved=kept)
        assert found.weights != whole.weights
        assert found.config["beginning"] != whole.config["beginning"]
    untouched = dataclasses.replace(reward, reward_steps=0)
    assert train_policy(WALLS, untouched, beginning=begin).weights == undisturbed.weights
    with pytest.raises(ArrayError, match=r"memories are \[59, 128\]; give \[60, 128\]"):
        dataclasses.replace(begin, memories=memories[1:])
    with pytest.raises(SettingError, match="without a memory"):
        train_policy(WALLS, dataclasses.replace(reward, memory="none"), beginning=begin)
    with pytest.raises(SettingError, match="curriculum=False"):
        train_policy(WALLS, dataclasses.replace(reward, curriculum=True), beginning=begin)


def test_another_trainings_state_is_left_alone(undisturbed: TrainedPolicy) -> None:
    kept = Kept()
    train_policy(WALLS, dataclasses.replace(SMALL, seed=1), saved=kept, save_every=2)
    assert undated(train_policy(WALLS, SMALL, saved=kept)) == undisturbed
    train_policy(mazes(1, 20, size=7), SMALL, saved=kept, save_every=1)
    assert undated(train_policy(WALLS, SMALL, saved=kept)) == undisturbed


def test_a_curve_has_a_point_of_each_update(undisturbed: TrainedPolicy) -> None:
    assert [point.steps for point in undisturbed.curve] == [128 * update for update in range(1, 10)]
    assert all(np.isfinite(point.loss) for point in undisturbed.curve)
    assert sum(point.episodes for point in undisturbed.curve) > 0
    assert undisturbed.config["training"] == SMALL.as_json()


def test_no_steps_leave_the_initial_weights() -> None:
    settings = dataclasses.replace(SMALL, imitation_steps=0, reward_steps=0)
    trained = train_policy(WALLS, settings)
    assert trained.curve == []
    assert trained.weights != train_policy(WALLS, dataclasses.replace(settings, seed=1)).weights


def test_sharpening_is_between_imitation_and_reward_alone(undisturbed: TrainedPolicy) -> None:
    softer = train_policy(WALLS, dataclasses.replace(SMALL, sharpening=1.0))
    assert softer.curve[:5] == undisturbed.curve[:5]
    assert softer.curve[5:] != undisturbed.curve[5:]
    pure = dataclasses.replace(SMALL, imitation_steps=0)
    assert (
        train_policy(WALLS, pure).weights
        == train_policy(WALLS, dataclasses.replace(pure, sharpening=1.0)).weights
    )


def test_each_rollout_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes] = []
    act = rollouts.Agents.act

    def recording(agents: rollouts.Agents, draws: np.ndarray, teacher: object) -> rollouts.Rollout:
        drawn.append(draws.tobytes())
        return act(agents, draws, teacher)

    monkeypatch.setattr(rollouts.Agents, "act", recording)
    train_policy(WALLS, SMALL)
    assert len(set(drawn)) == len(drawn) == 9


def test_a_loss_that_is_none_stops_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "update_network", lambda *_: float("nan"))
    with pytest.raises(EvaluationError, match="update 0 of 9 is nan with a learning rate of 0.002"):
        train_policy(WALLS, SMALL)


def test_imitation_makes_agents_reach_their_goals() -> None:
    settings = PolicySettings(
        memory="none", n_agents=64, rollout_steps=16, minibatch_agents=32, n_tasks=2000,
        imitation_steps=60_000, imitation_learning_rate=5e-3, reward_steps=0,
    )  # fmt: skip
    curve = train_policy(mazes(0, 500, size=7), settings).curve
    # of episodes that may take 100 steps, the first that fail end in the seventh rollout
    early, late = curve[:8], curve[-10:]
    assert np.mean([p.loss for p in late]) < 0.9 * np.mean([p.loss for p in early])
    success = [
        sum(p.success * p.episodes for p in part) / sum(p.episodes for p in part) for part in (early, late)
    ]
    assert success[0] < 0.3
    assert success[1] > 0.45


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match="no such device here: use cpu"):
        train_policy(WALLS, dataclasses.replace(SMALL, device="cuda"))

"""Policies: their folders, and states along walks."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from guyot.errors import CorruptError, SettingError
from guyot.navigation.mazes import mazes
from guyot.navigation.observations import walk_observations
from guyot.navigation.tasks import tasks
from guyot.navigation.walks import poses
from resources.navigation import policies
from resources.navigation.policies import Policy, last_states, load_policy, policy_files, states
from resources.navigation.policy_settings import MEMORIES, PolicySettings
from resources.navigation.policy_training import TrainedPolicy, train_policy
from resources.navigation.policy_walks import walk_tasks

WALLS = mazes(0, 20, size=7)
TASKS = tasks(0, WALLS, 300, min_geodesic=1, max_geodesic=8)
each_memory = pytest.mark.parametrize("memory", MEMORIES)


def trained(memory: str = "gru", seed: int = 0) -> TrainedPolicy:
    return train_policy(WALLS, PolicySettings(seed=seed, memory=memory, imitation_steps=0, reward_steps=0))


def policy_of(memory: str = "gru") -> Policy:
    made = trained(memory)
    return policies.policy_of({"memory": memory}, made.weights)


def written(folder: Path, made: TrainedPolicy) -> Path:
    for name, content in policy_files(made).items():
        (folder / name).write_bytes(content)
    return folder


@each_memory
def test_a_policy_comes_back_from_its_folder(tmp_path: Path, memory: str) -> None:
    made = trained(memory, seed=3)
    policy = load_policy(written(tmp_path, made))
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["model_type"] == "guyot-navigation-policy"
    assert config["memory"] == policy.network.memory == memory
    assert PolicySettings(**config["training"]) == PolicySettings(
        seed=3, memory=memory, imitation_steps=0, reward_steps=0
    )
    expected = policies.policy_of({"memory": memory}, made.weights).network.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in policy.network.state_dict().items())


def test_what_is_no_policys_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="has no config.json and model.safetensors"):
        load_policy(tmp_path)
    written(tmp_path, trained())
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(SettingError, match="model_type 'bert'; give the folder of a guyot-navigation-policy"):
        load_policy(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(CorruptError, match="no JSON"):
        load_policy(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "of another", "without its memory"])
def test_weights_that_are_none_are_refused(tmp_path: Path, damage: str) -> None:
    written(tmp_path, trained())
    path, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    elif damage == "of another":
        path.write_bytes(trained("none").weights)
    else:
        found = json.loads(config.read_text())
        del found["memory"]
        config.write_text(json.dumps(found))
    with pytest.raises(CorruptError, match="are not the weights of a policy"):
        load_policy(tmp_path)


@each_memory
def test_states_are_the_networks_along_the_walk(memory: str) -> None:
    policy = policy_of(memory)
    walks = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)
    found = states(policy, walks)
    assert [len(of) for of in found] == [len(walk.actions) + 1 for walk in walks]
    assert {(of.dtype, of.shape[1]) for of in found} == {(np.dtype(np.float32), 128)}
    for walk, of in list(zip(walks, found, strict=True))[::50]:
        seen = torch.from_numpy(walk_observations(poses(walk), walk.actions, walk.goal)).unsqueeze(1)
        with torch.no_grad():
            expected = policy.network(seen, torch.zeros(1, 128), torch.ones(len(seen), 1))[2]
        assert np.allclose(of, expected[:, 0].numpy(), atol=1e-5)


def test_states_are_the_same_in_any_company() -> None:
    policy = policy_of()
    walks = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)
    every = states(policy, walks)
    for i in (0, 123, 299):
        assert np.allclose(states(policy, [walks[i]])[0], every[i], atol=1e-6)
    assert states(policy, []) == []


def test_states_know_nothing_of_walls() -> None:
    policy = policy_of()
    walk = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)[0]
    blank = dataclasses.replace(walk, walls=np.ones_like(walk.walls))
    assert np.array_equal(states(policy, [walk])[0], states(policy, [blank])[0])


def test_last_states_are_those_after_the_last_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_of()
    walks = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)
    expected = np.stack([of[-1] for of in states(policy, walks)])
    for at_once in (2048, 100):
        monkeypatch.setattr(policies, "_WALKS_AT_ONCE", at_once)
        found = last_states(policy, walks)
        assert found.dtype == np.float32
        assert np.allclose(found, expected, atol=1e-6)
    assert last_states(policy, []).shape == (0, 128)

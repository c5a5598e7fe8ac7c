"""Policies: their folders, states along walks, and walks that are what the maze allows."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from guyot.errors import ArrayError, CorruptError, SettingError
from guyot.navigation.mazes import mazes
from guyot.navigation.observations import walk_observations
from guyot.navigation.tasks import tasks
from guyot.navigation.walks import Walk, format_walk, parse_walk, poses
from resources.navigation import policies
from resources.navigation.policies import Policy, load_policy, policy_files, states, walk_tasks
from resources.navigation.policy_settings import MEMORIES, PolicySettings
from resources.navigation.policy_training import TrainedPolicy, train_policy

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
def test_walks_are_possible_and_of_their_tasks(memory: str) -> None:
    walks = walk_tasks(policy_of(memory), WALLS, TASKS, seed=0, max_steps=15)
    ends = []
    for i, walk in enumerate(walks):
        assert format_walk(parse_walk(format_walk(walk))) == format_walk(walk)
        assert np.array_equal(walk.walls, WALLS[TASKS.maze[i]])
        assert (walk.start, walk.goal) == (tuple(TASKS.start[i]), tuple(TASKS.goal[i]))
        assert walk.heading == TASKS.heading[i]
        ends.append((poses(walk)[-1, :2] == walk.goal).all())
        assert 0 < len(walk.actions) <= 15
        assert len(walk.actions) == 15 or ends[-1]
    assert len(walks) == 300
    assert 0.02 < np.mean(ends) < 0.98


def test_the_same_seed_gives_the_same_walks_whatever_comes_after() -> None:
    policy = policy_of()
    every = [format_walk(walk) for walk in walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=15)]
    for n in (1, 30, 256, 290):
        few = walk_tasks(policy, WALLS, TASKS.take(np.arange(n)), seed=0, max_steps=15)
        assert [format_walk(walk) for walk in few] == every[:n]
    other = walk_tasks(policy, WALLS, TASKS.take(np.arange(30)), seed=1, max_steps=15)
    assert [format_walk(walk) for walk in other] != every[:30]
    assert walk_tasks(policy, WALLS, TASKS.take(np.arange(0)), seed=0) == []


def test_a_task_given_twice_is_walked_twice() -> None:
    twice = walk_tasks(policy_of(), WALLS, TASKS.take(np.full(20, 7)), seed=0, max_steps=15)
    assert len({format_walk(walk) for walk in twice}) > 1


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


def opinionated() -> Policy:
    """A policy whose actions hang on its memory."""
    policy = policy_of()
    with torch.no_grad():
        policy.network.policy.weight *= 300
    return policy


def texts(walks: list[Walk]) -> list[str]:
    return [format_walk(walk) for walk in walks]


def test_a_memory_of_all_observations_is_the_whole_memory() -> None:
    policy, few = opinionated(), TASKS.take(np.arange(40))
    whole = texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12))
    assert texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12, n_observations=12)) == whole
    short = texts(walk_tasks(policy, WALLS, few, seed=0, max_steps=12, n_observations=2))
    assert short != whole
    # until there are more observations than it keeps, it does what the whole memory does
    assert all(a.split("\n")[2][:2] == b.split("\n")[2][:2] for a, b in zip(short, whole, strict=True))


def test_a_given_memory_goes_on_from_there() -> None:
    policy = opinionated()
    walks = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12)
    blank = np.zeros((len(TASKS), 128), np.float32)
    assert texts(walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=blank)) == texts(walks)
    last = np.stack([of[-1] for of in states(policy, walks)])
    found = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=last)
    assert texts(found) != texts(walks)
    others = last.copy()
    others[:256] = 0  # the memories of the first block are none of the second's
    changed = walk_tasks(policy, WALLS, TASKS, seed=0, max_steps=12, initial=others)
    assert texts(changed)[256:] == texts(found)[256:]
    assert texts(changed)[:256] != texts(found)[:256]


def test_memories_that_cannot_be_are_refused() -> None:
    policy, blank = policy_of(), np.zeros((300, 128), np.float32)
    with pytest.raises(SettingError, match="0 observations was asked"):
        walk_tasks(policy, WALLS, TASKS, seed=0, n_observations=0)
    with pytest.raises(SettingError, match="3 observations and a given one"):
        walk_tasks(policy, WALLS, TASKS, seed=0, n_observations=3, initial=blank)
    with pytest.raises(ArrayError, match=r"\[299, 128\] for 300 tasks; give \[300, 128\]"):
        walk_tasks(policy, WALLS, TASKS, seed=0, initial=blank[1:])

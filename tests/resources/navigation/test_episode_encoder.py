"""A policy's folder as an encoder: found, refused, identified by its files, and the mean of its states."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
from support.episodes import maze, walk_at_random

from guyot.encoders.path_encoder import PathEncoder
from guyot.errors import SettingError
from guyot.navigation.walks import format_walk
from resources.encoder import EncoderResource
from resources.navigation.episode_encoder import encodes_episodes, id_of_encoder, load, policy_folder, unload
from resources.navigation.policies import load_policy, states
from resources.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder of a policy with random weights."""
    from resources.navigation.network import new_network

    made = tmp_path_factory.mktemp("policy")
    (made / "config.json").write_text(json.dumps({"model_type": "guyot-navigation-policy", "memory": "gru"}))
    safetensors.torch.save_file(new_network("gru", 0).state_dict(), made / "model.safetensors")
    return made


def test_rows_are_the_mean_states_of_unit_length(folder: Path) -> None:
    walks = [walk_at_random(maze(n), 0, n) for n in range(4)]
    encoder = EncoderResource(settings=Settings.of(reading__documents="episode", encoder=str(folder)))
    found = encoder.load().encode([format_walk(walk) for walk in walks])
    for row, of in zip(found, states(load_policy(folder), walks), strict=True):
        mean = of.mean(axis=0, dtype=np.float64)
        np.testing.assert_allclose(row, mean / np.linalg.norm(mean), atol=1e-6)
    assert found.shape == (4, encoder.load().width) == (4, 128)
    assert encoder.id == encoder.load().id


def test_the_id_follows_the_files_and_not_the_path(folder: Path, tmp_path: Path) -> None:
    first = id_of_encoder(str(folder))
    same = shutil.copytree(folder, tmp_path / "same")
    assert id_of_encoder(str(same)) == first != PathEncoder().id == id_of_encoder("path")
    content = bytearray((same / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (same / "model.safetensors").write_bytes(content)
    assert id_of_encoder(str(same)) != first


def test_a_policy_is_loaded_once_until_it_is_unloaded(folder: Path) -> None:
    one = load(str(folder))
    assert load(str(folder)) is one
    unload()
    assert load(str(folder)) is not one


@pytest.mark.parametrize("config", ['{"model_type": "bert"}', "[]", "no json"])
def test_a_folder_that_is_no_policys_is_refused(config: str, folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    (other / "config.json").write_text(config)
    assert encodes_episodes(folder)
    assert not encodes_episodes(other)
    with pytest.raises(SettingError, match="model_type guyot-navigation-policy and does not encode episodes"):
        policy_folder(str(other))
    with pytest.raises(SettingError, match="choose from path, or the local directory"):
        policy_folder("/no/such/folder")

"""The encoder of episodes of a name: path features, or what a policy's memory holds along the walks."""

import functools
import json
from functools import lru_cache
from pathlib import Path

from guyot.encoders.hashing import Encoder
from guyot.encoders.memory_encoder import MemoryEncoder, memory_encoder_id
from guyot.encoders.path_encoder import PathEncoder
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.models.model_folder import find_model
from resources.models.text_model import WEIGHTS, sha256
from resources.navigation.policies import CONFIG, POLICY_TYPE, load_policy, states

PATH = "path"
EPISODE_CHOICES = "path, or the local directory of a navigation policy"


def encodes_episodes(folder: Path) -> bool:
    """Return whether a model's directory is that of a navigation policy."""
    try:
        found = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("model_type") == POLICY_TYPE


def policy_folder(name: str, setting: str = "encoder") -> Path:
    """Find the directory of a policy.

    Parameters
    ----------
    setting : that names it, for the error

    Raises
    ------
    SettingError : there is none, or it is no policy's.
    """
    choices = EPISODE_CHOICES if setting == "encoder" else "the local directory of a navigation policy"
    folder = find_model(name, setting, choices) if setting == "encoder" else Path(name).expanduser()
    if not encodes_episodes(folder):
        raise SettingError(
            f"{setting}={name!r} has no {CONFIG} of the model_type {POLICY_TYPE} and does not encode "
            f"episodes, which this lake's documents are (reading.documents); choose {choices}"
        )
    return folder


def policy_id(folder: Path) -> str:
    """Hash a policy's files, but not their location."""
    paths = [*sorted(folder.glob(WEIGHTS)), folder / CONFIG]
    return fingerprint(["policy", {path.name: sha256(path) for path in paths}])


def id_of_encoder(name: str) -> str:
    """Return a hash that identifies the encoder of a name, without loading it.

    Raises
    ------
    SettingError : no such policy.
    """
    return PathEncoder().id if name == PATH else memory_encoder_id(policy_id(policy_folder(name)))


def load(name: str) -> Encoder:
    """Load the encoder of a name; a policy is cached until `unload`.

    Raises
    ------
    SettingError : no such policy.
    CorruptError : its weights are none of a policy.
    """
    if name == PATH:
        return PathEncoder()
    folder = policy_folder(name)
    return _loaded(folder, policy_id(folder))


def unload() -> None:
    """Drop the cached policy."""
    _loaded.cache_clear()


@lru_cache(maxsize=1)
def _loaded(folder: Path, identity: str) -> Encoder:
    """Load a policy from its directory; the identity is part of the key."""
    from resources.navigation.network import N_UNITS  # which loads torch

    return MemoryEncoder(identity, N_UNITS, functools.partial(states, load_policy(folder)))

"""What encodes episodes, by name: path features, or a navigation policy, found and identified here."""

import json
from pathlib import Path

from guyot.encoders.memory_encoder import memory_encoder_id
from guyot.encoders.path_encoder import PathEncoder
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.models.model_folder import find_model
from resources.models.text_model import WEIGHTS, sha256

PATH = "path"
POLICY_TYPE = "guyot-navigation-policy"  # the model_type in a policy's config.json
EPISODE_CHOICES = "path, or the local directory of a navigation policy"
_CONFIG = "config.json"


def encodes_episodes(folder: Path) -> bool:
    """Return whether a model's directory is that of a navigation policy."""
    try:
        found = json.loads((folder / _CONFIG).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("model_type") == POLICY_TYPE


def policy_folder(name: str) -> Path:
    """Find the directory of a policy.

    Raises
    ------
    SettingError : there is none, or it is no policy's.
    """
    folder = find_model(name, "encoder", EPISODE_CHOICES)
    if not encodes_episodes(folder):
        raise SettingError(
            f"encoder={name!r} has no {_CONFIG} of the model_type {POLICY_TYPE} and does not encode "
            f"episodes, which this lake's documents are (reading.documents); choose {EPISODE_CHOICES}"
        )
    return folder


def policy_id(folder: Path) -> str:
    """Hash a policy's files, but not their location."""
    paths = [*sorted(folder.glob(WEIGHTS)), folder / _CONFIG]
    return fingerprint(["policy", {path.name: sha256(path) for path in paths}])


def id_of(name: str) -> str:
    """Return a hash that identifies the encoder of a name, without loading it.

    Raises
    ------
    SettingError : no such policy.
    """
    return PathEncoder().id if name == PATH else memory_encoder_id(policy_id(policy_folder(name)))

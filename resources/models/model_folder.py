"""Finds the directory of a model that a setting names, on this machine or on the hub."""

import re
from pathlib import Path

from guyot.encoders.image_encoder import PREPROCESSING
from guyot.errors import SettingError
from resources.models.text_model import DECIDING, WEIGHTS

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


def find_model(name: str, setting: str, choices: str) -> Path:
    """Find a model's directory, which may be one of the hub.

    Parameters
    ----------
    name : a local directory or a hub id
    setting, choices : where it was asked for, and what else there is, for the error

    Raises
    ------
    SettingError : there is none, or not with weights as safetensors.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _from_hub(name, setting, choices)
    missing = [file for file in ("config.json", WEIGHTS) if not any(folder.glob(file))]
    if missing:
        raise SettingError(
            f"{setting}={name!r} is a directory without {' and '.join(missing)}; "
            f"weights are read from safetensors only; choose from {choices}"
        )
    return folder


def _from_hub(name: str, setting: str, choices: str) -> Path:
    """Download a model from the hub, or use its cache when the hub is not reachable."""
    missing = f"{setting}={name!r} is no directory"
    if not _HUB_ID.fullmatch(name):
        raise SettingError(f"{missing} and no hub id; choose from {choices}")
    from huggingface_hub import snapshot_download

    wanted = [WEIGHTS, *DECIDING, *PREPROCESSING]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{missing}, and the model hub did not give it ({type(error).__name__}); choose from {choices}"
        ) from error

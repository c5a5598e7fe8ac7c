"""The directory of a model: on this machine, or an error that names the setting and what else there is."""

from pathlib import Path

import pytest

from guyot.errors import SettingError
from resources.models.model_folder import find_model


def test_a_directory_with_config_and_safetensors_is_found(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(
        SettingError, match=r"encoder='.*' is a directory without .*safetensors; .*choose from that"
    ):
        find_model(str(tmp_path), "encoder", "that")
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert find_model(str(tmp_path), "encoder", "that") == tmp_path


def test_what_is_no_directory_and_no_hub_id_is_refused_with_the_settings_name() -> None:
    with pytest.raises(
        SettingError, match=r"a\.setting='no such/model/at all' is no directory and no hub id"
    ):
        find_model("no such/model/at all", "a.setting", "that")

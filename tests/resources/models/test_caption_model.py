"""The model of captions that a setting names: its identity is of its files, and what is none is refused."""

import shutil
from pathlib import Path

import pytest
from support.image_models import write_tiny_clip, write_tiny_convnet, write_tiny_words

from guyot.encoders.caption_scorer import CaptionScorer
from guyot.errors import SettingError
from resources.models.caption_model import caption_model_settings, caption_scorer
from resources.settings import Settings


def of(model: Path | str) -> Settings:
    return Settings.of(lake="lake", source="source", **{"encoding.caption_model": str(model)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_words(write_tiny_clip(tmp_path_factory.mktemp("models") / "clip"))


def test_without_the_setting_there_is_no_model() -> None:
    assert caption_model_settings(of("")) == {}
    assert caption_scorer(of("")) is None


def test_the_identity_is_of_the_files_not_of_their_place(folder: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert caption_model_settings(of(folder)) == caption_model_settings(of(moved))
    (moved / "tokenizer.json").write_text((moved / "tokenizer.json").read_text().replace("cube", "cone"))
    assert caption_model_settings(of(folder)) != caption_model_settings(of(moved))
    assert isinstance(caption_scorer(of(folder)), CaptionScorer)


def test_errors_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"encoding\.caption_model='.*no such' is no directory"):
        caption_model_settings(of(tmp_path / "no such"))
    with pytest.raises(SettingError, match=r"encoding\.caption_model=.*encodes no texts"):
        caption_scorer(of(write_tiny_convnet(tmp_path / "net")))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SettingError, match=r"encoding\.caption_model=.*is a directory without config\.json"):
        caption_model_settings(of(empty))

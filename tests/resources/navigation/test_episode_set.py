"""A folder of episodes: written once, resumed where it was killed, refused where it holds something else."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.agents import TINY

from guyot.errors import SettingError
from resources.navigation import episode_set as module
from resources.navigation.episode_set import EpisodeSetFolder
from resources.navigation.episodes import EPISODE_SCHEMA
from resources.navigation_settings import NavigationSettings

ASKED = NavigationSettings(**{name.removeprefix("navigation__"): value for name, value in TINY.items()})


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_the_folder_has_the_policy_and_its_episodes_and_is_written_once(tmp_path: Path) -> None:
    one = EpisodeSetFolder(tmp_path / "one", "recurrent-0", ASKED)
    assert one.write() == {"train": 6 + 3 * 4, "held_out": 25}
    found = files(one.folder)
    assert set(found) == {
        "settings.json",
        "policy/config.json", "policy/model.safetensors", "policy/curve.parquet", "episodes/train.parquet",
        "episodes/held_out.parquet"}  # fmt: skip
    table = pq.read_table(one.source)
    assert table.schema.equals(EPISODE_SCHEMA, check_metadata=False)
    assert set(table["split"].to_pylist()) == {"train", "held_out"}
    assert one.write() == {}
    assert files(one.folder) == found
    other = EpisodeSetFolder(tmp_path / "two", "recurrent-0", ASKED)
    other.write()
    again = files(other.folder)
    assert all(again[name] == content for name, content in found.items()), "the same bytes"


def test_who_is_killed_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = EpisodeSetFolder(tmp_path / "whole", "recurrent-0", ASKED)
    whole.write()
    killed = EpisodeSetFolder(tmp_path / "killed", "recurrent-0", ASKED)

    def kill(*given: object) -> pa.Table:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "episodes_of", kill)
        killed.write()
    assert not any(killed.source.glob("*")) if killed.source.exists() else True
    trained: list[object] = []
    monkeypatch.setattr(module, "train_policy", lambda *given, **named: trained.append(given))
    killed.write()
    assert not trained, "the policy was there"
    assert files(killed.folder) == files(whole.folder)


def test_another_policy_or_strange_files_are_refused(tmp_path: Path) -> None:
    EpisodeSetFolder(tmp_path / "set", "recurrent-0", ASKED).write()
    with pytest.raises(SettingError, match="made with policy 'recurrent-0', not 'recurrent-1'"):
        EpisodeSetFolder(tmp_path / "set", "recurrent-1", ASKED).write()
    (tmp_path / "strange" / "episodes").mkdir(parents=True)
    (tmp_path / "strange" / "episodes" / "mine.parquet").write_bytes(b"mine")
    with pytest.raises(SettingError, match="its folder episodes holds other files"):
        EpisodeSetFolder(tmp_path / "strange", "recurrent-0", ASKED).write()


@pytest.mark.parametrize(
    "name", ["seed", "maze_size", "train_mazes", "held_out_mazes", "single_tasks", "task_repeats"]
)
def test_settings_that_decide_episodes_are_those_of_the_folder(tmp_path: Path, name: str) -> None:
    one = EpisodeSetFolder(tmp_path / "set", "memoryless-0", ASKED)
    one.write()
    changed = ASKED.model_copy(update={name: getattr(ASKED, name) + 2})
    with pytest.raises(SettingError, match=f"made with {name} "):
        EpisodeSetFolder(tmp_path / "set", "memoryless-0", changed).write()
    other = ASKED.model_copy(update={"audit_tasks": 7, "policy": "elsewhere"})
    assert EpisodeSetFolder(tmp_path / "set", "memoryless-0", other).write() == {}


def test_a_folder_that_is_older_than_a_setting_was_made_with_its_default(tmp_path: Path) -> None:
    one = EpisodeSetFolder(tmp_path, "recurrent-0", ASKED)
    one.write()
    path = tmp_path / "settings.json"
    found = json.loads(path.read_text())
    del found["device"]
    path.write_text(json.dumps(found))
    assert one.write() == {}
    on_gpu = EpisodeSetFolder(tmp_path, "recurrent-0", ASKED.model_copy(update={"device": "cuda"}))
    with pytest.raises(SettingError, match="device 'cpu', not 'cuda'"):
        on_gpu.write()

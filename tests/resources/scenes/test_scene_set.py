"""A folder of scenes: the same however often it was killed, refused where it is of another set."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.scenes import scripted_workers

from guyot.errors import SettingError
from guyot.scenes.blocks import BLOCKS, documents
from resources.scenes.render_pool import SceneError
from resources.scenes.renderer import RenderSettings
from resources.scenes.rendering import HowRendered
from resources.scenes.scene_set import SceneSetFolder

HOW = HowRendered(RenderSettings(side=12, samples=1), processes=1)
WRITE = """
import logging, sys
from pathlib import Path
from resources.scenes.renderer import RenderSettings
from resources.scenes.rendering import HowRendered
from resources.scenes.scene_set import SceneSetFolder
logging.basicConfig(level=logging.INFO, format="%(message)s")
how = HowRendered(RenderSettings(side=48, samples=16), processes=1)
SceneSetFolder(Path(sys.argv[1]), "small", how=how).write(["yaw"])
"""


def state(folder: Path) -> dict[str, bytes]:
    """All files of a set, those aside that are of a block under way."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def write(folder: Path) -> subprocess.Popen[str]:
    """Begin to write a block, in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", WRITE, str(folder)], stderr=subprocess.PIPE, text=True)


def test_killed_in_the_middle_it_goes_on_with_what_is_missing_and_gives_the_same(tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    first = write(killed)
    while len(list(killed.glob(".partial/yaw/*.scene"))) < 3:
        assert first.poll() is None
        time.sleep(0.002)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    finished = list(killed.glob(".partial/yaw/*.scene"))
    assert 3 <= len(finished) < 16
    assert not list(killed.glob("rendered/*"))
    second, other = write(killed), write(whole)
    told = second.communicate()[1]
    other.communicate()
    assert (second.returncode, other.returncode) == (0, 0)
    assert told.splitlines()[0] == f"scenes yaw: begins, {16 - len(finished)} scenes"
    assert state(killed) == state(whole)


def test_all_blocks_are_written_once_with_their_truth(monkeypatch, tmp_path):
    tries = scripted_workers(monkeypatch, tmp_path / "asked", {})
    folder = SceneSetFolder(tmp_path / "set", "small", how=HOW)
    counts = {block: len(documents(block, "small")) for block in BLOCKS}
    assert folder.write(["yaw"]) == {"yaw": 16}
    assert folder.write() == {block: n for block, n in counts.items() if block != "yaw"}
    before = sum(tries().values())
    assert folder.write() == {}
    assert sum(tries().values()) == before
    specs = pq.read_table(tmp_path / "set" / "specs.parquet")
    pictures = pq.ParquetDataset(folder.source).read()
    assert sorted(specs["spec_hash"].to_pylist()) == sorted(pictures["id"].to_pylist())
    assert pictures.num_rows == sum(counts.values()) == 291
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert {block: entry["pictures"] for block, entry in manifest["blocks"].items()} == counts
    assert list(manifest["blocks"]) == list(BLOCKS)
    assert sorted(p.name for p in (tmp_path / "set" / "sheets").iterdir()) == sorted(
        f"{b}.png" for b in BLOCKS
    )


def test_a_file_that_is_gone_is_written_again(monkeypatch, tmp_path):
    scripted_workers(monkeypatch, tmp_path / "asked", {})
    folder = SceneSetFolder(tmp_path / "set", "small", how=HOW)
    folder.write(["yaw"])
    before = state(folder.folder)
    (folder.source / "yaw.parquet").unlink()
    assert folder.write(["yaw"]) == {"yaw": 16}
    assert state(folder.folder) == before


def test_a_failure_costs_its_block_until_the_next_time(monkeypatch, tmp_path):
    scripted_workers(monkeypatch, tmp_path / "asked", {45: "abort " * 4}, by="yaw")
    folder = SceneSetFolder(tmp_path / "set", "small", how=HOW)
    with pytest.raises(SceneError, match="^block yaw: 2 of 16 scenes could not be rendered"):
        folder.write(["yaw", "one_at_a_time"])
    assert [path.name for path in folder.source.iterdir()] == ["one_at_a_time.parquet"]
    assert folder.write(["yaw", "one_at_a_time"]) == {"yaw": 16}


@pytest.mark.parametrize("other, told", [
    ({"seed": 1}, "it holds a set with seed 0, not 1; give another folder"),
    ({"size": "default"}, "size 'small', not 'default'"),
    ({"how": HowRendered(RenderSettings(side=24, samples=1))}, "side 12, not 24"),
])  # fmt: skip
def test_a_folder_of_another_set_is_refused(monkeypatch, tmp_path, other, told):
    scripted_workers(monkeypatch, tmp_path, {})
    SceneSetFolder(tmp_path / "set", "small", how=HOW).write(["yaw"])
    before = state(tmp_path / "set")
    with pytest.raises(SettingError, match=told):
        SceneSetFolder(tmp_path / "set", **{"size": "small", "how": HOW, **other}).write(["yaw"])
    assert state(tmp_path / "set") == before


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "rendered").mkdir()
    (tmp_path / "rendered" / "mine.parquet").write_bytes(b"")
    with pytest.raises(SettingError, match="its folder rendered holds other files; give another folder"):
        SceneSetFolder(tmp_path, "small", how=HOW).write(["yaw"])

"""A block's pictures: rendered once each, taken where they are finished, told where they fail."""

import logging

import pytest
from support.scenes import scripted_workers

from guyot.scenes.blocks import documents
from resources.progress import LOGGER
from resources.scenes.encodings import decode
from resources.scenes.finished import FinishedFolder
from resources.scenes.render_pool import SceneError
from resources.scenes.renderer import RenderSettings
from resources.scenes.rendering import HowRendered, render_documents

HOW = HowRendered(RenderSettings(side=12, samples=1), scene_seconds=1)
GROUPS = documents("duplicates", "small")[:18]  # two groups of nine, five renderings each
BASE, NOISE = 200, 201  # replicates of the block


def test_each_scene_is_rendered_once_for_all_its_encodings(monkeypatch, tmp_path):
    tries = scripted_workers(monkeypatch, tmp_path / "asked", {})
    files = render_documents(GROUPS, HOW, FinishedFolder(tmp_path / "kept"), "scenes")
    assert [file.startswith(b"\xff\xd8") for file in files] == [
        one.encoding.startswith("jpeg") for one in GROUPS
    ]
    assert [round(decode(file).mean()) for file in files] == [one.scene.replicate for one in GROUPS]
    assert tries() == {BASE: 8, NOISE: 2}  # scenes that are turned have the replicate of their base


def test_what_is_finished_is_not_rendered_again(monkeypatch, tmp_path, caplog):
    kept = FinishedFolder(tmp_path / "kept")
    scripted_workers(monkeypatch, tmp_path / "first", {})
    files = render_documents(GROUPS, HOW, kept, "scenes")
    for path in sorted(kept.folder.iterdir())[:3]:
        path.unlink()
    monkeypatch.undo()
    tries = scripted_workers(monkeypatch, tmp_path / "second", {})
    monkeypatch.setattr(LOGGER, "propagate", True)
    caplog.clear()  # another test may have left the level that shows the first rendering
    with caplog.at_level(logging.INFO, LOGGER.name):
        assert render_documents(GROUPS, HOW, kept, "scenes") == files
    assert sum(tries().values()) == 3
    assert caplog.messages[0] == "scenes: begins, 3 scenes"
    monkeypatch.setattr("resources.scenes.rendering.RenderPool", None)  # which is not needed any more
    assert render_documents(GROUPS, HOW, kept, "scenes") == files


def test_other_settings_take_nothing_that_is_finished(monkeypatch, tmp_path):
    kept = FinishedFolder(tmp_path / "kept")
    tries = scripted_workers(monkeypatch, tmp_path / "asked", {})
    render_documents(GROUPS, HOW, kept, "scenes")
    render_documents(GROUPS, HowRendered(RenderSettings(side=12, samples=4), scene_seconds=1), kept, "scenes")
    assert sum(tries().values()) == 20


def test_a_scene_that_fails_twice_is_told_and_the_others_are_kept(monkeypatch, tmp_path):
    kept = FinishedFolder(tmp_path / "kept")
    scripted_workers(monkeypatch, tmp_path / "asked", {NOISE: "abort abort abort abort"})
    with pytest.raises(
        SceneError, match=r"2 of 10 scenes could not be rendered, the others are kept: .*SIGABRT"
    ):
        render_documents(GROUPS, HOW, kept, "scenes")
    assert len(list(kept.folder.iterdir())) == 8

"""The demo on images: its scenes are rendered once, and its settings are those of a lake of images."""

from pathlib import Path
from typing import Any

import pytest
from support.scenes import scripted_workers

from guyot.scenes.blocks import SETS, SceneSet
from jobs.cli import demo_graph, demo_images
from resources.settings import Settings


def test_its_settings_are_settings_and_of_a_lake_of_its_own() -> None:
    settings = Settings.of(**demo_images.SETTINGS)
    assert settings.reading.documents == "image"
    assert settings.lake != Settings.default("lake")


def test_scenes_are_rendered_once_and_the_graph_is_run_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    few = SceneSet(
        materials=1, environments=1, draws=1, bases=1, groups=1, complexities=(1,), scenes_of_a_shape=1,
        yaw_shapes=1, yaws=1,
    )  # fmt: skip
    monkeypatch.setitem(SETS, "small", few)
    asked = scripted_workers(monkeypatch, tmp_path / "asked", {})
    monkeypatch.setattr(demo_images, "FOLDER", tmp_path / "scenes")
    monkeypatch.setattr(demo_images, "ROOT", tmp_path)
    runs: list[Any] = []
    monkeypatch.setattr(demo_graph, "show_graph", lambda *given: runs.append(given))
    demo_images.main()
    n_scenes = sum(asked().values())
    demo_images.main()
    assert sum(asked().values()) == n_scenes > 20
    settings, source, places = runs[1]
    assert runs[0] == runs[1]
    assert (settings, source) == (demo_images.SETTINGS, tmp_path / "scenes" / "rendered")
    assert list(places) == [
        "the pictures", "the graph", "the accuracy", "what collapses", "what was lost"
    ]  # fmt: skip
    assert sorted(path.stem for path in source.iterdir()) == [
        "complexity", "duplicates", "factorial", "one_at_a_time", "yaw"
    ]  # fmt: skip
    out = capfd.readouterr().out
    assert f"{10 + 43 + 9 + 10 + 1} scenes rendered now" in out
    assert "0 scenes rendered now; all are in scenes/rendered" in out

"""The demo on episodes: its agent is trained once, and its settings are those of a lake of episodes."""

from pathlib import Path
from typing import Any

import pytest
from support.agents import TINY

from jobs.cli import demo_agents, demo_graph
from resources.settings import Settings


def test_its_settings_are_settings_and_of_a_lake_of_its_own() -> None:
    settings = Settings.of(**demo_agents.SETTINGS)
    assert settings.reading.documents == "episode"
    assert settings.lake != Settings.default("lake")
    assert settings.navigation.policy.endswith("/policy")


def test_the_agent_is_trained_once_and_the_graph_is_run_on_its_episodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny = {name.removeprefix("navigation__"): value for name, value in TINY.items()}
    monkeypatch.setattr(demo_agents, "NAVIGATION", tiny)
    monkeypatch.setattr(demo_agents, "FOLDER", tmp_path / "agents")
    monkeypatch.setattr(demo_agents, "ROOT", tmp_path)
    runs: list[Any] = []
    monkeypatch.setattr(demo_graph, "show_graph", lambda *given: runs.append(given))
    demo_agents.main()
    demo_agents.main()
    settings, source, places = runs[1]
    assert runs[0] == runs[1]
    assert (settings, source) == (demo_agents.SETTINGS, tmp_path / "agents" / "episodes")
    assert list(places) == ["the graph", "tasks kept", "the maps", "one repeat"]
    out = capfd.readouterr().out
    assert "43 episodes walked now; all are in agents/episodes" in out
    assert "0 episodes walked now" in out

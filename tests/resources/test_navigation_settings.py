"""The settings of mazes and agents are read from the environment and refused with their bounds."""

import pytest

from guyot.errors import SettingError
from resources.settings import Settings


def test_they_are_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUYOT_NAVIGATION__TASK_REPEATS", "3")
    assert Settings.from_environment().navigation.task_repeats == 3


def test_a_maze_too_small_for_its_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUYOT_NAVIGATION__MAZE_SIZE", "5")
    with pytest.raises(SettingError, match="GUYOT_NAVIGATION__MAZE_SIZE"):
        Settings.from_environment()

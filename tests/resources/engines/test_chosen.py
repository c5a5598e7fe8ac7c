"""The engine is the one that the settings name."""

import pytest

from guyot.errors import SettingError
from resources.engines.chosen import engine_of
from resources.engines.ray_cluster import RayEngine
from resources.engines.threads import Engine
from resources.settings import Settings


def test_threads_are_the_engine_where_nothing_else_is_said() -> None:
    assert type(engine_of(Settings.of())) is Engine
    assert type(engine_of(Settings.of(engine="ray://host:6379"))) is RayEngine  # which connects when it works


@pytest.mark.parametrize("engine", ["spark://host:1", "ray://host", "ray://", "ray://planted:word@host:1"])
def test_what_is_no_engine_is_refused_and_not_said(engine: str) -> None:
    with pytest.raises(SettingError, match="choose threads, or ray://host:port") as refused:
        engine_of(Settings.of(engine=engine))
    assert "planted" not in str(refused.value)

"""Settings: the environment beats what is given, and wrong values say which."""

import pytest
from pydantic import ValidationError

from resources.settings import Settings


def test_the_environment_beats_the_launchpad_beats_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().n_clusters == 0
    assert Settings(n_clusters=5).n_clusters == 5
    monkeypatch.setenv("GUYOT_N_CLUSTERS", "9")
    assert Settings(n_clusters=5).n_clusters == 9


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUYOT_SEED", "")
    assert Settings().seed == 0


@pytest.mark.parametrize(
    ("name", "value"), [("N_CLUSTERS", "many"), ("HELD_OUT_FRACTION", "1.5"), ("SEED", "-1")]
)
def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GUYOT_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())

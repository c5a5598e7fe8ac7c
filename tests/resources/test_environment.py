"""The environment: variables are read into groups, as text."""

import pytest

from resources.environment import read
from resources.settings import Settings


def test_variables_are_read_into_their_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(Settings) == {}
    monkeypatch.setenv("GUYOT_SEED", "3")
    monkeypatch.setenv("GUYOT_TRAINING__TOKENS", "50")
    monkeypatch.setenv("GUYOT_TRAINING__MODEL_WIDTH", "8")
    assert read(Settings) == {"seed": "3", "training": {"tokens": "50", "model_width": "8"}}

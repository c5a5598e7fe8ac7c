"""The settings of trainings: each has a meaning and keeps to its limits."""

import pytest
from pydantic import ValidationError

from resources.training_settings import TrainingSettings


def test_every_setting_has_a_meaning_and_a_default() -> None:
    for name, field in TrainingSettings.model_fields.items():
        assert field.description, name
    assert TrainingSettings() == TrainingSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("images", 0), ("image_objective", "guess"), ("image_side", 7), ("image_width", 0), ("tokens", 0)],
)
def test_values_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        TrainingSettings(**{name: value})

"""Groups of settings: each says what it means, has a default, and keeps to its limits."""

import pytest
from dagster import Config
from pydantic import ValidationError

from resources import setting_groups
from resources.setting_groups import MinHashSettings, ReadingSettings

GROUPS = [
    value for value in vars(setting_groups).values()
    if isinstance(value, type) and issubclass(value, Config) and value is not Config
]  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_every_setting_has_a_meaning_and_a_default(group: type[Config]) -> None:
    assert group.model_fields
    for name, field in group.model_fields.items():
        assert field.description, name
    assert group() == group()


def test_values_out_of_range_are_refused() -> None:
    for fraction in (-0.1, 1):
        with pytest.raises(ValidationError, match="held_out_fraction"):
            ReadingSettings(held_out_fraction=fraction)
    with pytest.raises(ValidationError, match="shingle_unit"):
        MinHashSettings(shingle_unit="lines")
    assert MinHashSettings(jaccard=1).jaccard == 1

"""The settings of the audits: each has a meaning and a default, and keeps to its limits."""

import pytest
from pydantic import ValidationError

from resources.audit_settings import AuditSettings


def test_every_setting_has_a_meaning_and_a_default() -> None:
    for name, field in AuditSettings.model_fields.items():
        assert field.description, name
    assert AuditSettings() == AuditSettings()


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValidationError, match="invariance_image_sample_size"):
        AuditSettings(invariance_image_sample_size=0)
    with pytest.raises(ValidationError, match="factor_class_size"):
        AuditSettings(factor_class_size=1)

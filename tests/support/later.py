"""Parameters whose tests wait for continuous integration: those before them show the same sooner."""

from collections.abc import Iterable
from typing import Any

import pytest


def later(values: Iterable[Any]) -> list[Any]:
    """Mark parameters as those of long tests that continuous integration runs."""
    return [pytest.param(value, marks=[pytest.mark.long, pytest.mark.in_ci]) for value in values]

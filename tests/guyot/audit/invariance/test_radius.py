"""The radius ends at the first magnitude that is not overlooked, whatever comes after."""

import pytest

from guyot.audit.invariance.radius import Radius, duplicate_radius

MAGNITUDES = [0.1, 0.5, 1.0]


@pytest.mark.parametrize(
    ("distances", "limit", "expected"),
    [
        ([0.01, 0.02, 0.03], 0.1, Radius(1.0, 0.03, None)),
        ([0.01, 0.02, 0.03], 0.03, Radius(0.5, 0.02, 1.0)),  # at the limit is no copy
        ([0.1, 0.02, 0.01], 0.05, Radius(0.0, 0.0, 0.1)),
        ([0.01, 0.2, 0.01], 0.05, Radius(0.1, 0.01, 0.5)),
        ([0.0, 0.0, 0.0], 0.0, Radius(0.0, 0.0, 0.1)),
    ],
)
def test_by_hand(distances: list[float], limit: float, expected: Radius) -> None:
    assert duplicate_radius(MAGNITUDES, distances, limit) == expected
    assert duplicate_radius(MAGNITUDES[::-1], distances[::-1], limit) == expected


def test_each_magnitude_has_its_distance() -> None:
    with pytest.raises(ValueError, match="zip"):
        duplicate_radius(MAGNITUDES, [0.1], 0.5)

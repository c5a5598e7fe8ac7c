"""A margin is the least that finds enough of the nearest centroids, by hand and against a loop."""

import numpy as np
import pytest
from support.corpus import some_units

from guyot.cluster import centroid_groups
from guyot.cluster.centroid_groups import CentroidGroups, with_margin
from guyot.errors import ArrayError
from guyot.vectors.exact import cosines, unit_float16
from guyot.vectors.screen import UnitRows


def test_a_margin_by_hand() -> None:
    # the nearest centroid of half of the documents lies in the group that is .05 farther
    groups = unit_float16(np.array([[1, 0], [0.995, -0.0999]], np.float32))
    centroids = unit_float16(np.array([[1, -0.3], [1, 0.5], [0.9, 0.1], [0.9, -0.9]], np.float32))
    sample = unit_float16(np.array([[1, 0.45], [0.92, 0.1]], np.float32))
    found = with_margin(CentroidGroups(groups, np.array([0, 2, 4]), 0, {}), centroids, sample)
    apart = cosines(sample, groups)
    nearest = cosines(sample, centroids).argmax(axis=1)
    assert nearest.tolist() == [1, 2]
    assert 0 < apart[1, 0] - apart[1, 1] < 0.02
    assert found.recall == {0.02: 1.0}
    assert found.probe_margin == 0.02


def test_the_least_margin_is_chosen_and_all_that_were_tried_are_kept() -> None:
    sample, centroids = some_units(400, 16, 1), some_units(40, 16, 2)
    groups = CentroidGroups(some_units(8, 16, 3), np.arange(0, 41, 5), 0, {})
    found = with_margin(groups, centroids, sample)
    nearest, of_groups = cosines(sample, centroids).argmax(axis=1), cosines(sample, groups.vectors)
    own = of_groups[np.arange(400), nearest // 5]
    for margin, recall in found.recall.items():
        assert recall == ((own >= of_groups.max(axis=1) - np.float32(margin)).mean())
    assert list(found.recall) == list(centroid_groups.PROBE_MARGINS)[: len(found.recall)]
    assert all(recall < 0.95 for recall in list(found.recall.values())[:-1])
    assert found.probe_margin == list(found.recall)[-1]


def test_groups_must_be_of_unit_length() -> None:
    wrong = CentroidGroups(np.full((1, 2), 2, np.float16), np.array([0, 1]), 0, {})
    with pytest.raises(ArrayError, match="groups of centroids must have rows of length 1"):
        wrong.of(UnitRows.measured(some_units(1, 2)))

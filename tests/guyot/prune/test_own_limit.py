"""Each limit of a step's own, at the limit itself; steps without one are refused."""

import numpy as np
import pytest
from guyot.prune.own_limit import own_limit

from guyot.cut import PruneRequest, Scores
from guyot.errors import SettingError
from guyot.prune.bounds import Bounds
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.semdedup import SemDeDup

ASKED = PruneRequest(np.ones(4, np.int64), np.array([True, True, True, False]), None)


@pytest.mark.parametrize(
    ("step", "values", "kept"),
    [
        (Everything(), [0, 0, 0, 0], [True, True, True, False]),
        (Exact(), [1, 0, 1, 1], [True, False, True, False]),
        (OnlyKinds(("python",)), [1, 0, 1, 1], [True, False, True, False]),
        (Parses(), [1, 0, 1, 1], [True, False, True, False]),
        (Bounds("words", at_most=3), [0, -0.1, 0, 0], [True, False, True, False]),
        (SemDeDup(duplicate_distance=0.25), [0.25, 0.2, 2, 2], [True, False, True, False]),
    ],
)
def test_each_limit(step: object, values: list[float], kept: list[bool]) -> None:
    assert own_limit(step, Scores(np.array(values, float), "x"), ASKED).tolist() == kept


@pytest.mark.parametrize("step", [Length(), SemDeDup()])
def test_a_step_without_a_limit_is_refused(step: object) -> None:
    with pytest.raises(SettingError, match="has no limit of its own here"):
        own_limit(step, Scores(np.zeros(4), "x"), ASKED)

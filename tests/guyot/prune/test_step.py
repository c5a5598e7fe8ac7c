"""The limit of each filter at the limit itself; names of steps."""

import numpy as np
import pytest

from guyot.cut import Scores
from guyot.prune import METHODS, StepMethod, names_of
from guyot.prune.bounds import Bounds
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.random import Random


@pytest.mark.parametrize(
    ("step", "values", "kept"),
    [
        (Everything(), [0, 0, 0, 0], [True, True, True, True]),
        (Exact(), [1, 0, 1, 1], [True, False, True, True]),
        (OnlyKinds(("python",)), [1, 0, 1, 1], [True, False, True, True]),
        (Parses(), [1, 0, 1, 1], [True, False, True, True]),
        (Bounds("words", at_most=3), [0, -0.1, 0, 0], [True, False, True, True]),
    ],
)
def test_each_limit(step: StepMethod, values: list[float], kept: list[bool]) -> None:
    assert step.passes_default_threshold(Scores(np.array(values, float), "x")).tolist() == kept


def test_a_step_without_a_limit_has_none() -> None:
    assert Length().passes_default_threshold(Scores(np.zeros(4), "x")) is None


def test_a_second_step_of_a_method_has_a_name_of_its_own() -> None:
    assert names_of((Random(), Exact(), Random())) == ("random", "exact", "random-2")


def test_methods_have_different_names() -> None:
    names = [method.method for method in METHODS]
    assert len(set(names)) == len(names) == 13

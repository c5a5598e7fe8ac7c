"""Kinds that are not named go; naming none is refused."""

import numpy as np
import pytest

from guyot.errors import SettingError
from guyot.prune.only_kinds import OnlyKinds, only_kinds_scores


def test_those_wanted_score_higher() -> None:
    scores = only_kinds_scores(np.array([False, True]))
    assert scores.values.tolist() == [0, 1]
    assert scores.reason == "kind"


def test_keeping_no_kind_is_refused() -> None:
    with pytest.raises(SettingError, match="names 0 kinds"):
        OnlyKinds(())

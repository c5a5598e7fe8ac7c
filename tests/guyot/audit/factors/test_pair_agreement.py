"""Agreement of the dropped with their witnesses, and chance counted pair by pair."""

import numpy as np
import pytest

from guyot.audit.factors.factor import Factor, factor_of
from guyot.audit.factors.pair_agreement import pair_agreement
from guyot.seeds import generator


def test_chance_is_that_of_every_other_document() -> None:
    draw = generator(0, "agreement")
    level = draw.integers(-1, 4, 40).astype(np.int32)
    factor = Factor("f", level, tuple("abcd"))
    dropped, witness = draw.integers(0, 40, (2, 15))
    found = pair_agreement(factor, dropped, witness)
    assert found is not None
    known = [(a, b) for a, b in zip(dropped, witness, strict=True) if min(level[a], level[b]) >= 0]
    assert found.share.n == len(known)
    assert found.share.value == pytest.approx(np.mean([level[a] == level[b] for a, b in known]))
    others = [
        np.mean([level[a] == level[c] for c in range(40) if c != a and level[c] >= 0]) for a, _ in known
    ]
    assert found.chance == pytest.approx(np.mean(others))


def test_without_pairs_there_is_nothing_to_say() -> None:
    none = np.zeros(0, np.int64)
    assert pair_agreement(factor_of("f", ["a", None]), none, none) is None
    assert pair_agreement(factor_of("f", ["a", None]), np.array([0]), np.array([1])) is None

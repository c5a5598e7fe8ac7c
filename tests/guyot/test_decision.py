"""Decisions: a later step's lie in the columns of the earlier where nobody looks at these again."""

import numpy as np

from guyot.cut import Cut, Scores, nothing_dropped
from guyot.decision import after, without_scores
from guyot.seeds import generator


def test_a_cut_that_nobody_looks_at_again_gives_its_columns_to_the_next() -> None:
    draw = generator(0, "last use")

    def steps(is_last_use: bool) -> tuple[Cut, Cut]:
        first = Scores(values[0], "a", witness=witness, other_reason="b", other=alive)
        one = after(nothing_dropped(50), "one", first, kept, is_last_use=is_last_use)
        second = Scores(values[1], "c", group=group, limit=0.25)
        return one, after(one, "two", second, fewer, by_target=False, is_last_use=is_last_use)

    values, group = draw.random((2, 50)), draw.integers(0, 3, 50).astype(np.int32)
    alive, kept = draw.random((2, 50)) < 0.7
    witness = np.where(draw.random(50) < 0.5, -1, 3).astype(np.int32)
    fewer = kept & (draw.random(50) < 0.5)
    (_, apart), (before, shared) = steps(False), steps(True)
    for name in ("kept", "step", "score", "threshold", "witness", "reason"):
        one, other = getattr(apart, name), getattr(shared, name)
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
        if name != "kept":
            assert np.shares_memory(getattr(before, name), other)
    assert shared.witness.dtype == np.int64


def test_a_cut_without_scores_keeps_what_an_account_looks_at() -> None:
    scores = Scores(np.array([0.5, 0.25]), "low", witness=np.array([-1, 0]))
    cut = after(nothing_dropped(2), "one", scores, np.array([True, False]))
    left = without_scores(cut)
    for name in ("kept", "step", "threshold", "witness", "steps", "reasons"):
        assert getattr(left, name) is getattr(cut, name)
    assert np.isnan(left.score).all()
    assert (left.score.strides, left.reason.strides) == ((0,), (0,)), "of one value each"

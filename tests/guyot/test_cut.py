"""A target is met exactly, ties go to the lower row, and every drop is accounted for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.cut import Scores, floor_fraction, nothing_dropped, take
from guyot.decision import after
from guyot.errors import SettingError

weights_and_scores = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(weights_and_scores, st.fractions(0, 1))
def test_take_keeps_the_best_up_to_the_target(rows: list[tuple[int, float, bool]], fraction: object) -> None:
    weights = np.array([row[0] for row in rows])
    values = np.array([row[1] for row in rows])
    alive = np.array([row[2] for row in rows])
    target = int(weights[alive].sum() * fraction)
    kept = take(Scores(values, "low"), weights, alive, target)
    assert not (kept & ~alive).any()
    order = sorted(np.flatnonzero(alive), key=lambda i: (-values[i], i))
    expected, spent = [], 0
    for i in order:  # the naive definition
        if spent + weights[i] > target:
            break
        spent += weights[i]
        expected.append(i)
    assert sorted(expected) == np.flatnonzero(kept).tolist()


@given(st.integers(0, 500), st.integers(0, 100))
def test_documents_are_met_exactly(n_documents: int, percent: int) -> None:
    target = floor_fraction(n_documents, percent / 100)
    kept = take(
        Scores(np.zeros(n_documents), "low"),
        np.ones(n_documents, np.int64),
        np.ones(n_documents, bool),
        target,
    )
    assert kept.sum() == target == n_documents * percent // 100


@given(st.permutations(range(12)))
def test_a_higher_target_keeps_all_that_a_lower_one_kept(order: list[int]) -> None:
    scores = Scores(np.array(order, float), "low")
    kept = [take(scores, np.ones(12, np.int64), np.ones(12, bool), n) for n in range(13)]
    assert all((kept[n] <= kept[n + 1]).all() for n in range(12))


def test_what_cannot_be_met_is_refused_with_the_numbers() -> None:
    alive = np.array([True, False])
    with pytest.raises(SettingError, match="target is 9 but 1 documents worth 4 are left"):
        take(Scores(np.zeros(2), "low"), np.array([4, 9]), alive, 9)
    with pytest.raises(SettingError, match="1 scores are nan"):
        take(Scores(np.array([np.nan, 1]), "low"), np.ones(2, np.int64), np.ones(2, bool), 1)


def test_steps_add_up_by_hand() -> None:
    copies = Scores(np.array([2.0, 0.25, 2.0, 2.0]), "copy", np.array([-1, 0, -1, -1]), limit=0.5)
    cut = after(nothing_dropped(4), "exact", copies, np.array([True, False, True, True]), by_target=False)
    assert cut.threshold.tolist() == [0.5] * 4
    long = Scores(np.array([-5.0, -5.0, -9.0, -1.0]), "long")
    cut = after(cut, "length", long, np.array([True, False, False, True]))
    assert cut.kept.tolist() == [True, False, False, True]
    assert cut.step.tolist() == [-1, 0, 1, -1]
    assert [cut.reasons[r] for r in cut.reason[[1, 2]]] == ["copy", "long"]
    assert cut.witness.tolist() == [-1, 0, -1, -1]
    assert cut.score.tolist() == [-5.0, 0.25, -9.0, -1.0]
    assert cut.threshold.tolist() == [-5.0, 0.5, -5.0, -5.0]


def test_a_drop_without_a_witness_goes_by_lot_where_the_method_has_witnesses() -> None:
    copies = Scores(np.array([1.0, 1.0]), "copy", np.array([-1, -1]))
    cut = after(nothing_dropped(2), "exact", copies, np.array([True, False]))
    assert cut.reasons[cut.reason[1]] == "random"


def threshold(scores: Scores, kept: list[bool], *, by_target: bool = True) -> list[float]:
    return after(
        nothing_dropped(len(kept)), "step", scores, np.array(kept), by_target=by_target
    ).threshold.tolist()


def test_a_targets_threshold_is_that_of_the_last_kept_that_was_compared() -> None:
    witness = np.array([-1, 0, 0, 0])
    scores = Scores(np.array([2.0, 0.75, 0.5, 0.25]), "near", witness, limit=0.9)
    assert threshold(scores, [True, True, True, False]) == [0.5] * 4
    assert threshold(scores, [True, True, True, False], by_target=False) == [0.9] * 4
    assert threshold(scores, [True, False, False, False]) == [0.9] * 4  # nobody kept was compared
    assert threshold(scores, [False] * 4) == pytest.approx([np.nan, 0.9, 0.9, 0.9], nan_ok=True)


def test_what_no_score_decided_has_no_threshold() -> None:
    small = np.array([True, False, False])
    scores = Scores(np.array([-0.1, -0.5, -0.3]), "far", other_reason="small", other=small, unscored=small)
    assert threshold(scores, [False, False, True]) == pytest.approx([np.nan, -0.3, -0.3], nan_ok=True)


def test_each_group_has_a_threshold_and_one_that_kept_nothing_has_none() -> None:
    scores = Scores(np.array([0.1, 0.2, 0.3, 0.4]), "dense", group=np.array([0, 0, 1, 2], np.int32))
    assert threshold(scores, [False, True, True, False]) == pytest.approx(
        [0.2, 0.2, 0.3, np.nan], nan_ok=True
    )


def test_the_cut_that_has_dropped_nothing_holds_no_memory_and_cannot_be_changed() -> None:
    whole = nothing_dropped(1 << 40)
    with pytest.raises(ValueError, match="read-only"):
        whole.kept[0] = False
    assert whole.kept[[0, -1]].all()
    assert (whole.step[5], whole.witness[5], np.isnan(whole.score[5])) == (-1, -1, True)

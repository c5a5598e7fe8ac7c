"""Copies of evaluation records: what goes, because of which record, and at which limits."""

import dataclasses

import numpy as np
import pytest

from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents
from guyot.errors import ArrayError, SettingError
from guyot.prune import prune
from guyot.prune.decontaminate import Decontaminate, EvaluationPairs
from guyot.prune.exact import Exact
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe

# documents 0 to 4; records 0 and 1 are held out, record 2 is of a benchmark
ROWS = [  # document, record, overlap, jaccard, cosine
    (0, 0, 0.5, 0.25, 0.5),
    (1, 0, 0.75, 0.5, 0.99),
    (1, 1, 1.0, 0.25, 0.5),
    (1, 2, 1.0, 0.75, 0.5),
    (3, 2, 0.25, 0.125, 0.96875),
    (3, 1, 0.0, 0.0, 0.984375),
]


def pairs(rows: list[tuple[int, int, float, float, float]] = ROWS, floor: float = 0.25) -> EvaluationPairs:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    document, record = (np.array(column, np.int64) for column in columns[:2])
    names, sets = np.array([b"x", b"y", b"z"], "S32"), np.array([0, 0, 1], np.int16)
    overlap, jaccard = (np.array(column, np.float64) for column in columns[2:4])
    cosine = np.array(columns[4], np.float32)
    return EvaluationPairs(
        document, record, overlap, jaccard, cosine, names, sets, ("held_out", "bench"), floor, 0.95
    )


def five(found: EvaluationPairs) -> Documents:
    digest = np.array([b"a", b"b", b"a", b"c", b"d"], "S32")
    return Documents(np.arange(5, dtype=np.uint64), digest, sources={"evaluation_pairs": found})


def cut_by(step: Decontaminate, target: float | None = None, found: EvaluationPairs | None = None) -> Cut:
    return prune(five(found or pairs()), (step,), target_fraction=target, unit="documents")


def test_what_holds_enough_of_a_record_goes_because_of_the_one_that_it_holds_most_of() -> None:
    cut = cut_by(Decontaminate())
    assert cut.kept.tolist() == [False, False, True, True, True]
    # of records 1 and 2, both held whole, the one that is more of the document
    assert cut.witness.tolist() == [5 + 0, 5 + 2, NO_WITNESS, NO_WITNESS, NO_WITNESS]
    assert cut.score.tolist() == [0.5, 0.0, 2.0, 0.75, 2.0]
    assert cut.threshold.tolist() == [0.5] * 5
    assert [cut.reasons[number] for number in cut.reason[:2]] == ["contaminated", "contaminated"]


def test_the_limit_itself_counts() -> None:
    assert cut_by(Decontaminate(min_overlap=0.5)).kept.tolist()[0] is False
    assert cut_by(Decontaminate(min_overlap=0.5000001)).kept.tolist()[0] is True


def test_reworded_copies_go_by_their_cosine_where_that_is_asked_for() -> None:
    cut = cut_by(Decontaminate(max_cosine=0.96))
    assert cut.kept.tolist() == [False, False, True, False, True]
    assert cut.witness[3] == 5 + 1
    assert (cut.score[3], cut.threshold[3]) == (1 - 0.984375, 1 - 0.96)
    assert cut.reasons[cut.reason[3]] == "reworded"
    assert cut.reasons[cut.reason[1]] == "contaminated"  # though its cosine to another is high too
    assert cut_by(Decontaminate(max_cosine=0.984375)).kept.tolist()[3] is False
    assert cut_by(Decontaminate(max_cosine=0.985)).kept.tolist()[3] is True


def test_only_the_evaluation_sets_that_are_asked_for_count() -> None:
    held_out = cut_by(Decontaminate(evaluation_sets=("held_out",)))
    assert held_out.witness.tolist() == [5, 6, -1, -1, -1]
    bench = cut_by(Decontaminate(evaluation_sets=("bench",), max_cosine=0.96))
    assert bench.witness.tolist() == [-1, 7, -1, 7, -1]
    with pytest.raises(SettingError, match="sets nowhere; there are held_out, bench"):
        cut_by(Decontaminate(evaluation_sets=("nowhere", "bench")))


def test_held_out_text_that_many_share_counts_for_near_copies_alone() -> None:
    rows = [(0, 0, 0.9, 0.2, 0.5), (1, 0, 0.9, 0.2, 0.5), (2, 0, 1.0, 0.8, 0.5), (3, 0, 0.3, 0.2, 0.5)]
    found = pairs(rows)
    assert cut_by(Decontaminate(common_documents=1), found=found).kept.tolist() == [
        True,
        True,
        False,
        True,
        True,
    ]
    # what holds too little of it is not counted, nor is what is near to it as a whole
    for most in (2, None):
        kept = cut_by(Decontaminate(common_documents=most), found=found).kept
        assert kept.tolist() == [False, False, False, True, True]
    # a benchmark's record counts however many hold it
    bench = pairs([(document, 2, *rest) for document, _, *rest in rows])
    assert cut_by(Decontaminate(common_documents=1), found=bench).kept.tolist() == [False] * 3 + [True] * 2
    # by its vector a document goes all the same
    near = pairs([*rows[:1], (1, 0, 0.9, 0.2, 0.97), *rows[2:]])
    step = Decontaminate(common_documents=1, max_cosine=0.96)
    assert cut_by(step, found=near).kept.tolist() == [True, False, False, True, True]


def test_without_pairs_nothing_goes() -> None:
    assert cut_by(Decontaminate(max_cosine=0.96), found=pairs([])).kept.all()


def test_a_target_takes_the_most_contaminated_first_and_then_at_random() -> None:
    assert cut_by(Decontaminate(), 0.8).kept.tolist() == [True, False, True, True, True]
    cut = cut_by(Decontaminate(), 0.4)
    assert cut.kept.sum() == 2
    assert cut.kept.tolist() == [
        False,
        False,
        True,
        False,
        True,
    ]  # the last of which holds a quarter of a record
    assert cut.witness[3] == 7
    cut = cut_by(Decontaminate(), 0.2)
    assert cut.reasons[cut.reason[4]] == "random"


def test_steps_after_it_do_not_mistake_a_record_for_a_document() -> None:
    both = prune(five(pairs()), (Decontaminate(), Exact()), target_fraction=None, unit="documents")
    assert both.kept.tolist() == [False, False, True, True, True]  # the copy of one that went stays
    assert both.witness.tolist() == [5, 7, -1, -1, -1]


def test_duplicates_that_are_covered_are_counted_beside_what_went_for_a_record() -> None:
    from support.corpus import some_documents

    documents = some_documents(40)
    recipe = Recipe("both", (Decontaminate(), SemDeDup(duplicate_distance=0.02)), None)
    cut = prune(documents, recipe.steps, target_fraction=None, unit="documents")
    assert (cut.witness >= 40).any()
    alone = dataclasses.replace(cut, witness=np.where(cut.witness >= 40, -1, cut.witness))
    counted = [recipe.steps[1].count_uncovered(documents, one, 1, by_target=False) for one in (cut, alone)]
    assert counted[0] == counted[1]


def test_limits_below_the_floors_and_out_of_range_are_refused() -> None:
    with pytest.raises(
        SettingError, match=r"min_overlap=0.25; pairs are known from 0.5 up.*contamination.min_overlap"
    ):
        cut_by(Decontaminate(min_overlap=0.25), found=pairs(floor=0.5))
    with pytest.raises(
        SettingError, match=r"max_cosine=0.9; pairs are known from 0.95 up.*contamination.min_cosine"
    ):
        cut_by(Decontaminate(max_cosine=0.9))
    for name, value in (
        ("min_overlap", 0),
        ("min_overlap", 1.1),
        ("max_cosine", -1),
        ("max_cosine", float("nan")),
    ):
        with pytest.raises(SettingError, match=f"decontaminate has {name}="):
            Decontaminate(**{name: value})
    with pytest.raises(SettingError, match="common_documents=0; choose 1 or more"):
        Decontaminate(common_documents=0)


def test_documents_without_pairs_say_what_supplies_them() -> None:
    documents = Documents(np.arange(1, dtype=np.uint64), None)
    with pytest.raises(
        ArrayError, match=r"source 'evaluation_pairs' .* from contamination_scores .* evaluation=texts"
    ):
        prune(documents, (Decontaminate(),), target_fraction=None, unit="documents")


def test_a_recipe_with_it_is_written_and_read_back() -> None:
    recipe = Recipe(
        "clean-held-out",
        (Decontaminate(min_overlap=0.6, max_cosine=0.97, evaluation_sets=("held_out",)), Exact()),
        None,
    )
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert recipe.tables == ("contamination_scores",)

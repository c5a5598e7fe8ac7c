"""The sentence of every method, kept and dropped: rule, number, limit and witness."""

from typing import get_args

import pytest

from guyot.prune import Step
from guyot.prune.bounds import Bounds
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.sentence import Facts, sentence

CASES = [
    (Everything(), None, 0.0, 0.0, "everything is kept"),
    (Random(), "lot", 0.25, 0.5, "its lot is 0.25; the lowest that stayed is 0.5"),
    (Random(), None, 0.75, 0.5, "its lot is 0.75; the lowest that stayed is 0.5"),
    (Exact(), "copy", 0.0, 1.0, "it is a byte for byte copy of b.py"),
    (Exact(), "lot", 1.0, 1.0, "it resembles nothing; the target asked for more than there are such documents, so it went by lot"),
    (Exact(), None, 1.0, 1.0, "no document before it has the same bytes"),
    (OnlyKinds(("text",)), "kind", 0.0, 1.0, "its kind is python; the recipe takes text"),
    (Parses(), "unparsable", 0.0, 1.0, "Python's own parser refuses it"),
    (Parses(), None, 1.0, 1.0, "it passed every filter"),
    (Bounds("lines", at_most=50), "high_lines", -70.0, 0.0, "its signal lines is 120; at most 50 is asked for"),
    (Bounds("lines", at_least=200, at_most=500), "low_lines", -80.0, 0.0, "its signal lines is 120; at least 200 and at most 500 is asked for"),
    (Length(), "long", -1200.0, -800.0, "it has 1,200 tokens; the longest that stayed has 800"),
    (Length(drop="shortest", measure="lines"), "short", 3.0, 5.0, "it has 3 lines; the shortest that stayed has 5"),
    (Length(per_kind=True), None, -70.0, -80.0, "it has 70 tokens; the longest that stayed of kind python has 80"),
    (MinHash(), "shared_shingles", 0.125, 0.25, "shared shingles link it to b.py, which stays; the pair that joined them has a Jaccard similarity of 0.875, and 0.8 was asked for"),
    (MinHash(), None, 2.0, 0.25, "no document before it shares enough of its shingles"),
    (SemDeDup(), "near_duplicate", 0.0625, 0.125, "its cosine to b.py, which ranks before it and stays, is 0.9375; documents above 0.875 went"),
    (SemDeDup(), None, 0.25, 0.125, "its highest cosine to a document that ranks before it is 0.75; those above 0.875 went"),
    (SemDeDup(), None, 2.0, 0.125, "there is no document that it would have to differ from"),
    (SemDeDup(mode="components"), "near_duplicate", 0.0625, 0.125, "near-duplicates link it to b.py, which stays; the pair that joined them has cosine 0.9375, and those above 0.875 count"),
    (Prototypes(), "prototypical", 0.125, 0.25, "its cosine distance to the centroid of its cluster 7 is 0.125; the nearest that stayed has 0.25"),
    (Prototypes(keep="easy", recluster=True, balance="kind"), "atypical", -0.5, -0.25, "its cosine distance to its new centroid is 0.5; the farthest that stayed of its kind has 0.25"),
    (SCIP(), "small_cluster", -0.5, -0.75, "its cluster 7 has 9 documents; 0.8 of what goes goes from the smallest clusters up"),
    (SCIP(), "far", -0.875, -0.75, "its cosine distance to the centroid of its cluster 7 is 0.875; the farthest that stayed has 0.75"),
    (Density(), "dense", 0.125, 0.25, "its cosine distance to the centroid of its cluster 7 is 0.125; the nearest that this cluster's quota kept has 0.25"),
]  # fmt: skip


def said(step: Step, reason: str | None, score: float, limit: float, **changed: object) -> str:
    row = {
        "kept": reason is None, "step": None if reason is None else step.method, "reason": reason,
        "score": score, "threshold": limit,
    }  # fmt: skip
    facts = {
        "signals": {"lines": 120},
        "scores": {"cluster": 7, "cluster_size": 9},
        "witness": "b.py",
        "witness_kept": True,
    }
    return sentence(Recipe("r", (step,), None), Facts(row, kind="python", **{**facts, **changed}))


@pytest.mark.parametrize(("step", "reason", "score", "limit", "told"), CASES)
def test_each_sentence(step: Step, reason: str | None, score: float, limit: float, told: str) -> None:
    assert said(step, reason, score, limit) == told


def test_no_method_is_forgotten() -> None:
    assert {type(step) for step, reason, *_ in CASES if reason or isinstance(step, Everything)} == set(
        get_args(Step)
    )


def test_a_witness_that_went_itself_is_told() -> None:
    told = said(SemDeDup(), "near_duplicate", 0.0625, 0.125, witness_kept=False)
    assert "ranks before it and went itself" in told


def test_of_two_steps_of_a_method_the_right_one_speaks() -> None:
    steps = (Bounds("words", at_least=3), Bounds("lines", at_most=50))
    row = {"kept": False, "step": "bounds-2", "reason": "high_lines", "score": -1.0, "threshold": 0.0}
    told = sentence(Recipe("r", steps, None), Facts(row, {"lines": 51, "words": 9}, {}, "text"))
    assert told == "its signal lines is 51; at most 50 is asked for"


def test_a_held_out_document_needs_no_step() -> None:
    row = {"kept": False, "step": "held_out", "reason": "held_out", "score": None, "threshold": None}
    assert sentence(Recipe("r", (Exact(),), None), Facts(row, {}, {}, "text")).startswith("it is held out")

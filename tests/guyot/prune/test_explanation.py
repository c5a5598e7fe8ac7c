"""The sentence of every method, kept and dropped: rule, number, limit and witness."""

import pytest

from guyot.prune import METHODS, Step, explain
from guyot.prune.bounds import Bounds
from guyot.prune.decontaminate import Decontaminate
from guyot.prune.density import Density
from guyot.prune.everything import Everything
from guyot.prune.exact import Exact
from guyot.prune.explanation import HELD_OUT, ExplanationInputs
from guyot.prune.length import Length
from guyot.prune.minhash import MinHash
from guyot.prune.only_kinds import OnlyKinds
from guyot.prune.parses import Parses
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup

CASES = [
    (Everything(), None, 0.0, 0.0, "everything is kept"),
    (Random(), "random", 0.25, 0.5, "its random number is 0.25; the lowest that stayed is 0.5"),
    (Random(), None, 0.75, 0.5, "its random number is 0.75; the lowest that stayed is 0.5"),
    (Exact(), "copy", 0.0, 1.0, "it is a byte for byte copy of b.py"),
    (Exact(), "random", 1.0, 1.0, "no document before it that reached this step has the same bytes; all that have one went, and the target asked for more, so it went at random"),
    (MinHash(), "random", 2.0, None, "no document before it that reached this step is linked to it; all that have one went, and the target asked for more, so it went at random"),
    (SemDeDup(), "random", 2.0, None, "no document that it was compared with ranks before it; all that have one went, and the target asked for more, so it went at random"),
    (Exact(), None, 1.0, 1.0, "no document before it that reached this step has the same bytes"),
    (Exact(), None, 0.0, 0.0, "a document before it has the same bytes; the target asked for fewer than all copies to go, so it stays"),
    (OnlyKinds(("text",)), "kind", 0.0, 1.0, "its kind is python; the recipe takes text"),
    (Parses(), "unparsable", 0.0, 1.0, "Python's own parser refuses it"),
    (Parses(), None, 1.0, 1.0, "it passed every filter"),
    (Bounds("lines", at_most=50), "high_lines", -70.0, 0.0, "its signal lines is 120; at most 50 is asked for"),
    (Bounds("lines", at_least=200, at_most=500), "low_lines", -80.0, 0.0, "its signal lines is 120; at least 200 and at most 500 is asked for"),
    (Decontaminate(), "contaminated", 0.1675, 0.5, "it holds 83% of the word n-grams of b.py, which is for evaluation; documents that hold 50% or more go"),
    (Decontaminate(), "contaminated", 0.0, 0.5, "it holds 100% of the word n-grams of b.py, which is for evaluation; documents that hold 50% or more go"),
    (Decontaminate(max_cosine=0.95), "reworded", 0.03125, 0.0625, "its cosine to b.py, which is for evaluation, is 0.96875; documents of 0.95 or more go"),
    (Decontaminate(evaluation_sets=("held_out",)), "random", 2.0, None, "it holds less than 50% of the word n-grams of every evaluation record of held_out, but for text that more than 10 documents share; all that have one went, and the target asked for more, so it went at random"),
    (Decontaminate(common_documents=None), None, 2.0, 0.5, "it holds less than 50% of the word n-grams of every evaluation record"),
    (Decontaminate(evaluation_sets=("bench",)), None, 2.0, 0.5, "it holds less than 50% of the word n-grams of every evaluation record of bench"),
    (Decontaminate(min_overlap=0.75), None, 0.375, 0.25, "of no evaluation record it holds more than 62% of the word n-grams; documents that hold 75% or more go"),
    (Length(), "long", -1200.0, -800.0, "it has 1,200 tokens; the longest that stayed has 800"),
    (Length(drop="shortest", measure="lines"), "short", 3.0, 5.0, "it has 3 lines; the shortest that stayed has 5"),
    (Length(per_kind=True), None, -70.0, -80.0, "it has 70 tokens; the longest that stayed of kind python has 80"),
    (MinHash(), "shared_shingles", 0.125, 0.25, "shared shingles link it to b.py, which stays; the pair that joined them has a Jaccard similarity of 0.875, and those of 0.75 or above count"),
    (MinHash(), None, 2.0, 0.25, "no pair of Jaccard similarity 0.75 or above links it to a document before it"),
    (MinHash(jaccard=0.9), None, 0.25, 0.125, "the pair that links it to a document before it has a Jaccard similarity of 0.75; those above 0.875 went"),
    (SemDeDup(), "near_duplicate", 0.0625, 0.125, "its cosine to b.py, which ranks before it and stays, is 0.9375; documents above 0.875 went"),
    (SemDeDup(), None, 0.25, 0.125, "its highest cosine to a document that ranks before it is 0.75; those above 0.875 went"),
    (SemDeDup(), None, 2.0, 0.125, "no document that it was compared with ranks before it"),
    (SemDeDup(mode="greedy_cover"), None, 2.0, 0.125, "no kept document that ranks before it has a cosine above 0.875 to it"),
    (SemDeDup(mode="greedy_cover"), None, 0.25, 0.125, "its highest cosine to a kept document that ranks before it is 0.75; those above 0.875 went"),
    (SemDeDup(mode="components"), None, 2.0, 0.125, "no pair with a cosine above 0.875 links it to a document that ranks before it"),
    (SemDeDup(mode="components"), None, 0.25, 0.125, "the pair that links it to a document that ranks before it has cosine 0.75; those above 0.875 went"),
    (SemDeDup(mode="components"), "near_duplicate", 0.0625, 0.125, "near-duplicates link it to b.py, which stays; the pair that joined them has cosine 0.9375, and those above 0.875 count"),
    (Prototypes(), "prototypical", 0.125, 0.25, "its cosine distance to the centroid of its cluster 7 is 0.125; the nearest that stayed has 0.25"),
    (Prototypes(keep="easy", recluster=True, balance="kind"), "atypical", -0.5, -0.25, "its cosine distance to its new centroid is 0.5; the farthest that stayed of its kind has 0.25"),
    (SCIP(), "small_cluster", -0.5, None, "9 documents of its cluster 7 reached this step; 0.8 of what goes goes from the smallest clusters up"),
    (SCIP(), "far", -0.875, -0.75, "its cosine distance to the centroid of its cluster 7 is 0.875; the farthest that stayed has 0.75"),
    (Density(), "dense", 0.125, 0.25, "its cosine distance to the centroid of its cluster 7 is 0.125; the nearest that this cluster's quota kept has 0.25"),
]  # fmt: skip


def test_images_are_copies_by_their_pixels() -> None:
    copy = said(Exact(), "copy", 0.0, 1.0, kind="image")
    assert copy.endswith("it is a pixel for pixel copy of b.py")
    kept = said(Exact(), None, 1.0, 1.0, kind="image")
    assert kept.endswith("no document before it that reached this step has the same pixels")


def said(step: Step, reason: str | None, score: float, limit: float | None, **changed: object) -> str:
    facts = {
        "kept": reason is None, "step": None if reason is None else step.method, "reason": reason,
        "score": score, "threshold": limit, "values": {"lines": 120, "cluster": 7}, "cluster_size": 9,
        "witness": "b.py", "witness_kept": True, "kind": "python",
    }  # fmt: skip
    return explain((step,), ExplanationInputs(**{**facts, **changed}))


@pytest.mark.parametrize(("step", "reason", "score", "limit", "told"), CASES)
def test_each_sentence(step: Step, reason: str | None, score: float, limit: float | None, told: str) -> None:
    assert said(step, reason, score, limit) == told


def test_no_method_is_forgotten() -> None:
    assert {type(step) for step, reason, *_ in CASES if reason or isinstance(step, Everything)} == set(
        METHODS
    )


def test_a_witness_that_went_itself_is_told() -> None:
    told = said(SemDeDup(), "near_duplicate", 0.0625, 0.125, witness_kept=False)
    assert "ranks before it and went itself" in told


def test_of_two_steps_of_a_method_the_right_one_speaks() -> None:
    steps = (Bounds("words", at_least=3), Bounds("lines", at_most=50))
    facts = ExplanationInputs(
        False, "bounds-2", "high_lines", score=-1.0, threshold=0.0, values={"lines": 51, "words": 9}
    )
    assert explain(steps, facts) == "its signal lines is 51; at most 50 is asked for"


def test_a_held_out_document_needs_no_step() -> None:
    assert explain((Exact(),), ExplanationInputs(False, HELD_OUT, HELD_OUT)).startswith("it is held out")

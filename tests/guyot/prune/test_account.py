"""Accounts of steps by hand, and the warning where two pull in opposite directions."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.corpus import Lists, some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import COMPARISON_LISTS
from guyot.errors import SettingError
from guyot.prune import prune
from guyot.prune.account import account, count_uncovered, opposed, warnings
from guyot.prune.bounds import Bounds
from guyot.prune.density import Density
from guyot.prune.length import Length
from guyot.prune.near_duplicates import shared_pairs
from guyot.prune.near_duplicates.shared_pairs import LIKELY_SHARE
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from guyot.vectors.exact import cosines

CLUSTERING = KMeansSettings(3, 4, 64, 0)


def test_what_each_would_drop_alone_and_what_they_share() -> None:
    lines, tokens = np.array([1, 9, 9, 1, 5, 5]), np.array([10, 90, 20, 30, 40, 50])
    documents = some_documents(6).with_columns(lines=lines, tokens=tokens)
    recipe = Recipe(
        "r",
        (Bounds("lines", at_most=8), Length(keep_fraction=0.7), Length(drop="shortest")),
        0.2,
        "documents",
    )
    cut = prune(documents, recipe.steps, target_fraction=0.2, unit="documents", clustering=CLUSTERING)
    told = account(documents, recipe, cut, CLUSTERING)
    assert [row.step for row in told] == ["bounds", "length", "length-2"]
    # rows 1 and 2 go by lines; of 10 30 40 50 all four may stay (0.7 of 6); last stays the longest, 50
    assert [(row.dropped, row.dropped_tokens) for row in told] == [(2, 110), (0, 0), (3, 80)]
    # alone: {1, 2}; the two longest {1, 5}; all but the longest {0, 2, 3, 4, 5}
    assert [(row.alone, row.shared) for row in told] == [(2, 2), (2, 2), (5, 2)]


def test_a_single_step_is_the_cut_itself() -> None:
    documents = some_documents(10)
    recipe = Recipe("r", (Random(),), 0.5, "documents")
    cut = prune(documents, recipe.steps, target_fraction=0.5, unit="documents", clustering=CLUSTERING)
    (told,) = account(documents, recipe, cut, CLUSTERING)
    assert (told.dropped, told.alone, told.shared) == (5, 5, 0)


def test_steps_that_pull_in_opposite_directions_are_told() -> None:
    def warned(*steps: object) -> bool:
        return bool(opposed(Recipe("r", steps, 0.5)))

    assert warned(Density(keep_fraction=0.8), Prototypes(keep="easy"))
    assert warned(Prototypes(keep_fraction=0.8), Prototypes(keep="easy"))
    assert warned(Prototypes(recluster=True, keep_fraction=0.8), SCIP())
    assert not warned(Density(keep_fraction=0.8), Prototypes())
    assert not warned(Random(keep_fraction=0.8), Prototypes(keep="easy"))


def test_an_audit_that_fails_warns_or_refuses() -> None:
    recipe, strict = (Recipe("r", (SCIP(gate=gate),), 0.8) for gate in ("warn", "refuse"))
    for passes in (False, None):
        audits = {"corruption_sensitivity": {"passes": passes, "said": "it is not"}}
        assert warnings(recipe, audits) == [
            "scip assumes an encoder that is sensitive to corruptions: it is not."
        ]
        with pytest.raises(SettingError, match="scip refuses this encoder: it is not"):
            warnings(strict, audits)
    assert warnings(strict, {"corruption_sensitivity": {"passes": True, "said": ""}}) == []
    assert "not audited yet" in warnings(recipe, {"corruption_sensitivity": None})[0]
    assert recipe.audits == ("corruption_sensitivity",)


def test_uncovered_counts_all_steps_that_have_some_and_no_other() -> None:
    documents = some_documents(60)
    steps = (SemDeDup(keep_fraction=0.8), Random(keep_fraction=0.7), SemDeDup())
    recipe = Recipe("r", steps, 0.4, "documents")
    cut = prune(documents, steps, target_fraction=0.4, unit="documents", clustering=CLUSTERING)
    each = [steps[i].count_uncovered(documents, cut, i, by_target=i == 2) for i in (0, 2)]
    assert count_uncovered(documents, recipe, cut) == sum(each) > 0
    assert count_uncovered(documents, Recipe("r", (Random(),), 0.4), cut) is None


def test_uncovered_are_those_with_no_document_of_the_final_mixture_near() -> None:
    documents = some_documents(80)
    recipe = Recipe("two", (SemDeDup(duplicate_distance=0.3), Random()), 0.2)
    cut = prune(documents, recipe.steps, target_fraction=0.2, unit="documents", clustering=CLUSTERING)
    lists = documents.require(COMPARISON_LISTS)
    assert isinstance(lists, Lists)
    wide = lists.vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    near, dropped = wide @ wide.T > 1 - 0.3, cut.step == 0
    of_mixture, of_step = ((dropped & ~near[:, left].any(axis=1)).sum() for left in (cut.kept, cut.step != 0))
    assert of_step < of_mixture
    assert count_uncovered(documents, recipe, cut) == of_mixture


@pytest.mark.parametrize("share", [0.0, LIKELY_SHARE, 0.99])  # by a search, by pairs of some, by those of all
@pytest.mark.parametrize("mode", ["official", "greedy_cover", "components"])
@given(seed=st.integers(0, 50), fraction=st.floats(0.3, 0.95), distance=st.none() | st.floats(0.01, 0.6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_uncovered_are_those_that_all_cosines_tell(
    monkeypatch: pytest.MonkeyPatch,
    mode: Literal["official", "greedy_cover", "components"],
    share: float,
    seed: int,
    fraction: float,
    distance: float | None,
) -> None:
    monkeypatch.setattr(shared_pairs, "LIKELY_SHARE", share)
    monkeypatch.setattr(shared_pairs, "PAIRS_PER_DOCUMENT", 1000)
    documents = some_documents(70, seed)
    keep = fraction if distance is None else None
    steps = (
        Random(keep_fraction=0.95),
        SemDeDup(mode=mode, keep_fraction=keep, duplicate_distance=distance),
        Random(seed=1),
    )
    try:
        cut = prune(documents, steps, target_fraction=0.25, unit="documents", clustering=CLUSTERING)
    except SettingError:  # less than the target was left
        return
    dropped = (cut.step == 1) & (cut.witness >= 0)
    limits = (
        1 - np.nan_to_num(cut.threshold[dropped], nan=2) if distance is None else np.array([1 - distance])
    )
    lists = documents.require(COMPARISON_LISTS)
    assert isinstance(lists, Lists)
    near = cosines(lists.vectors, lists.vectors) > np.float32(limits.max(initial=-1))
    if lists.cluster is not None:
        near &= lists.cluster[:, None] == lists.cluster
    recipe = Recipe("r", steps, 0.25, "documents")
    assert count_uncovered(documents, recipe, cut) == (dropped & ~(near & cut.kept).any(axis=1)).sum()


def test_a_step_that_clusters_again_goes_alone_by_the_clusters_that_there_are() -> None:
    documents = some_documents(40)
    recipe = Recipe("r", (Random(keep_fraction=0.8), Prototypes(recluster=True)), 0.5, "documents")
    cut = prune(documents, recipe.steps, target_fraction=0.5, unit="documents", clustering=CLUSTERING)
    by_itself = prune(documents, (Prototypes(),), target_fraction=0.5, unit="documents")
    random = prune(documents, (Random(),), target_fraction=0.8, unit="documents")
    last = account(documents, recipe, cut, CLUSTERING)[1]
    assert (last.alone, last.shared) == (20, int((~by_itself.kept & ~random.kept).sum()))
    assert Prototypes(recluster=True, n_clusters=7).on_all_documents.recluster

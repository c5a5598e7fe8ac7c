"""Laws of the whole family, over every named recipe: none can be forgotten here."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_corpus import Blocks, some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import Cut, share
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import Unit, prune, weights_of
from guyot.prune.exact import Exact
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe
from recipes import RECIPES

CLUSTERING = KMeansSettings(3, 4, 64, 0)
recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
units = pytest.mark.parametrize("unit", ["documents", "tokens", "bytes"])


def cut_by(recipe: Recipe, documents: Documents, unit: Unit) -> Cut:
    return prune(
        documents, recipe.steps, target_fraction=recipe.target_fraction, unit=unit, clustering=CLUSTERING
    )


@recipes
@units
@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 50))
def test_every_document_is_accounted_for_and_the_target_is_exact(
    recipe: Recipe, unit: Unit, n: int, seed: int
) -> None:
    documents = some_documents(n, seed)
    cut = cut_by(recipe, documents, unit)
    weights = weights_of(documents, unit)
    target = share(int(weights.sum()), recipe.target_fraction)
    kept = int(weights[cut.kept].sum())
    assert kept <= target
    assert kept == target or unit != "documents"
    if not cut.kept.all():
        assert kept + weights[cut.step == len(cut.steps) - 1].max(initial=0) > target or unit == "documents"
    dropped = ~cut.kept
    assert (cut.step[dropped] >= 0).all()
    assert (cut.reason[dropped] >= 0).all()
    assert (cut.step[cut.kept] == -1).all()
    assert (cut.witness[cut.kept] == -1).all()


@recipes
def test_the_same_input_gives_the_same_cut(recipe: Recipe) -> None:
    documents = some_documents(80)
    first, second = cut_by(recipe, documents, "tokens"), cut_by(recipe, documents, "tokens")
    for field in dataclasses.fields(Cut):
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name)) or field.name in (
            "score",
            "threshold",
        )
    assert np.array_equal(first.score, second.score, equal_nan=True)


@recipes
def test_how_vectors_are_blocked_changes_nothing(recipe: Recipe) -> None:
    documents = some_documents(80)
    assert isinstance(documents.vectors, Blocks)
    whole = dataclasses.replace(documents, vectors=dataclasses.replace(documents.vectors, block_rows=80))
    assert np.array_equal(cut_by(recipe, documents, "tokens").kept, cut_by(recipe, whole, "tokens").kept)


@recipes
def test_dropped_documents_score_below_kept_ones_of_the_last_step(recipe: Recipe) -> None:
    cut = cut_by(recipe, some_documents(80), "documents")
    last = cut.step == len(cut.steps) - 1
    if last.any():
        assert cut.score[last].max() <= cut.score[cut.kept].min() == cut.threshold[last][0]


def test_exact_then_random_by_hand() -> None:
    documents = dataclasses.replace(
        some_documents(4), content_digest=np.array([b"a", b"a", b"b", b"b"], "S32")
    )
    cut = prune(documents, (Exact(), Random()), target_fraction=0.25, unit="documents", clustering=CLUSTERING)
    assert cut.step.tolist().count(0) == 2
    assert cut.witness[[1, 3]].tolist() == [0, 2]
    assert int(cut.kept.sum()) == 1


def test_a_step_without_a_limit_may_only_stand_last() -> None:
    with pytest.raises(SettingError, match="step random has no limit of its own here"):
        prune(
            some_documents(5),
            (Random(), Exact()),
            target_fraction=0.5,
            unit="documents",
            clustering=CLUSTERING,
        )


def test_a_target_that_earlier_steps_made_impossible_is_refused() -> None:
    with pytest.raises(SettingError, match="target is 8 but 5 documents"):
        prune(
            some_documents(10),
            (SemDeDup(keep_fraction=0.5), Random()),
            target_fraction=0.8,
            unit="documents",
            clustering=CLUSTERING,
        )

"""Laws of the whole family, over every named recipe: none can be forgotten here."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.corpus import Blocks, some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import VECTORS
from guyot.cut import Cut, floor_fraction
from guyot.documents import Documents
from guyot.errors import ArrayError, SettingError
from guyot.prune import METHODS, Step, Unit, kept_by, prune
from guyot.prune.bounds import Bounds
from guyot.prune.decontaminate import Decontaminate
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
from recipes import RECIPES

CLUSTERING = KMeansSettings(3, 4, 64, 0)
SCORED: tuple[Step, ...] = (  # whatever can be given a share to keep
    Random(seed=3), Length(drop="shortest", measure="lines"), Length(per_kind=True), SemDeDup(),
    SemDeDup(mode="greedy_cover"), SemDeDup(mode="components"), Prototypes(keep="easy"),
    Prototypes(recluster=True, n_clusters=5, balance="cluster"), Prototypes(balance="kind"), Density(),
    Density(temperature=1.0, balance_fraction=0.5), SCIP(), SCIP(alpha=0.0), SCIP(alpha=1.0),
)  # fmt: skip
LIMITED: tuple[Step, ...] = (
    Exact(), MinHash(jaccard=0.6), OnlyKinds(("python", "text")), Parses(), Bounds("lines", at_least=5, at_most=80), Everything(),
    Bounds("bytes", at_most=1500, kinds=("text",)), SemDeDup(duplicate_distance=0.02),
    SemDeDup(mode="greedy_cover", duplicate_distance=0.05), SemDeDup(mode="components", duplicate_distance=0.01),
    Decontaminate(min_overlap=0.7), Decontaminate(max_cosine=0.95, evaluation_sets=("benchmark",)),
)  # fmt: skip
FAMILY = (
    *RECIPES,
    *(Recipe(f"alone-{i}", (step,), 0.6) for i, step in enumerate((*SCORED, *LIMITED))),
    *(
        Recipe(f"first-{i}", (dataclasses.replace(step, keep_fraction=0.8), Exact(), Random()), 0.3)
        for i, step in enumerate(SCORED)
    ),
    *(Recipe(f"limit-{i}", (Random(keep_fraction=0.9), step), None) for i, step in enumerate(LIMITED)),
)
recipes = pytest.mark.parametrize("recipe", FAMILY, ids=lambda recipe: recipe.name)
units = pytest.mark.parametrize("unit", ["documents", "tokens", "bytes"])


def cut_by(recipe: Recipe, documents: Documents, unit: Unit) -> Cut:
    return prune(
        documents, recipe.steps, target_fraction=recipe.target_fraction, unit=unit, clustering=CLUSTERING
    )


def target_of(recipe: Recipe, number: int, total: int) -> int | None:
    """Return what a step is to keep, or None where it goes by its own limit."""
    fraction = recipe.target_fraction if number == len(recipe.steps) - 1 else None
    if fraction is None:
        fraction = getattr(recipe.steps[number], "keep_fraction", None)
    return None if fraction is None else floor_fraction(total, fraction)


def refusal(recipe: Recipe, documents: Documents, unit: Unit) -> str:
    """Say with which words a recipe must be refused: a step is to keep what is not there. Empty: it is not."""
    weights, alive = documents.weights(unit), np.ones(len(documents), bool)
    for number, step in enumerate(recipe.steps):
        if number:
            before = (*recipe.steps[:number], Everything())
            alive = cut_by(Recipe("before", before, None), documents, unit).kept
        target, left = target_of(recipe, number, int(weights.sum())), int(weights[alive].sum())
        if target is None:
            continue
        if (
            isinstance(step, Density)
            and not least_of(step, documents, weights, alive, target) <= target <= left
        ):
            return f"density was asked to keep {target:,}"
        if target > left:
            return f"the target is {target} but "
    return ""


def least_of(step: Density, documents: Documents, weights: np.ndarray, alive: np.ndarray, target: int) -> int:
    """Add up what density's clusters keep at least."""
    cluster, distance = documents.column("cluster"), documents.column("distance")
    clusters = [np.flatnonzero(alive & (cluster == j)) for j in np.unique(cluster[alive])]
    balanced = floor_fraction(target, step.balance_fraction)
    if balanced:
        return sum(min(int(weights[rows].sum()), balanced // len(clusters)) for rows in clusters)
    hardest = [rows[distance[rows].argmax()] for rows in clusters if len(rows) > 1]
    return int(weights[hardest].sum())


def test_no_method_is_forgotten_in_the_family() -> None:
    assert {type(step) for recipe in FAMILY for step in recipe.steps} == set(METHODS)


@recipes
@units
@settings(max_examples=10, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 50))
def test_every_document_is_accounted_for_and_the_target_is_exact(
    recipe: Recipe, unit: Unit, n: int, seed: int
) -> None:
    documents = some_documents(n, seed)
    if refused := refusal(recipe, documents, unit):
        with pytest.raises(SettingError, match=refused):
            cut_by(recipe, documents, unit)
        return
    cut = cut_by(recipe, documents, unit)
    weights = documents.weights(unit)
    kept, dropped = int(weights[cut.kept].sum()), ~cut.kept
    if recipe.target_fraction is not None:
        target = floor_fraction(int(weights.sum()), recipe.target_fraction)
        heaviest = weights[cut.step == len(cut.steps) - 1].max(initial=0)
        assert target - heaviest < kept <= target or kept == target
        assert kept == target or unit != "documents"
    assert (cut.step[dropped] >= 0).all()
    assert (cut.reason[dropped] >= 0).all()
    assert (cut.step[cut.kept] == -1).all()
    assert (cut.witness[cut.kept] == -1).all()
    by_witness = dropped & (cut.witness >= 0)
    assert (cut.witness[by_witness] != np.flatnonzero(by_witness)).all()
    by_document = by_witness & (cut.witness < n)
    witness = np.where(by_document, cut.witness, 0)
    alive_then = cut.kept[witness] | (cut.step[witness] >= cut.step) | ~by_document
    assert alive_then[by_witness].all()  # whoever is blamed was still there


@recipes
def test_the_same_input_gives_the_same_cut(recipe: Recipe) -> None:
    documents = some_documents(80)
    first, second = cut_by(recipe, documents, "tokens"), cut_by(recipe, documents, "tokens")
    for field in dataclasses.fields(Cut):
        floats = field.name in ("score", "threshold")
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name), equal_nan=floats), (
            field.name
        )


@recipes
def test_how_vectors_are_blocked_changes_nothing(recipe: Recipe) -> None:
    documents = some_documents(80)
    vectors = documents.require(VECTORS)
    assert isinstance(vectors, Blocks)
    whole = documents.with_sources(vectors=dataclasses.replace(vectors, block_rows=80))
    assert np.array_equal(cut_by(recipe, documents, "tokens").kept, cut_by(recipe, whole, "tokens").kept)


def own_threshold(step: Step) -> float:
    """State a step's own limit as a score; nan where no number says what goes."""
    match step:
        case MinHash():
            return 1 - step.jaccard
        case SemDeDup(duplicate_distance=float(distance)):
            return distance
        case Bounds():
            return 0.0
        case Decontaminate():
            return 1 - step.min_overlap
        case _:
            return np.nan


@recipes
def test_the_threshold_is_the_limit_that_decided(recipe: Recipe) -> None:
    documents = some_documents(80)
    cut = cut_by(recipe, documents, "documents")
    for number, step in enumerate(recipe.steps):
        here = cut.step == number
        if target_of(recipe, number, 80) is not None and number < len(recipe.steps) - 1:
            alone = cut_by(Recipe("alone", recipe.steps[: number + 1], None), documents, "documents")
            assert np.array_equal(cut.threshold[here], alone.threshold[here], equal_nan=True)
        elif target_of(recipe, number, 80) is None:
            here |= cut.kept & (number == len(recipe.steps) - 1)
            wanted = np.full(here.sum(), own_threshold(step))
            if isinstance(step, Decontaminate) and step.max_cosine is not None:
                is_reworded = cut.reason[here] == cut.reasons.index("reworded")
                wanted[is_reworded] = 1 - step.max_cosine
            assert np.array_equal(cut.threshold[here], wanted, equal_nan=True)
        else:
            check_target(step, cut, here)


def check_target(step: Step, cut: Cut, dropped: np.ndarray) -> None:
    """Compare thresholds with the lowest score kept, wherever a score decided."""
    if isinstance(step, Everything):
        assert np.isnan(cut.threshold).all()
        return
    words = np.array(cut.reasons)[cut.reason]
    unscored = dropped & ((words == "small_cluster") | ((words == "lot") & (not isinstance(step, Random))))
    assert np.isnan(cut.threshold[unscored]).all()
    here = (dropped | cut.kept) & ~unscored & ~np.isnan(cut.threshold)
    never = {SemDeDup: 2.0, MinHash: 2.0, Exact: 1.0, Decontaminate: 2.0}.get(type(step), np.inf)
    for limit in np.unique(cut.threshold[here]):
        of = here & (cut.threshold == limit)
        kept, gone = cut.score[of & cut.kept], cut.score[of & dropped]
        lowest = kept[kept != never].min(initial=np.inf)
        # where every document kept has nothing to be compared with, the limit lies above what went
        assert limit == lowest or (np.isinf(lowest) and gone.max() < limit < never)
        assert (gone <= limit).all()
    scored = cut.kept & (cut.score != never)
    assert not np.isnan(cut.threshold[scored]).any()


def test_methods_have_thresholds_where_a_target_decides() -> None:
    steps = (SemDeDup(), SemDeDup(mode="greedy_cover"), SemDeDup(mode="components"), Density(), Length())
    for step in steps:
        cut = cut_by(Recipe("r", (step,), 0.85), some_documents(80), "documents")
        assert (cut.threshold < 2).all()  # nan is not


def test_a_distance_and_a_similarity_are_told_as_they_were_given() -> None:
    documents = some_documents(80)
    for mode in ("official", "greedy_cover", "components"):
        step = SemDeDup(mode=mode, duplicate_distance=0.3)
        assert set(cut_by(Recipe("r", (step,), None), documents, "documents").threshold) == {0.3}
    cut = cut_by(Recipe("r", (MinHash(jaccard=0.8),), None), documents, "documents")
    assert set(cut.threshold) == {1 - 0.8}


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


def test_documents_without_text_are_pruned() -> None:
    images = Documents(
        np.arange(4, dtype=np.uint64), np.array([b"a", b"a", b"b", b"c"], "S32"),
        {"sharpness": np.array([0.9, 0.9, 0.1, 0.8], np.float32), "bytes": np.array([5, 5, 7, 9])},
    )  # fmt: skip
    cut = prune(images, (Bounds("sharpness", at_least=0.5), Exact()), target_fraction=None, unit="bytes")
    assert cut.kept.tolist() == [True, False, False, True]
    with pytest.raises(ArrayError, match=r"step length needs the column 'tokens' .* have bytes, sharpness;"):
        prune(images, (Exact(), Length()), target_fraction=0.5, unit="bytes")
    with pytest.raises(ArrayError, match="the unit tokens needs the column 'tokens'"):
        prune(images, (Random(),), target_fraction=0.5, unit="tokens")


@pytest.mark.parametrize("step", [*SCORED, *LIMITED], ids=str)
def test_what_one_step_keeps_is_what_a_recipe_of_it_alone_keeps(step: Step) -> None:
    documents, unit = some_documents(40), "tokens"
    share = None if step in LIMITED else 0.6
    how = {"target_fraction": share, "unit": unit, "clustering": CLUSTERING}
    assert kept_by(documents, step, **how).tolist() == prune(documents, (step,), **how).kept.tolist()

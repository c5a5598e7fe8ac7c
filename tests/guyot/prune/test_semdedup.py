"""SemDeDup's modes: each by a naive reference in float64, covers that cover, and steps that see the living alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.corpus import Lists, some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import COMPARISON_LISTS
from guyot.cut import PruneRequest, Scores, floor_fraction
from guyot.documents import Documents
from guyot.errors import ArrayError
from guyot.prune import prune
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.prune.near_duplicates.uncovered import count_uncovered
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup, near_duplicate_scores
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

CLUSTERING = KMeansSettings(3, 4, 64, 0)


def chains(n: int, seed: int) -> Documents:
    """Return documents that drift: each is near the one before it, so that official and cover differ."""
    draw = generator(seed, "chains")
    steps = draw.standard_normal((n, 8)) * np.where(draw.uniform(size=n) < 0.2, 3.0, 0.12)[:, None]
    vectors = unit_float16((np.cumsum(steps, axis=0) + draw.standard_normal(8)).astype(np.float32))
    documents = some_documents(n, seed)
    distance = draw.uniform(size=n).astype(np.float32)
    order = rank(distance)
    found = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(n, np.float32), np.empty(n, np.int64)
    similarity[order] = found.similarity
    witness[order] = np.where(found.witness < 0, -1, order[found.witness])
    columns = {"distance": distance, "max_similarity": similarity, "witness": witness}
    return documents.with_columns(**columns).with_sources(comparison_lists=Lists(vectors, distance))


def vectors_of(documents: Documents) -> np.ndarray:
    lists = documents.require(COMPARISON_LISTS)
    assert isinstance(lists, Lists)
    return lists.vectors


def cosine_matrix(documents: Documents) -> np.ndarray:
    wide = vectors_of(documents).astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    return wide @ wide.T


def naive(documents: Documents, alive: np.ndarray, mode: str, distance: float) -> set[int]:
    """Keep by the words of each mode."""
    similarity, order = cosine_matrix(documents), rank(documents.column("distance"))
    visited = [row for row in order if alive[row]]
    near = {row: {o for o in visited if o != row and similarity[row, o] > 1 - distance} for row in visited}
    kept: list[int] = []
    if mode == "components":
        seen: set[int] = set()
        for row in visited:
            if row not in seen:
                kept.append(row)
                reach = {row}
                while reach:
                    seen |= reach
                    reach = {o for r in reach for o in near[r]} - seen
        return set(kept)
    for number, row in enumerate(visited):
        against = visited[:number] if mode == "official" else kept
        if not near[row] & set(against):
            kept.append(row)
    return set(kept)


@pytest.mark.parametrize("mode", ["official", "greedy_cover", "components"])
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 20), st.sampled_from([0.003, 0.02, 0.1]), st.booleans())
def test_each_mode_keeps_what_its_naive_reference_keeps(
    mode: str, n: int, seed: int, distance: float, some_gone: bool
) -> None:
    documents = chains(n, seed)
    alive = generator(seed, "alive").uniform(size=n) < (0.6 if some_gone else 2)
    step = SemDeDup(mode=mode, duplicate_distance=distance)
    asked = PruneRequest(np.ones(n, np.int64), alive, None)
    scores = near_duplicate_scores(documents, asked, step)
    kept = alive & step.passes_default_threshold(scores)
    assert set(np.flatnonzero(kept).tolist()) == naive(documents, alive, mode, distance)
    dropped = alive & ~kept
    assert alive[scores.witness[dropped]].all()
    if mode == "greedy_cover":
        assert kept[scores.witness[dropped]].all()
        similarity = cosine_matrix(documents)
        assert (similarity[np.flatnonzero(dropped), scores.witness[dropped]] > 1 - distance).all()


@pytest.mark.parametrize("mode", ["official", "greedy_cover", "components"])
@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 80), st.integers(0, 20), st.floats(0.05, 0.95), st.sampled_from(["documents", "tokens"])
)
def test_each_mode_meets_its_target_and_leaves_witnesses(
    mode: str, n: int, seed: int, fraction: float, unit: str
) -> None:
    documents = chains(n, seed)
    cut = prune(documents, (SemDeDup(mode=mode),), target_fraction=fraction, unit=unit, clustering=CLUSTERING)
    weights = np.ones(n, np.int64) if unit == "documents" else documents.column("tokens")
    target = floor_fraction(int(weights.sum()), fraction)
    kept = int(weights[cut.kept].sum())
    assert kept <= target
    assert target - kept <= (0 if unit == "documents" else weights.max())
    with_witness = np.flatnonzero(cut.witness >= 0)
    lots = ~cut.kept & (cut.witness < 0)  # a target below one document of each list
    if mode != "official" and not lots.any():
        assert cut.kept[cut.witness[with_witness]].all()


def test_a_drifting_chain_by_hand() -> None:
    # unit vectors at 0, 10, 20, 30 and 40 degrees, visited in that order; 15 degrees are near
    angles = np.radians([0, 10, 20, 30, 40])
    vectors = unit_float16(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))
    distance = np.array([0.5, 0.4, 0.3, 0.2, 0.1], np.float32)
    found = nearest_predecessors(vectors)
    columns = {"distance": distance, "max_similarity": found.similarity, "witness": found.witness}
    lists = Lists(vectors, distance)
    documents = some_documents(5).with_columns(**columns).with_sources(comparison_lists=lists)
    limit = 1 - float(np.cos(np.radians(15)))
    asked = PruneRequest(np.ones(5, np.int64), np.ones(5, bool), None)
    kept = {}
    for mode in ("official", "greedy_cover", "components"):
        step = SemDeDup(mode=mode, duplicate_distance=limit)
        kept[mode] = step.passes_default_threshold(near_duplicate_scores(documents, asked, step))
    assert kept["official"].tolist() == kept["components"].tolist() == [True, False, False, False, False]
    assert kept["greedy_cover"].tolist() == [True, False, True, False, True]
    dropped = ~kept["official"]
    assert count_uncovered(lists, dropped, kept["official"], found.witness, 1 - limit) == 3
    assert count_uncovered(lists, ~kept["greedy_cover"], kept["greedy_cover"], found.witness, 1 - limit) == 0


def test_a_step_after_another_takes_no_witness_that_has_gone() -> None:
    documents = chains(80, 1)
    cut = prune(
        documents, (Random(keep_fraction=0.5), SemDeDup(duplicate_distance=0.05)), target_fraction=None,
        unit="documents", clustering=CLUSTERING,
    )  # fmt: skip
    by_second = np.flatnonzero(cut.step == 1)
    assert len(by_second)
    assert (cut.step[cut.witness[by_second]] != 0).all()


def test_two_limits_are_refused() -> None:
    with pytest.raises(Exception, match="give one of them"):
        SemDeDup(keep_fraction=0.5, duplicate_distance=0.1)


def test_a_limit_keeps_what_lies_at_it() -> None:
    step = SemDeDup(duplicate_distance=0.25)
    assert step.passes_default_threshold(Scores(np.array([0.25, 0.2, 2.0]), "x")).tolist() == [
        True,
        False,
        True,
    ]
    assert SemDeDup().passes_default_threshold(Scores(np.zeros(1), "x")) is None


def test_a_missing_column_is_named_with_its_supplier() -> None:
    bare = Documents(np.arange(2, dtype=np.uint64), np.array([b"a", b"b"], "S32"))
    far = bare.with_columns(distance=np.zeros(2, np.float32))
    with pytest.raises(
        ArrayError, match=r"step semdedup needs the column 'max_similarity' .*cluster_scores.* have distance;"
    ):
        prune(far, (SemDeDup(),), target_fraction=0.5, unit="documents")
    full = far.with_columns(max_similarity=np.array([np.nan, 0.5], np.float32), witness=np.array([-1, 0]))
    assert prune(full, (SemDeDup(),), target_fraction=0.5, unit="documents").witness.tolist() == [-1, 0]
    with pytest.raises(ArrayError, match="needs the source 'comparison_lists'"):
        prune(full, (SemDeDup(mode="components"),), target_fraction=0.5, unit="documents")

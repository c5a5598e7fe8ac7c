"""SemDeDup's modes: each by a naive reference in float64, covers that cover, and steps that see the living alone."""

import dataclasses

import numpy as np
import pytest
from guyot.prune.own_limit import own_limit
from hypothesis import given, settings
from hypothesis import strategies as st
from support.corpus import Lists, some_documents, some_units

from guyot.cluster.kmeans import KMeansSettings
from guyot.cut import PruneRequest, floor_fraction
from guyot.documents import Documents
from guyot.prune import prune
from guyot.prune.near_duplicates.living_maxima import maxima_among
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
    return dataclasses.replace(
        documents,
        distance=distance,
        max_similarity=similarity,
        witness=witness,
        compared=Lists(vectors, distance),
    )


def cosine_matrix(documents: Documents) -> np.ndarray:
    wide = documents.compared.vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    return wide @ wide.T


def naive(documents: Documents, alive: np.ndarray, mode: str, distance: float) -> set[int]:
    """Keep by the words of each mode."""
    similarity, order = cosine_matrix(documents), rank(documents.distance)
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
    kept = own_limit(step, scores, asked)
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
    weights = np.ones(n, np.int64) if unit == "documents" else documents.tokens
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
    documents = dataclasses.replace(
        some_documents(5), distance=distance, max_similarity=found.similarity, witness=found.witness,
        compared=Lists(vectors, distance),
    )  # fmt: skip
    limit = 1 - float(np.cos(np.radians(15)))
    asked = PruneRequest(np.ones(5, np.int64), np.ones(5, bool), None)
    kept = {}
    for mode in ("official", "greedy_cover", "components"):
        step = SemDeDup(mode=mode, duplicate_distance=limit)
        kept[mode] = own_limit(step, near_duplicate_scores(documents, asked, step), asked)
    assert kept["official"].tolist() == kept["components"].tolist() == [True, False, False, False, False]
    assert kept["greedy_cover"].tolist() == [True, False, True, False, True]
    dropped = ~kept["official"]
    assert count_uncovered(documents, dropped, kept["official"], found.witness, 1 - limit) == 3
    assert (
        count_uncovered(documents, ~kept["greedy_cover"], kept["greedy_cover"], found.witness, 1 - limit) == 0
    )


@given(st.integers(2, 60), st.integers(0, 20))
def test_the_living_are_scored_as_if_the_dropped_had_never_been(n: int, seed: int) -> None:
    documents = chains(n, seed)
    alive = generator(seed, "alive").uniform(size=n) < 0.6
    order = rank(documents.distance)
    found = maxima_among(documents, alive, np.argsort(order))
    left = order[alive[order]]
    anew = nearest_predecessors(documents.compared.vectors[left])
    assert np.array_equal(found.similarity[left], anew.similarity, equal_nan=True)
    assert found.witness[left].tolist() == np.where(anew.witness < 0, -1, left[anew.witness]).tolist()


def test_a_step_after_another_takes_no_witness_that_has_gone() -> None:
    documents = chains(80, 1)
    cut = prune(
        documents, (Random(keep_fraction=0.5), SemDeDup(duplicate_distance=0.05)), target_fraction=None,
        unit="documents", clustering=CLUSTERING,
    )  # fmt: skip
    by_second = np.flatnonzero(cut.step == 1)
    assert len(by_second)
    assert (cut.step[cut.witness[by_second]] != 0).all()


def test_uncovered_ones_are_counted_among_all_kept() -> None:
    vectors = some_units(30, 3, 5)
    distance = generator(0, "d").uniform(size=30).astype(np.float32)
    documents = dataclasses.replace(some_documents(30), distance=distance, compared=Lists(vectors, distance))
    dropped = generator(1, "d").uniform(size=30) < 0.5
    similarity = cosine_matrix(documents)
    nobody = np.where(dropped, np.flatnonzero(dropped)[0], 0)
    expected = sum(not (similarity[i, ~dropped] > 0.8).any() for i in np.flatnonzero(dropped))
    assert count_uncovered(documents, dropped, ~dropped, nobody, 0.8) == expected > 0


def test_two_limits_are_refused() -> None:
    with pytest.raises(Exception, match="give one of them"):
        SemDeDup(keep_fraction=0.5, duplicate_distance=0.1)

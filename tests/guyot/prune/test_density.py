"""Density: quotas are those of a QP solver, sum exactly, follow complexity, and the hardest stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from support.corpus import some_units

from guyot.cut import PruneRequest, take
from guyot.cut import nothing_dropped as uncut
from guyot.decision import after
from guyot.errors import SettingError
from guyot.prune.density import Density, density_scores, quotas, round_to_total, shares
from guyot.seeds import generator

bounded = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30), st.floats(0, 1)), min_size=1, max_size=12)


def solved(wanted: np.ndarray, target: int, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Solve the paper's quadratic program, a general solver's way."""
    found = minimize(
        lambda x: 0.5 * (x**2).sum() - (wanted * target * x).sum(),
        np.clip(np.full(len(wanted), target / len(wanted)), lower, upper),
        jac=lambda x: x - wanted * target,
        bounds=list(zip(lower, upper, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - target, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return found.x


@pytest.mark.parametrize("seed", range(25))
def test_the_closed_form_is_the_solution_of_the_quadratic_program(seed: int) -> None:
    draw = generator(seed, "quotas")
    upper = draw.integers(5, 200, 12)
    lower = np.minimum(draw.integers(0, 5, 12), upper - 1)
    wanted = shares(draw.uniform(0.02, 0.35, 12), 0.1)
    target = int(lower.sum() + draw.uniform(0.2, 0.9) * (upper.sum() - lower.sum()))
    assert np.allclose(quotas(wanted, target, lower, upper), solved(wanted, target, lower, upper), atol=1e-3)


@given(bounded, st.fractions(0, 1))
def test_quotas_are_met_exactly_between_their_bounds(rows: list, part: object) -> None:
    lower = np.array([row[0] for row in rows])
    upper = lower + np.array([row[1] for row in rows])
    wanted = np.array([row[2] for row in rows])
    wanted = wanted / max(wanted.sum(), 1e-9)
    target = int(lower.sum() + part * int(upper.sum() - lower.sum()))
    exact = quotas(wanted, target, lower, upper)
    assert np.isclose(exact.sum(), target)
    assert (lower - 1e-9 <= exact).all()
    assert (exact <= upper + 1e-9).all()
    rounded = round_to_total(exact, lower, upper, target)
    assert rounded.sum() == target
    assert (lower <= rounded).all()
    assert (rounded <= upper).all()
    assert (np.abs(rounded - exact) < 1 + 1e-6).all()  # largest remainder: no quota moves by a round_to_total


def test_quotas_by_hand() -> None:
    # 0.8 of 10 is 8, capped at 4; the 4 that are left over are shared by the two others alike
    assert quotas(np.array([0.8, 0.1, 0.1]), 10, np.zeros(3, int), np.array([4, 9, 9])).tolist() == [4, 3, 3]
    # not in proportion: that would give the second 1 + 2/3 more than the third
    given_ = quotas(np.array([0.7, 0.2, 0.1]), 10, np.zeros(3, int), np.array([4, 9, 9]))
    assert given_.tolist() == [4, 3.5, 2.5]
    assert round_to_total(given_, np.zeros(3, int), np.array([4, 9, 9]), 10).tolist() == [4, 4, 2]


def test_the_temperature_goes_from_alike_to_one_cluster() -> None:
    complexity = np.array([0.1, 0.2, 0.3])
    assert np.allclose(shares(complexity, 1e6), 1 / 3)
    assert np.allclose(shares(complexity, 1e-4), [0, 0, 1])
    assert (np.diff(shares(complexity, 0.1)) > 0).all()
    assert shares(np.array([0.2, np.nan]), 0.1).tolist() == [1, 0]


def some_clusters(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = generator(seed, "clusters")
    cluster = draw.integers(0, 6, n).astype(np.int32)
    spread = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.5])
    return cluster, (draw.uniform(0, 1, n) * spread[cluster]).astype(np.float32), some_units(6, 8, seed)


def naive(
    cluster: np.ndarray, distance: np.ndarray, centroids: np.ndarray, target: int, step: Density
) -> set:
    """Keep by the paper's words, in float64, documents counted alone."""
    wide = centroids.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    apart = 1 - wide @ wide.T
    complexity = []
    for j in range(len(wide)):
        others = np.sort(np.delete(apart[j], j))[: step.neighbours]
        complexity.append(distance[cluster == j].astype(np.float64).mean() * others.mean())
    p = np.exp(np.array(complexity) / step.temperature)
    p /= p.sum()
    size = np.bincount(cluster, minlength=len(wide))
    lower = np.minimum(1, size - 1)
    low, high = -1e4, 1e4
    for _ in range(200):  # the shift, by plain bisection
        shift = (low + high) / 2
        low, high = (shift, high) if np.clip(p * target + shift, lower, size).sum() < target else (low, shift)
    exact = np.clip(p * target + high, lower, size)
    quota = np.floor(exact + 1e-7).astype(int)
    for j in np.argsort(-(exact - quota), kind="stable")[: target - quota.sum()]:
        quota[j] += 1
    kept: set = set()
    for j in range(len(wide)):
        members = sorted(np.flatnonzero(cluster == j), key=lambda i: (-distance[i], i))
        kept |= set(members[: quota[j]])
    return kept


@pytest.mark.parametrize("seed", range(20))
def test_it_keeps_what_the_naive_reference_keeps(seed: int) -> None:
    cluster, distance, centroids = some_clusters(seed)
    target = int(generator(seed, "target").integers(20, 280))
    step = Density(temperature=0.05, neighbours=3)
    asked = PruneRequest(np.ones(300, np.int64), np.ones(300, bool), target)
    scores = density_scores(cluster, distance, centroids, asked, step)
    kept = take(scores, asked.weights, asked.alive, target)
    assert set(np.flatnonzero(kept)) == naive(cluster, distance, centroids, target, step)


@pytest.mark.parametrize("seed", range(5))
def test_complexity_and_quotas_are_those_of_the_living(seed: int) -> None:
    cluster, distance, centroids = some_clusters(seed)
    alive = generator(seed, "alive").uniform(size=300) < np.where(distance < 0.1, 0.3, 1.0)
    step, rows = Density(temperature=0.02, neighbours=3), np.flatnonzero(alive)
    asked = PruneRequest(np.ones(300, np.int64), alive, 60)
    kept = take(density_scores(cluster, distance, centroids, asked, step), asked.weights, alive, 60)
    anew = naive(cluster[rows], distance[rows], centroids, 60, step)
    assert set(np.flatnonzero(kept)) == {rows[i] for i in anew}


@given(st.integers(0, 30), st.floats(0.05, 0.99), st.booleans())
def test_tokens_are_met_to_one_document_and_the_hardest_of_each_cluster_stay(
    seed: int, part: float, balanced: bool
) -> None:
    cluster, distance, centroids = some_clusters(seed)
    draw = generator(seed, "tokens")
    weights, alive = draw.integers(1, 400, 300), draw.uniform(size=300) < 0.8
    target = int(weights[alive].sum() * max(part, 0.1))
    asked = PruneRequest(weights, alive, target)
    scores = density_scores(cluster, distance, centroids, asked, Density(balance_fraction=0.5 * balanced))
    kept = take(scores, weights, alive, target)
    assert 0 <= target - weights[kept].sum() < weights.max()
    assert not (kept & ~alive).any()
    for j in range(6):
        there = alive & (cluster == j)
        assert distance[kept & there].min(initial=9) >= distance[there & ~kept].max(initial=-1)


def test_a_complex_cluster_keeps_more_and_each_has_a_limit_of_its_own() -> None:
    cluster, distance, centroids = some_clusters(1)
    asked = PruneRequest(np.ones(300, np.int64), np.ones(300, bool), 150)
    scores = density_scores(cluster, distance, centroids, asked, Density(temperature=0.02))
    kept = take(scores, asked.weights, asked.alive, 150)
    counts = np.bincount(cluster[kept])
    assert counts[5] > 2 * counts[0]
    cut = after(uncut(300), "density", scores, kept)
    for j in range(6):
        assert set(cut.threshold[cluster == j]) == {distance[kept & (cluster == j)].min().astype(float)}


def test_targets_that_no_quotas_meet_are_refused_with_the_numbers() -> None:
    with pytest.raises(SettingError, match="keep 3; 2 clusters must keep 4 at least and hold 20"):
        quotas(np.array([0.5, 0.5]), 3, np.array([2, 2]), np.array([10, 10]))
    with pytest.raises(SettingError, match="no limit of its own"):
        asked = PruneRequest(np.ones(300, np.int64), np.ones(300, bool), None)
        density_scores(*some_clusters(0), asked, Density())
    with pytest.raises(SettingError, match="temperature=0"):
        Density(temperature=0)

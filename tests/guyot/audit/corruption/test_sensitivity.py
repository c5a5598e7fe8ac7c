"""Responses to corruptions: by hand, against a naive loop, and the intervals against known values."""

import math

import numpy as np
import pytest

from guyot.audit.corruption.sensitivity import ClusterPositions, Copies, is_sensitive, responses
from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.stats import wilson

FAMILIES = ("one", "two", "none")


def some(n: int, m: int, seed: int = 0) -> tuple[ClusterPositions, Copies, np.ndarray]:
    draw = generator(seed, "responses")
    steps = np.arange(9, dtype=np.float32) / 8  # few values, so that some distances stay

    def placed(size: int) -> ClusterPositions:
        return ClusterPositions(draw.integers(0, 5, size).astype(np.int32), draw.choice(steps, size))

    copies = Copies(draw.integers(0, n, m), draw.integers(0, 2, m), placed(m))
    return placed(n), copies, np.array([4, 9, 1, 4, 7])


def test_shares_and_means_are_those_of_a_naive_loop() -> None:
    parents, copies, sizes = some(50, 400)
    found = responses(parents, copies, sizes, FAMILIES, draws=50, seed=0)
    assert [response.family for response in found] == ["one", "two"]
    for number, response in enumerate(found):
        rows = [i for i in range(400) if copies.family[i] == number]
        change = [float(copies.placed.distance[i]) - float(parents.distance[copies.parent[i]]) for i in rows]
        clusters = [(int(parents.cluster[copies.parent[i]]), int(copies.placed.cluster[i])) for i in rows]
        n = len(rows)
        assert response.n == response.farther.n == response.change.n == n
        assert response.farther.value == sum(c > 0 for c in change) / n
        assert response.smaller.value == sum(sizes[after] < sizes[before] for before, after in clusters) / n
        stays = [c == 0 and a == b for c, (b, a) in zip(change, clusters, strict=True)]
        assert 0 < sum(stays)
        assert response.unmoved == pytest.approx(sum(stays) / n)
        assert response.change.value == pytest.approx(sum(change) / n)


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    truth, covered = 0.05, 0
    draw = generator(1, "cover")
    for trial in range(200):
        distance = (0.5 + draw.normal(truth, 0.1, 60)).astype(np.float32)
        copies = Copies(np.arange(60), np.zeros(60, int), ClusterPositions(np.zeros(60, np.int32), distance))
        parents = ClusterPositions(np.zeros(60, np.int32), np.full(60, 0.5, np.float32))
        (found,) = responses(parents, copies, np.array([60]), ("a",), draws=300, seed=trial)
        covered += found.change.low <= truth <= found.change.high
    assert 0.88 <= covered / 200 <= 0.99


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # from the closed form of Wilson 1927, to six digits; the last is in Newcombe 1998, to four
    [
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (5, 10, 0.236593, 0.763407),
        (81, 263, 0.255289, 0.366210),
    ],
)
def test_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)
    assert (found.value, found.n) == (hits / n, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-6)
    # its ends are where the score test just does not reject
    for end in {found.low, found.high} - {0.0, 1.0}:
        assert abs(found.value - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(
    ("n", "farther", "passes"),
    [(200, 120, True), (200, 119, False), (10, 6, False), (10, 9, True), (200, 0, False)],
)
def test_an_encoder_passes_at_the_bar_and_above_a_coin(n: int, farther: int, passes: bool) -> None:
    distance = np.where(np.arange(n) < farther, 0.75, 0.25).astype(np.float32)
    copies = Copies(np.arange(n), np.zeros(n, int), ClusterPositions(np.zeros(n, np.int32), distance))
    parents = ClusterPositions(np.zeros(n, np.int32), np.full(n, 0.5, np.float32))
    found = responses(parents, copies, np.array([n]), ("a",), draws=5, seed=0)
    assert found[0].is_sensitive == is_sensitive(found) == passes


def test_what_did_not_move_is_not_farther_but_is_counted() -> None:
    parents = ClusterPositions(np.array([0, 1], np.int32), np.array([0.5, 0.5], np.float32))
    copies = Copies(
        np.array([0, 1]), np.zeros(2, int), ClusterPositions(np.array([0, 0], np.int32), parents.distance)
    )
    (found,) = responses(parents, copies, np.array([1, 1]), ("a",), draws=5, seed=0)
    assert (found.farther.value, found.smaller.value, found.unmoved, found.change.value) == (0, 0, 0.5, 0)


def test_the_bootstrap_is_of_its_seed_and_in_any_blocking(monkeypatch: pytest.MonkeyPatch) -> None:
    parents, copies, sizes = some(50, 400)
    first = responses(parents, copies, sizes, FAMILIES, draws=50, seed=0)
    assert responses(parents, copies, sizes, FAMILIES, draws=50, seed=0) == first
    assert responses(parents, copies, sizes, FAMILIES, draws=50, seed=1) != first
    monkeypatch.setattr("guyot.stats._BLOCK_VALUES", 300)
    assert responses(parents, copies, sizes, FAMILIES, draws=50, seed=0) == first


def test_what_does_not_fit_is_refused() -> None:
    parents, copies, sizes = some(5, 8)
    good = {"draws": 5, "seed": 0}
    with pytest.raises(ArrayError, match="a cluster is"):
        responses(parents, copies, sizes[:3], FAMILIES, **good)
    with pytest.raises(ArrayError, match="a family is"):
        responses(parents, copies, sizes, FAMILIES[:1], **good)
    with pytest.raises(ArrayError, match="a parent is"):
        responses(
            ClusterPositions(parents.cluster[:2], parents.distance[:2]), copies, sizes, FAMILIES, **good
        )
    with pytest.raises(ArrayError, match="one length"):
        responses(parents, Copies(copies.parent[:3], copies.family, copies.placed), sizes, FAMILIES, **good)
    with pytest.raises(ArrayError, match="draws=0"):
        responses(parents, copies, sizes, FAMILIES, draws=0, seed=0)
    for hits, n in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(ArrayError, match="hits of"):
            wilson(hits, n)
    none = Copies(
        np.zeros(0, int), np.zeros(0, int), ClusterPositions(np.zeros(0, np.int32), np.zeros(0, np.float32))
    )
    assert responses(parents, none, sizes, FAMILIES, **good) == []

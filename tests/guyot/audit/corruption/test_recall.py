"""Recall of planted corruptions: extremes by hand, a naive loop, and chance where there is nothing to feel."""

import math
from typing import Any

import numpy as np
import pytest

from guyot.audit.corruption import recall
from guyot.audit.corruption.recall import ALPHAS, DROPPED, PARTS, Recall, synthetic_recall
from guyot.audit.corruption.sensitivity import ClusterPositions, Copies
from guyot.errors import ArrayError
from guyot.seeds import generator

GROUPS = {"all": [0, 1], "one": [0], "two": [1], "none": [2]}
SIZES = np.array([50, 30, 5])


def placed(cluster: Any, distance: Any) -> ClusterPositions:
    return ClusterPositions(np.asarray(cluster, np.int32), np.asarray(distance, np.float32))


def some(n: int = 60, seed: int = 0) -> tuple[ClusterPositions, Copies]:
    draw = generator(seed, "recall")
    parents = placed(draw.integers(0, 3, n), draw.uniform(0.2, 0.6, n))
    parent = np.sort(draw.choice(2 * n, 2 * n - 11, replace=False))  # some have not both families
    where = placed(draw.integers(0, 3, len(parent)), draw.uniform(0.3, 0.7, len(parent)))
    return parents, Copies(parent // 2, parent % 2, where)


def by_name(found: list[Recall]) -> dict[tuple[Any, ...], Any]:
    return {(r.method, r.alpha, r.dropped, r.group): r.found for r in found}


@pytest.mark.parametrize("group", ["all", "one", "two"])
def test_every_copy_is_planted_once_and_a_naive_loop_finds_the_same(group: str) -> None:
    parents, copies = some()
    n, rounds = 60, list(recall._rounds(*some(), SIZES, GROUPS[group], 0))
    planted = sorted(np.concatenate([one.copies for one in rounds]).tolist())
    assert planted == [i for i in range(len(copies.parent)) if copies.family[i] in GROUPS[group]]
    assert all(len(one.rows) <= n / PARTS for one in rounds)
    if group == "all":
        assert any(len(set(copies.family[one.copies].tolist())) == 2 for one in rounds)
    hits: dict[tuple[Any, ...], int] = {}
    for one in rounds:
        cluster, distance = parents.cluster.tolist(), parents.distance.tolist()
        for copy in one.copies:
            row = int(copies.parent[copy])
            cluster[row], distance[row] = (
                int(copies.placed.cluster[copy]), float(copies.placed.distance[copy])
            )  # fmt: skip
        for dropped in DROPPED:
            n_dropped = math.floor(n * dropped + 1e-9)
            by_size = sorted(range(n), key=lambda i: (SIZES[cluster[i]], -distance[i], -i))
            by_distance = sorted(range(n), key=lambda i: (-distance[i], -i))
            gone = {("prototypes", None): sorted(range(n), key=lambda i: (distance[i], -i))[:n_dropped]}
            for alpha in ALPHAS:
                small = by_size[: math.floor(alpha * n_dropped + 1e-9)]
                gone["scip", alpha] = (small + [i for i in by_distance if i not in small])[:n_dropped]
            for method, rows in gone.items():
                key = (*method, dropped)
                hits[key] = hits.get(key, 0) + sum(copies.parent[c] in rows for c in one.copies)
    found = by_name(synthetic_recall(parents, copies, SIZES, GROUPS, draws=20, seed=0))
    for key, hit in hits.items():
        interval = found[(*key, group)]
        assert interval.value == pytest.approx(hit / len(planted))
        assert interval.n == len(planted)
        assert interval.low <= interval.value <= interval.high
    assert not any(name == "none" for *_, name in found)


def test_the_clean_share_is_that_of_the_parents_where_nothing_is_planted() -> None:
    parents, copies = some()
    found = synthetic_recall(parents, copies, SIZES, GROUPS, draws=5, seed=0)
    order = sorted(range(60), key=lambda i: (-parents.distance[i], -i))[:12]
    near = sorted(range(60), key=lambda i: (parents.distance[i], -i))[:12]
    small = sorted(range(60), key=lambda i: (SIZES[parents.cluster[i]], -parents.distance[i], -i))[:12]
    for method, alpha, gone in (("scip", 0.0, order), ("prototypes", None, near), ("scip", 1.0, small)):
        (one,) = [r for r in found if (r.method, r.alpha, r.dropped, r.group) == (method, alpha, 0.2, "one")]
        rows = copies.parent[copies.family == 0]
        assert one.clean == pytest.approx(np.isin(rows, gone).mean())
    # copies that are their parents are dropped as these are
    same = Copies(
        copies.parent, copies.family, placed(parents.cluster[copies.parent], parents.distance[copies.parent])
    )
    for one in synthetic_recall(parents, same, SIZES, GROUPS, draws=5, seed=0):
        assert one.clean == pytest.approx(one.found.value)


def test_groups_are_planted_apart() -> None:
    n = 100
    parents = placed(np.zeros(n), np.linspace(0.3, 0.4, n))
    rows = np.repeat(np.arange(n), 2)
    distance = np.where(np.arange(2 * n) % 2, 0.9, 0.395)  # the second family is far, the first a little
    copies = Copies(rows, np.arange(2 * n) % 2, placed(np.zeros(2 * n), distance))
    found = by_name(synthetic_recall(parents, copies, SIZES, GROUPS, draws=10, seed=0))
    # five parents are farther than a copy of the first: five of ten places are left where it is alone,
    # and next to none beside copies of the second, of which every round of both has about five
    assert found["scip", 0.0, 0.1, "two"].value == 1.0
    assert 0.5 <= found["scip", 0.0, 0.1, "one"].value < 0.6
    assert 0.5 <= found["scip", 0.0, 0.1, "all"].value < 0.6


def test_what_lies_outside_is_found_and_what_lies_inside_is_not() -> None:
    n = 100
    parents = placed(np.zeros(n), np.linspace(0.3, 0.4, n))
    for distance, wanted in ((0.9, 1.0), (0.1, 0.0)):
        copies = Copies(np.arange(n), np.zeros(n, int), placed(np.zeros(n), np.full(n, distance)))
        found = by_name(synthetic_recall(parents, copies, SIZES, {"all": [0]}, draws=10, seed=0))
        assert found["scip", 0.0, 0.1, "all"].value == wanted
        assert found["prototypes", None, 0.1, "all"].value == 1 - wanted
    moved = Copies(np.arange(n), np.zeros(n, int), placed(np.full(n, 2), np.full(n, 0.1)))  # to the smallest
    found = by_name(synthetic_recall(parents, moved, SIZES, {"all": [0]}, draws=10, seed=0))
    assert [found["scip", alpha, 0.1, "all"].value for alpha in (0.0, 1.0)] == [0, 1]
    assert found["scip", 0.8, 0.1, "all"].value == pytest.approx(0.8)


def test_copies_like_their_parents_are_found_by_chance_alone() -> None:
    n = 2000
    draw = generator(3, "chance")
    parents = placed(draw.integers(0, 3, n), draw.uniform(0, 1, n))
    copies = Copies(np.arange(n), np.zeros(n, int), placed(draw.integers(0, 3, n), draw.uniform(0, 1, n)))
    found = by_name(synthetic_recall(parents, copies, SIZES, {"all": [0]}, draws=200, seed=0))
    for (_, _, dropped, _), interval in found.items():
        assert interval.value == pytest.approx(dropped, abs=0.05)
        width = interval.high - interval.low
        # 95% of n draws of a share lie within 3.92 standard errors
        assert width == pytest.approx(3.92 * math.sqrt(dropped * (1 - dropped) / n), rel=0.35)


def test_sizes_are_those_given_and_the_bootstrap_is_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    parents, copies = some()
    first = synthetic_recall(parents, copies, SIZES, GROUPS, draws=30, seed=0)
    assert synthetic_recall(parents, copies, SIZES, GROUPS, draws=30, seed=0) == first
    assert synthetic_recall(parents, copies, SIZES, GROUPS, draws=30, seed=1) != first
    other = by_name(synthetic_recall(parents, copies, SIZES[::-1].copy(), GROUPS, draws=30, seed=0))
    ours = by_name(first)
    assert ours["scip", 1.0, 0.2, "all"].value != other["scip", 1.0, 0.2, "all"].value
    assert ours["scip", 0.0, 0.2, "all"] == other["scip", 0.0, 0.2, "all"]
    monkeypatch.setattr("guyot.stats._BLOCK_VALUES", 200)
    assert synthetic_recall(parents, copies, SIZES, GROUPS, draws=30, seed=0) == first


def test_a_family_that_nobody_has_and_too_few_documents() -> None:
    parents, copies = some()
    assert {
        r.group
        for r in synthetic_recall(parents, copies, SIZES, {"none": [2], "one": [0, 1]}, draws=5, seed=0)
    } == {"one"}
    few = placed([0] * 9, [0.1] * 9)
    none = Copies(np.zeros(0, int), np.zeros(0, int), placed([], []))
    with pytest.raises(ArrayError, match="9 documents"):
        synthetic_recall(few, none, SIZES, GROUPS, draws=5, seed=0)
    with pytest.raises(ArrayError, match="draws=0"):
        synthetic_recall(parents, copies, SIZES, GROUPS, draws=0, seed=0)
    assert synthetic_recall(parents, none, SIZES, GROUPS, draws=5, seed=0) == []

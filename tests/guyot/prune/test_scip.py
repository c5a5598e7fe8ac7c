"""SCIP: both stages by hand, against a naive reference, and its rule of ties."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guyot.cut import Scores, floor_fraction, take
from guyot.errors import ArrayError, SettingError
from guyot.prune.scip import SCIP, scip_order, scip_order_by_size


def naive(cluster, distance, weights, alive, drop_weight, alpha) -> tuple[list[int], list[int]]:
    """Drop one by one, in plain Python: (order, rows of stage one)."""
    rows = [row for row in range(len(cluster)) if alive[row]]
    size = {row: sum(1 for other in rows if cluster[other] == cluster[row]) for row in rows}
    limit, spent, order = Fraction(str(alpha)) * drop_weight, 0, []
    for row in sorted(rows, key=lambda row: (size[row], -float(distance[row]), -row)):
        if spent + weights[row] > limit:
            break
        spent += weights[row]
        order.append(row)
    small = list(order)
    rest = [row for row in rows if row not in small]
    return order + sorted(rest, key=lambda row: (-float(distance[row]), -row)), small


columns = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(0, 9), st.booleans()),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(columns, st.integers(0, 120), st.sampled_from([0.0, 0.2, 0.29, 0.5, 0.8, 1.0]))
def test_the_order_is_that_of_a_naive_loop(rows: list[Any], drop_weight: int, alpha: float) -> None:
    cluster, distance, weights, alive = (list(c) for c in zip(*rows, strict=True)) if rows else ([],) * 4
    given_columns = (
        np.array(cluster, np.int32), np.array(distance, np.float32), np.array(weights, np.int64),
        np.array(alive, bool),
    )  # fmt: skip
    order, small = scip_order(*given_columns, drop_weight, SCIP(alpha=alpha))
    by_hand, of_small = naive(cluster, distance, weights, alive, drop_weight, alpha)
    assert order.tolist() == by_hand
    assert sorted(np.flatnonzero(small).tolist()) == sorted(of_small)
    assert (order.dtype, small.dtype) == (np.int32, np.bool_)


def test_alpha_divides_what_is_dropped_between_the_two_rules() -> None:
    # clusters of 2, 3 and 5; the far ones lie in the large cluster
    cluster = np.repeat(np.arange(3, dtype=np.int32), (2, 3, 5))
    distance = np.array([0.1, 0.2, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9], np.float32)
    documents = (cluster, distance, np.ones(10, np.int64), np.ones(10, bool))
    dropped = {
        alpha: scip_order(*documents, 5, SCIP(alpha=alpha))[0][:5].tolist() for alpha in (0.0, 0.8, 1.0)
    }
    assert dropped == {0.0: [9, 8, 7, 6, 5], 0.8: [1, 0, 4, 3, 9], 1.0: [1, 0, 4, 3, 2]}
    assert np.flatnonzero(scip_order(*documents, 5, SCIP())[1]).tolist() == [0, 1, 3, 4]


def test_sizes_are_of_those_left_and_clusters_of_one_size_are_one() -> None:
    cluster = np.array([0, 0, 0, 1, 1, 2, 2], np.int32)
    distance = np.array([0.5, 0.5, 0.5, 0.2, 0.4, 0.3, 0.1], np.float32)
    alive = np.array([True, False, False, True, True, True, True])
    order, _ = scip_order(cluster, distance, np.ones(7, np.int64), alive, 5, SCIP(alpha=1.0))
    assert order.tolist() == [0, 4, 5, 3, 6]


def test_of_equals_the_lower_row_is_kept_as_everywhere_else() -> None:
    alike = np.zeros(4, np.int32), np.full(4, 0.5, np.float32), np.ones(4, np.int64), np.ones(4, bool)
    for alpha in (0.0, 0.5, 1.0):
        order, _ = scip_order(*alike, 2, SCIP(alpha=alpha))
        assert order.tolist() == [3, 2, 1, 0]
        rank = np.empty(4)
        rank[order] = np.arange(4)
        assert take(Scores(rank, "far"), *alike[2:], 2).tolist() == [True, True, False, False]


def test_a_stage_that_a_heavy_document_ends_leaves_the_rest_to_distance() -> None:
    cluster = np.array([0, 1, 1, 1], np.int32)
    distance = np.array([0.1, 0.9, 0.2, 0.3], np.float32)
    order, small = scip_order(
        cluster, distance, np.array([7, 5, 1, 1]), np.ones(4, bool), 10, SCIP(alpha=0.6)
    )
    assert floor_fraction(10, 0.6) == 6
    assert not small.any()
    assert order.tolist() == [1, 3, 2, 0]


def test_given_sizes_replace_those_counted() -> None:
    distance, ones = np.array([0.1, 0.2, 0.3], np.float32), np.ones(3, np.int64)
    order, small = scip_order_by_size(np.array([3, 9, 1]), distance, ones, ones > 0, 2, SCIP(alpha=1.0))
    assert order.tolist() == [2, 0, 1]
    assert small.tolist() == [True, False, True]


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_an_alpha_that_is_no_share_is_refused(alpha: float) -> None:
    with pytest.raises(SettingError, match="alpha="):
        SCIP(alpha=alpha)


def test_what_does_not_fit_together_is_refused() -> None:
    ones, alive = np.ones(3, np.int64), np.ones(3, bool)
    cluster, distance = np.zeros(3, np.int32), np.zeros(3, np.float32)
    with pytest.raises(ArrayError, match="3 documents came with"):
        scip_order(cluster, distance[:2], ones, alive, 1, SCIP())
    with pytest.raises(SettingError, match="-1 is to be dropped"):
        scip_order(cluster, distance, ones, alive, -1, SCIP())
    distance[1] = np.nan
    with pytest.raises(ArrayError, match="1 of 3 documents"):
        scip_order(cluster, distance, ones, alive, 1, SCIP())
    alive[1] = False  # what is not alive may have none
    assert scip_order(cluster, distance, ones, alive, 1, SCIP())[0].tolist() == [2, 0]

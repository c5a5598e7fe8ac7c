"""Paired costs: by hand, against a bootstrap in plain loops, and how often an interval holds the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import ArrayError, EvaluationError
from guyot.seeds import generator
from guyot.stats import Interval, resampled_counts
from guyot.train.paired_costs import (
    PairedCosts,
    difference,
    grouped,
    mean_cost,
    seed_differences,
    seeds_needed,
    verdict,
)

BITS = math.log(2)


def costs(nats: list[list[float]], scored_bytes: list[int], seeds: list[int] | None = None) -> PairedCosts:
    numbers = np.arange(len(nats)) if seeds is None else np.array(seeds)
    return PairedCosts(numbers, np.array(nats) * BITS, np.array(scored_bytes))


def test_a_cost_is_all_bits_over_all_bytes_then_the_mean_over_seeds():
    found = mean_cost(costs([[2, 6], [4, 12]], [2, 2]), draws=200, seed=0)
    assert found.value == pytest.approx((8 / 4 + 16 / 4) / 2)
    assert (found.low, found.high) == pytest.approx((1.0, 6.0))  # the cheapest seed and group, the dearest
    assert found.n == 2


def test_only_seeds_that_both_have_are_compared():
    one = costs([[1, 1], [2, 2], [9, 9]], [1, 1], [0, 1, 5])
    other = costs([[0, 0], [4, 4]], [1, 1], [1, 2])
    assert seed_differences(one, other).tolist() == pytest.approx([2.0])
    assert difference(one, other, draws=20, seed=0) == Interval(2.0, 2.0, 2.0, 2)


def test_what_all_pay_alike_is_no_part_of_a_difference():
    dear = np.array([[5.0, 500.0], [1.0, 100.0]])
    found = difference(costs((dear - 0.5).tolist(), [1, 1]), costs(dear.tolist(), [1, 1]), draws=100, seed=1)
    assert found == Interval(*(pytest.approx(-0.5),) * 3, 2)
    assert verdict(found) == "better"
    wide = mean_cost(costs(dear.tolist(), [1, 1]), draws=100, seed=1)
    assert wide.high - wide.low > 100


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-2, -1, "better"), (1, 2, "worse"), (-1, 0, "no difference shown"), (0, 1, "no difference shown")],
)
def test_an_interval_that_reaches_zero_shows_nothing(low, high, said):
    assert verdict(Interval((low + high) / 2, low, high, 3)) == said


@given(
    st.integers(1, 4), st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=12),
    st.integers(0, 9),
)  # fmt: skip
def test_groups_are_sums_of_their_documents(n_seeds, documents, seed):
    group, scored = (np.array(side) for side in zip(*documents, strict=True))
    nats = generator(seed, "nats").random((n_seeds, len(group)))
    found = grouped(np.arange(n_seeds), nats, scored, group)
    for place, number in enumerate(sorted(set(group.tolist()))):
        chosen = group == number
        assert found.scored_bytes[place] == scored[chosen].sum()
        assert found.nats[:, place] == pytest.approx(nats[:, chosen].sum(axis=1))
    assert found.bits_per_byte() == pytest.approx(nats.sum(axis=1) / scored.sum() / BITS)


def test_draws_are_of_seeds_and_of_groups_as_in_plain_loops():
    nats, scored = generator(3, "x").random((3, 4)), np.array([3, 1, 4, 2])
    found = mean_cost(PairedCosts(np.arange(3), nats, scored), draws=60, seed=7)
    of_seeds = np.concatenate(resampled_counts(3, 60, generator(7, "seeds")))
    of_groups = np.concatenate(resampled_counts(4, 60, generator(7, "groups")))
    drawn = []
    for seed_counts, group_counts in zip(of_seeds, of_groups, strict=True):
        bits = bytes_ = 0.0
        for group in range(4):
            bytes_ += group_counts[group] * scored[group]
            bits += sum(seed_counts[s] * group_counts[group] * nats[s, group] for s in range(3)) / 3 / BITS
        drawn.append(bits / bytes_)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))))


def test_the_interval_holds_a_true_difference_about_as_often_as_it_says():
    stream, hits, truth = generator(0, "coverage"), 0, -0.1
    for trial in range(200):
        of_seed, of_group = stream.normal(0, 0.05, (8, 1)), stream.normal(0, 0.05, (1, 20))
        base = stream.uniform(1, 3, (8, 20))
        one = PairedCosts(np.arange(8), (base + truth + of_seed + of_group) * BITS, np.ones(20, np.int64))
        other = PairedCosts(np.arange(8), base * BITS, np.ones(20, np.int64))
        found = difference(one, other, draws=200, seed=trial)
        hits += found.low <= truth <= found.high
    assert 176 <= hits <= 200


def test_the_power_that_was_promised_is_about_what_many_experiments_have():
    stream, spread, true = generator(1, "power"), 0.03, 0.02
    n_seeds = seeds_needed(spread * np.array([-1.0, 1.0]) / math.sqrt(2), true)
    assert n_seeds == math.ceil((1.959964 + 0.841621) ** 2 * (spread / true) ** 2 + 1.959964**2 / 2)
    samples = stream.normal(true, spread, (4000, n_seeds))
    t = samples.mean(axis=1) / (samples.std(axis=1, ddof=1) / math.sqrt(n_seeds))
    critical = 2.0930  # of Student's t with 19 degrees of freedom
    assert n_seeds == 20
    assert 0.76 <= (t > critical).mean() <= 0.86


def test_of_one_seed_no_number_is_told_and_of_equal_ones_two_suffice():
    assert seeds_needed(np.array([0.1]), 0.01) is None
    assert seeds_needed(np.full(5, 0.1), 0.01) == 2
    with pytest.raises(ArrayError, match="above 0"):
        seeds_needed(np.zeros(3), 0.0)


def test_what_cannot_be_compared_is_refused():
    one = costs([[1.0]], [1])
    with pytest.raises(EvaluationError, match="none in common"):
        difference(one, costs([[1.0]], [1], [3]), draws=1, seed=0)
    with pytest.raises(ArrayError, match="same held-out documents"):
        difference(one, costs([[1.0]], [2]), draws=1, seed=0)
    with pytest.raises(EvaluationError, match="draws"):
        mean_cost(one, draws=0, seed=0)
    with pytest.raises(ArrayError, match="ascending"):
        grouped(np.array([1, 1]), np.ones((2, 1)), np.ones(1, np.int64), np.zeros(1, np.int64))
    with pytest.raises(ArrayError, match="row for each"):
        grouped(np.array([1]), np.ones((2, 1)), np.ones(1, np.int64), np.zeros(1, np.int64))
    for nats, scored in ((np.nan, 1), (-1.0, 1), (1.0, 0)):
        with pytest.raises(EvaluationError, match="no cost"):
            grouped(np.array([1]), np.array([[nats]]), np.array([scored]), np.zeros(1, np.int64))

"""What runs begin with: the common model's version is in their config, their order is their seed's."""

import dataclasses
import json

from support.lake import build_asset
from support.soups import RUNS

from assets.graph.lake import LakeResources
from assets.train.inputs.initial_weights import order_seed, warm_up_of


def test_orders_differ_by_run_seed_and_by_the_schedules(lake: LakeResources) -> None:
    schedule = lake.store.required("epoch_schedules", "d4")
    other = dataclasses.replace(schedule, facts={**schedule.facts, "seed": 1})
    seeds = [order_seed(one, run) for one in (schedule, other) for run in range(5)]
    assert len(set(seeds)) == 10
    assert seeds[0] == order_seed(schedule, 0)
    same = lake.store.required("epoch_schedules", "everything")
    assert order_seed(same, 3) == seeds[3], "recipes are paired"


def test_a_run_names_the_common_model(souped: LakeResources) -> None:
    (row,) = souped.store.table(souped.store.required("training_runs", RUNS[0])).to_pylist()
    assert warm_up_of(row["config"]) == souped.store.required("shared_init").version
    assert warm_up_of(json.dumps({"tokens": 1})) == ""
    assert build_asset(souped, "training_runs", RUNS[0])[0].reused

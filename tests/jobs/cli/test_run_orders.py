"""The order of a run is named by what decides it, and its positions by what it read of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.forged import change_manifest
from support.lake import copy_of, graph_lake

from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from guyot.train.exposure import tokens_that_saw
from jobs.cli.run_orders import RunPositions, name_of, order_of, positions_of
from jobs.cli.run_registration import Report, record_of


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def own_run(lake: LakeResources) -> dict[str, Any]:
    (run,) = lake.store.table(lake.store.required("training_runs", "d4/0")).to_pylist()
    return run


def reported(lake: LakeResources, **changed: Any) -> dict[str, Any]:
    common = {"name": "a", "mixture": "d4", "context_length": 16, "tokens": 320, "batch_size": 2}
    return record_of(lake, Report(**{**common, **changed}))


def test_runs_of_one_order_have_one_name(lake: LakeResources) -> None:
    own, one = own_run(lake), reported(lake)
    assert name_of(own) == name_of({**own, "seed": 1, "reads": None})
    assert name_of(own) != name_of(
        {**own, "config": json.dumps({**json.loads(own["config"]), "order_seed": 1})}
    )
    assert name_of(one) == name_of(reported(lake, name="b", batch_size=7, init="x"))
    others = [reported(lake, seed=1), reported(lake, tokens=336), reported(lake, context_length=8)]
    assert len({name_of(run) for run in (own, one, *others)}) == 5


def test_positions_are_what_was_read_and_per_step(lake: LakeResources) -> None:
    config = json.loads(own_run(lake)["config"])
    assert positions_of(own_run(lake)) == RunPositions(
        0, None, config["window_tokens"] * config["batch_windows"]
    )
    assert positions_of(reported(lake)) == RunPositions(0, 320, 32)
    assert positions_of(reported(lake, first_token=160, tokens=160)) == RunPositions(160, 320, 32)


def test_the_graphs_order_is_its_schedules_and_one_of_an_older_version_is_not_known(
    lake: LakeResources, tmp_path: Path
) -> None:
    run = own_run(lake)
    order = order_of(lake, run)
    assert order is not None
    ids, schedule = schedule_of(epoch_schedules.reader(lake), lake.store.required("epoch_schedules", "d4"))
    row = int(np.flatnonzero(schedule.repeats)[0])
    name = ids[row].decode()
    assert order.rows([name, "f" * 32]) == {name: row}
    assert order.spans(row).tolist() == tokens_that_saw(schedule, row).tolist() != []
    assert order.spans(None).tolist() == []
    assert order.tokens_of_position(row) == 1
    reads = json.dumps({**json.loads(reported(lake)["reads"]), "order": "blocks-0"})
    assert order_of(lake, {**reported(lake), "reads": reads}) is None
    changed = copy_of(lake, tmp_path / "lake")
    manifest = Path(changed.store.path("epoch_schedules", "d4", run["schedule_version"], "manifest.json"))
    change_manifest(manifest, lambda fields: fields["facts"].update(order="blocks-0"))
    assert order_of(changed, run) is None

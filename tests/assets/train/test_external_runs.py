"""External runs: all reports in one table, and what they consumed is kept as long as they are."""

from pathlib import Path

import pytest
from support.lake import build_asset, copy_of, graph_lake, reader_of

from assets.graph import retention
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.train.external_runs import external_runs, pins
from assets.train.inputs import registered_runs
from assets.train.inputs.registered_runs import EXTERNAL


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> LakeResources:
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake")


def report(lake: LakeResources, name: str, **more: object) -> None:
    mixture = lake.store.required("pruned_mixtures", "d4")
    empty = {column.name: 0 if str(column.type) == "int64" else "" for column in EXTERNAL.columns}
    about = {"run_id": name, "recipe": "d4", "mixture_version": mixture.version}
    metrics = [{"step": 0, "name": "loss", "value": 1.5}]
    registered_runs.write(lake.store, {**empty, **about, **more}, metrics)


def test_the_table_has_every_report_and_is_made_again_when_one_comes(lake: LakeResources) -> None:
    before = lake.store.required("external_runs")
    assert before.rows == 0
    report(lake, "b")
    assert not external_runs.spec(lake).is_live(lake.store)
    report(lake, "a")
    build_asset(lake, "external_runs")
    found = lake.store.required("external_runs")
    assert lake.store.table(found)["run_id"].to_pylist() == ["a", "b"]
    assert lake.store.table(found, "metrics.parquet")["run_id"].to_pylist() == ["a", "b"]
    assert external_runs.spec(lake).is_live(lake.store)


def test_what_a_run_consumed_is_never_removed(lake: LakeResources) -> None:
    tokenizer = lake.store.required("tokenizer").version
    schedule = lake.store.required("epoch_schedules", "d4").version
    report(lake, "a", tokenizer_version=tokenizer, schedule_version=schedule)
    build_asset(lake, "external_runs")
    mixture = lake.store.required("pruned_mixtures", "d4")
    shards = snapshot_of(mixture).shards
    named = {
        ("pruned_mixtures", "d4", mixture.version), ("tokenizer", "all", tokenizer),
        ("epoch_schedules", "d4", schedule),
    }  # fmt: skip
    named |= {(table, s, shards[s][table]) for s in shards for table in ("raw_shards", "quality_signals")}
    assert pins(reader_of(lake), lake.store.required("external_runs")) == named
    for table, key in {(table, key) for table, key, _ in named}:  # none of it is live any more
        Path(lake.store.path(table, key, "current")).unlink()
    Path(lake.store.path("training_runs", "d4", "0", "current")).unlink(missing_ok=True)
    gone = {(one.table, one.key, one.version) for one in retention.find(lake, older_than_seconds=0, now=1e12)}
    assert not gone & named

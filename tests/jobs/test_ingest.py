"""The jobs of ingest: exactly their assets, and a shard's documents from registry to assignments in one run."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from tests_corpus import copy_of, graph_lake

from assets import cluster_assignments, embeddings, quality_signals, raw_shards
from assets.partitions import SHARDS
from jobs import ingest
from jobs.plan import Lake


@pytest.fixture
def lake(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Lake:
    """Return a lake whose documents are stale: another limit on their size."""
    return copy_of(graph_lake(tmp_path_factory), tmp_path / "lake", max_document_bytes=100)


def execute(lake: Lake, job: str, partition: str | None, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    from definitions import defs

    config = {"resources": {"settings": {"config": lake.settings.model_dump()}}}
    return defs.resolve_job_def(job).execute_in_process(run_config=config, partition_key=partition, instance=instance)


def assets_of(job: str) -> set[str]:
    from definitions import defs

    return {key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys}


def test_each_job_has_its_assets_and_no_other() -> None:
    assert [job.name for job in ingest.JOBS] == ["scan", "ingest"]
    assert assets_of("scan") == {"shard_registry"}
    assert assets_of("ingest") == {"raw_shards", "quality_signals", "embeddings", "cluster_assignments"}
    assert all(job.description for job in ingest.JOBS)


def test_a_scan_makes_the_partitions_and_ingest_one_of_them_whole(lake: Lake) -> None:
    store, shard, other = lake.store, lake.shards()[0], lake.shards()[1]

    def live(shard: str) -> list[bool]:
        makings: list[Any] = [
            raw_shards.making(store, lake.settings, shard), quality_signals.making(store, shard),
            embeddings.making(store, lake.encoder, shard), cluster_assignments.making(store, shard),
        ]  # fmt: skip
        return [making.is_live(store) for making in makings]

    before = store.required("raw_shards", shard)
    with dg.DagsterInstance.ephemeral() as instance:
        assert execute(lake, "scan", None, instance).success
        assert sorted(instance.get_dynamic_partitions(str(SHARDS.name))) == lake.shards()
        assert live(shard) == [False, True, True, True]
        outcome = execute(lake, "ingest", shard, instance)
    assert outcome.success
    made = [event.asset_key.to_user_string() for event in outcome.get_asset_materialization_events()]
    assert sorted(made) == sorted(assets_of("ingest"))
    assert made.index("raw_shards") == 0
    assert made.index("embeddings") < made.index("cluster_assignments")
    assert live(shard) == [True] * 4
    assert live(other)[0] is False
    assert store.required("raw_shards", shard).rows < before.rows
    assert store.required("cluster_assignments", shard).rows == store.required("raw_shards", shard).rows
    assert [e.passed for e in outcome.get_asset_check_evaluations()] in ([], [True])

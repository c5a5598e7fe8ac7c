"""`guyot cluster status` shows each node; a run of the command on a cluster is that of threads."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.lake import build_asset, build_lake, guyot, lake_at, write_corpus
from support.lake_state import state_of
from support.ray_nodes import ray_cluster

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_cluster() as made:
        yield made


def test_nodes_are_asked_for_where_threads_work(tmp_path: Path) -> None:
    told = guyot(lake_at(tmp_path / "lake", tmp_path), "cluster", "status", code=1)
    assert told.startswith(
        "Error: the nodes of a cluster were asked for, and engine='threads'; set GUYOT_ENGINE"
    )


@pytest.mark.long
@pytest.mark.in_ci
def test_a_run_on_a_cluster_shows_its_progress_and_leaves_the_bytes_of_threads(
    cluster: Any, tmp_path: Path
) -> None:
    write_corpus(tmp_path / "source")
    calm = build_lake(
        lake_at(tmp_path / "calm", tmp_path / "source"), until="epoch_schedules", recipes=["semdedup"]
    )
    build_asset(calm, "catalogue")
    lake = lake_at(tmp_path / "lake", tmp_path / "source", engine=f"ray://{cluster.address}")
    status = ("cluster", "status", "--format", "json")
    nodes = json.loads(guyot(lake, *status))
    assert [(one["processors"], one["differs"]) for one in nodes] == [(1, "no")] * 2
    assert all(one["lake"] == f"no registry in {tmp_path}/lake" for one in nodes)
    said = guyot(lake, "run", "--until", "epoch_schedules", "--recipe", "semdedup")
    assert "Traceback" not in said
    assert "raylet" not in said
    assert re.search(r"embeddings: (\d+)/\1 documents", said)
    registry = lake.store.required("shard_registry").version
    assert {one["lake"] for one in json.loads(guyot(lake, *status))} == {f"registry {registry}"}
    assert state_of(lake) == state_of(calm)

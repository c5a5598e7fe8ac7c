"""Tasks on a cluster of two nodes: in order, errors as they are, and what dies runs again."""

import functools
import importlib.metadata
import importlib.util
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from support import ray_nodes, s3
from support.lake import build_asset, build_lake, lake_at, write_corpus
from support.lake_state import state_of
from support.service import wait_for
from support.small_disk import require_own_mounts

from guyot.errors import SettingError, UnreachableError
from guyot.navigation.walk_lines import WalkError
from resources import progress
from resources.engines.chosen import engine_of
from resources.engines.ray_cluster import RayEngine
from resources.engines.threads import Engine
from resources.lake.store import Store
from resources.setting_names import PREFIX
from resources.settings import ROOT, Settings

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed"),
    pytest.mark.long,
    pytest.mark.in_ci,
]

FILES = ("autoscaling.yaml", "kuberay.yaml")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_nodes.ray_cluster() as made:
        yield made


@pytest.fixture
def engine(cluster: Any) -> Engine:
    return engine_of(Settings.of(engine=f"ray://{cluster.address}"))


def test_values_come_in_order_from_other_processes(engine: Engine) -> None:
    assert isinstance(engine, RayEngine)
    assert engine.workers == 2
    assert list(engine.map(ray_nodes.square, range(50))) == [n * n for n in range(50)]
    processes: set[int] = set()

    def are_two() -> bool:  # a node's first worker takes seconds to begin on a busy machine
        processes.update(engine.map(ray_nodes.process, range(8)))
        return len(processes) >= 2

    wait_for(are_two, "a worker of each node", 60)
    assert os.getpid() not in processes
    assert list(engine.map(ray_nodes.process, range(2), workers=1)) == [os.getpid()] * 2


def test_items_bring_their_settings_whatever_a_node_has_of_its_own(engine: Engine, tmp_path: Path) -> None:
    given = Settings.of(seed=3, lake=str(tmp_path)).model_dump_json()
    assert set(engine.map(ray_nodes.settings_here, [given] * 4)) == {f"seed 3, lake {tmp_path}"}
    assert isinstance(engine, RayEngine)
    nodes = engine.nodes(functools.partial(ray_nodes.settings_here, given))
    assert {node.reads for node in nodes} == {f"seed 3, lake {tmp_path}"}


def test_at_most_so_many_items_are_under_way(cluster: Any, engine: Engine) -> None:
    node = ray_nodes.add_node(cluster, num_cpus=2)
    spans = list(engine.map(ray_nodes.seconds, range(6), workers=2))
    cluster.remove_node(node)
    assert max(sum(begun <= at < ended for begun, ended in spans) for at, _ in spans) <= 2


def test_every_node_tells_its_releases_and_what_it_finds(engine: Engine) -> None:
    assert isinstance(engine, RayEngine)
    nodes = engine.nodes(functools.partial(ray_nodes.find, "the lake"))
    assert len({node.address for node in nodes}) == 2
    assert [(node.processors, node.differs, node.reads) for node in nodes] == [(1, "", "found the lake")] * 2
    assert all(node.memory_bytes > 0 for node in nodes)
    codes = {node.reads for node in engine.nodes(functools.partial(ray_nodes.code_here, str(ROOT)))}
    assert len(codes) == 2, "nodes that unpack code in one folder take it away under one another's workers"
    (one, _) = engine.nodes(functools.partial(ray_nodes.find, ""))
    assert one.reads == "OSError: nothing is there"


def test_what_tasks_count_is_counted_here(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "guyot.progress"), progress.begun("squares", 7, "numbers"):
        assert len(list(engine.map(ray_nodes.square, range(7)))) == 7
    assert "squares: 7/7 numbers" in caplog.messages[-1]


def test_an_error_is_the_one_that_was_raised(engine: Engine) -> None:
    with pytest.raises(SettingError) as raised:
        list(engine.map(ray_nodes.refuse, range(9)))
    assert str(raised.value) == "3 was asked for; give another number"
    assert list(engine.map(ray_nodes.refuse, range(3))) == [0, 1, 2]


def test_a_worker_that_dies_is_followed_by_another(engine: Engine, tmp_path: Path) -> None:
    function = functools.partial(ray_nodes.die, str(tmp_path))
    assert list(engine.map(function, range(5))) == list(range(5))
    assert [path.name for path in tmp_path.iterdir()] == ["2"]
    with pytest.raises(UnreachableError, match="what was finished stays"):
        list(engine.map(functools.partial(function, always=True), range(5)))


def test_a_cluster_that_is_away_is_said_in_a_sentence() -> None:
    import ray

    ray.shutdown()
    away = engine_of(Settings.of(engine="ray://127.0.0.1:1"))
    with pytest.raises(UnreachableError, match="is its head up"):
        list(away.map(ray_nodes.square, range(3)))


def test_an_error_that_is_no_sentence_keeps_where_it_came_from(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        list(engine.map(ray_nodes.divide, range(3)))
    assert "in divide" in str(raised.value.__cause__)
    with pytest.raises(WalkError, match="maze_not_closed: here"):
        list(engine.map(ray_nodes.no_walk, range(3)))


def test_a_lake_has_the_bytes_that_threads_leave_whatever_node_dies(cluster: Any, tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    calm = build_lake(lake_at(tmp_path / "calm", tmp_path / "source"), until="epoch_schedules")
    build_asset(calm, "catalogue")
    lake = lake_at(tmp_path / "lake", tmp_path / "source", engine=f"ray://{cluster.address}")
    node = ray_nodes.add_node(cluster)
    build_lake(lake, until="tokenizer")
    dies = threading.Timer(1.0, cluster.remove_node, (node,), {"allow_graceful": False})
    dies.start()
    build_lake(lake, until="epoch_schedules")
    build_asset(lake, "catalogue")
    dies.join()
    assert state_of(lake) == state_of(calm)


def test_a_lake_inside_the_checkout_stays_where_it_is() -> None:
    engine = RayEngine(settings=Settings.of(lake=str(ROOT / "my" / "lake"), source="/elsewhere"))
    assert engine._left_behind()[-1] == "/my/lake"
    assert not any("elsewhere" in place for place in engine._left_behind())


def test_a_cluster_without_processors_is_said_in_a_sentence() -> None:
    import ray

    ray.shutdown()
    with ray_nodes.ray_cluster(0) as bare:
        engine = engine_of(Settings.of(engine=f"ray://{bare.address}"))
        with pytest.raises(UnreachableError, match="it has none; start a node"):
            list(engine.map(ray_nodes.square, range(3)))
        with pytest.raises(UnreachableError, match="it has none; start a node"):
            list(engine.map(ray_nodes.square, range(3), workers=2))


def test_the_code_reaches_a_node_that_has_none_of_it() -> None:
    import ray

    require_own_mounts()
    ray.shutdown()
    look = functools.partial(ray_nodes.code_here, str(ROOT))
    with ray_nodes.ray_cluster(0) as bare, ray_nodes.node_without_code(bare.address):
        engine = RayEngine(settings=Settings.of(engine=f"ray://{bare.address}"))
        (told,) = wait_for(lambda: engine.nodes(look), "the node to join", 60)
    assert told.reads.startswith("0 files, ")
    assert "working_dir_files" in told.reads


def test_a_lake_on_s3_has_the_bytes_that_threads_leave(s3_url: str, tmp_path: Path) -> None:
    import ray

    ray.shutdown()
    write_corpus(tmp_path / "source")
    calm = build_lake(lake_at(tmp_path / "calm", tmp_path / "source"), until="cluster_scores")
    build_asset(calm, "catalogue")
    # nodes have credentials of their own: those of this test come from its environment, when they begin
    with s3.environment(s3_url), ray_nodes.ray_cluster() as made:
        lake = lake_at(f"s3://{s3.new_bucket()}/lake", tmp_path / "source", engine=f"ray://{made.address}")
        build_lake(lake, until="cluster_scores")
        build_asset(lake, "catalogue")
        assert state_of(lake) == state_of(calm)


def test_a_worker_out_of_memory_ends_with_a_sentence_and_leaves_nothing_torn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    import ray

    ray.shutdown()
    here = psutil.virtual_memory()
    limit = (here.used + (2 << 30)) / here.total
    if limit > 0.95:
        pytest.skip(f"{here.available >> 20} MB are free, too few to fill 2 GB of them")
    settings = Settings.of(lake=str(tmp_path / "lake"))
    system = {"task_oom_retries": 1, "memory_usage_threshold": limit, "memory_monitor_refresh_ms": 100}
    with ray_nodes.ray_cluster(**system) as made:
        engine = engine_of(Settings.of(engine=f"ray://{made.address}"))
        function = functools.partial(ray_nodes.write_and_swell, settings.model_dump_json())
        with (
            caplog.at_level(logging.INFO, "guyot.progress"),
            pytest.raises(UnreachableError, match=r"memory(.|\n)*what was finished stays"),
        ):
            list(engine.map(function, range(3)))
        (line,) = caplog.messages
        assert line.startswith("Ray: Task _run failed due to oom")
        assert "raylet" not in capfd.readouterr().out
        assert list(engine.map(function, range(2))) == [0, 1]  # the nodes are as they were
    store: Store = Store(settings=settings)
    assert store.partitions("raw_shards") == store.versions("raw_shards") == []


def test_the_cluster_files_of_the_examples_are_ones_that_ray_takes() -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    told = {name: yaml.safe_load((ROOT / "examples" / "cluster" / name).read_text()) for name in FILES}
    validate_config(prepare_config(told["autoscaling.yaml"]))
    spec = told["kuberay.yaml"]["spec"]
    pods = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    assert spec["rayVersion"] == importlib.metadata.version("ray")
    assert pods[0]["rayStartParams"]["num-cpus"] == "0"
    for pod in pods:
        (container,) = pod["template"]["spec"]["containers"]
        names = {
            one["name"].removeprefix(PREFIX) for one in container["env"] if one["name"].startswith(PREFIX)
        }
        assert names == {"ENGINE", "LAKE", "SOURCE"}
        assert container["resources"]["requests"] == container["resources"]["limits"]

"""Collecting garbage: what nothing needs goes, whole; what a run consumed and what is live stays."""

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.lake import build_lake, copy_files, graph_lake, lake_at, reader_of, spec_of

from assets.graph import retention
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.prune import epoch_schedules
from guyot.errors import SettingError
from guyot.train.exposure import exposures
from resources.lake import set_aside
from resources.lake.saved_batches import SavedBatches
from resources.lake.store import Store
from resources.storage.files import Files


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(original: LakeResources, tmp_path: Path) -> LakeResources:
    """Copy the lake and its source, so that both can change."""
    shutil.copytree(original.settings.source, tmp_path / "source")
    copy_files(original, tmp_path / "lake")
    return lake_at(tmp_path / "lake", tmp_path / "source")


def found(lake: LakeResources, older_than_seconds: float = 0) -> list[retention.Garbage]:
    return retention.find(lake, older_than_seconds=older_than_seconds, now=time.time() + 1)


def collect(lake: LakeResources) -> list[retention.Garbage]:
    removed = found(lake)
    assert list(retention.remove(lake, removed)) == removed
    return removed


def bytes_of(store: Store) -> dict[str, bytes]:
    return {
        str(p): p.read_bytes()
        for p in Path(store.root).rglob("*")
        if p.is_file() and ".dagster" not in p.parts
    }


def test_a_fresh_lake_has_no_garbage_but_superseded_catalogues(lake: LakeResources) -> None:
    assert {one.table for one in found(lake)} <= {"catalogue", "report", "leaderboard"}


def test_a_changed_lake_loses_what_nothing_needs_and_its_runs_still_open(lake: LakeResources) -> None:
    runs = {
        m.key: m
        for m in (lake.store.required("training_runs", k) for k in lake.store.partitions("training_runs"))
    }
    (Path(lake.settings.source) / "package03" / "module0.py").write_text("changed = True\n")
    shutil.rmtree(Path(lake.settings.source) / "package05")
    build_lake(lake, until="epoch_schedules")
    removed = collect(lake)
    assert {"cluster_scores", "embeddings", "cluster_assignments"} <= {one.table for one in removed}
    assert not {"training_runs", "evaluations"} & {one.table for one in removed}
    assert found(lake) == []
    for run in runs.values():
        schedule = lake.store.pinned("epoch_schedules", run.key.split("/")[0], run.facts["schedule_version"])
        ids, planned = epoch_schedules.schedule_of(reader_of(lake), schedule)
        assert exposures(planned).sum() > 0
        mixture = epoch_schedules.mixture_of(reader_of(lake), schedule)
        contents = snapshot_of(mixture).table(reader_of(lake), "raw_shards", ["doc_id", "content"])
        assert set(ids[ids != b""].tolist()) == set(ids_of(contents["doc_id"]).tolist())
    before = bytes_of(lake.store)
    build_lake(lake, until="epoch_schedules")
    assert bytes_of(lake.store) == before
    assert spec_of(lake, "training_runs", "everything/0").version != runs["everything/0"].version


def test_a_shard_that_is_gone_leaves_with_its_pointer(lake: LakeResources) -> None:
    shard = lake.shards()[-1]
    table = lake.store.table(lake.store.required("shard_registry"))
    for path in [r["path"] for r in table.to_pylist() if r["shard"] == shard]:
        (Path(lake.settings.source) / path).unlink()
    build_lake(lake, until="pruned_mixtures")
    assert shard not in lake.shards()
    collect(lake)
    assert lake.store.current("embeddings", shard) is None
    assert shard not in lake.store.partitions("embeddings")


def test_files_of_a_dead_writer_are_swept_and_young_ones_are_left(lake: LakeResources) -> None:
    dead = Path(lake.store.path("embeddings", lake.shards()[0], "0123456789abcdef"))
    dead.mkdir()
    (dead / "rows.parquet.0.tmp").write_bytes(b"half")
    assert not [one for one in found(lake, 3600) if one.version == dead.name]
    (one,) = [one for one in found(lake) if one.version == dead.name]
    assert (one.has_manifest, one.bytes) == (False, 4)
    assert list(retention.remove(lake, [one])) == [one]
    assert not dead.exists()


def test_batches_of_a_build_that_goes_on_are_no_garbage(lake: LakeResources) -> None:
    saved = SavedBatches(lake.store.files, "embeddings", lake.shards()[0], "0123456789abcdef")
    before = found(lake)
    saved.save(0, np.zeros((2, 3), np.float16))
    assert found(lake) == before
    assert lake.store.partitions("embeddings") == lake.shards()


def test_what_became_needed_since_it_was_found_is_left(lake: LakeResources) -> None:
    before = bytes_of(lake.store)
    live = lake.store.required("embeddings", lake.shards()[0])
    assert not list(retention.remove(lake, [retention.Garbage(live.table, live.key, live.version, 0, True)]))
    assert bytes_of(lake.store) == before


def test_a_removal_that_is_cut_short_leaves_no_half_version(
    lake: LakeResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path(lake.settings.source) / "package03" / "module0.py").write_text("changed = True\n")
    build_lake(lake, until="epoch_schedules")
    one = next(one for one in found(lake) if one.table == "embeddings")

    def killed(_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Files, "delete_folder", lambda _, uri: killed(uri))
        with pytest.raises(KeyboardInterrupt):
            list(retention.remove(lake, [one]))
    assert lake.store.manifest(one.table, one.key, one.version) is None
    (again,) = [other for other in found(lake) if other.version == one.version]
    assert not again.has_manifest


def test_beside_what_was_set_aside_nothing_is_removed(lake: LakeResources) -> None:
    run = min(lake.store.partitions("training_runs"))
    version = lake.store.required("training_runs", run).version
    set_aside.set_version_aside(lake.store.files, ("training_runs", run, version))
    before = bytes_of(lake.store)
    with pytest.raises(SettingError, match="run `guyot run`, then remove that folder"):
        found(lake)
    with pytest.raises(SettingError):
        list(retention.remove(lake, [retention.Garbage("centroids", "all", "0" * 16, 1, has_manifest=True)]))
    assert bytes_of(lake.store) == before
    shutil.rmtree(set_aside.place(lake.store.files))
    found(lake)

"""Plans are the same with compacted manifests and without; verify compares them, repair removes them."""

from pathlib import Path

import pytest
from support.lake import build_lake, copy_of, graph_lake

from assets.graph import compaction, discover, plan
from assets.graph.lake import LakeResources
from assets.graph.repair import repair, repairs
from assets.graph.verification import verify
from resources.lake import compacted
from resources.lake.compacted import Row
from resources.storage.files import Files


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(original: LakeResources, tmp_path: Path) -> LakeResources:
    return copy_of(original, tmp_path / "lake")


def plans(lake: LakeResources) -> dict[str, object]:
    """Say what is stale of every asset, and what decides it."""
    look = lake.remembered()
    found: dict[str, object] = {one.name: plan.stale(one, look) for one in plan.until("epoch_schedules")}
    return found | {
        "shards": plan.stale_shards(lake),
        "fingerprint": plan.shards_fingerprint(lake, lake.shards()),
        "unfitted": plan.unfitted(look),
    }


def rewrite(lake: LakeResources, table: str, rows: list[Row]) -> None:
    Path(compacted.uri_of(lake.store.files, table)).write_bytes(compacted.content_of(rows))


def test_plans_are_the_same(lake: LakeResources, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plans(lake)
    written = compaction.compact_all(lake, min_read=1)
    assert {"raw_shards", "cluster_scores", "pruned_mixtures"} <= set(written)
    read: list[str] = []
    monkeypatch.setattr(Files, "read", lambda self, uri, real=Files.read: read.append(uri) or real(self, uri))
    assert plans(lake) == before
    assert not [
        uri for uri in read if "shard" in uri and uri.endswith("manifest.json") and "registry" not in uri
    ]
    assert len([uri for uri in read if "/raw_shards/" in uri]) <= 4 * len(lake.shards())
    other = LakeResources(lake.settings.changed(seed=7))
    assert plan.stale_shards(other) == plan.stale_shards(LakeResources(other.settings))


def test_plans_are_those_of_the_manifests_after_changes(lake: LakeResources) -> None:
    compaction.compact_all(lake, min_read=1)
    changed = LakeResources(lake.settings.changed(**{"clustering.n_clusters": 3}))
    stale = plans(changed)
    build_lake(changed, until="cluster_scores")
    now = plans(changed)
    assert now != stale
    for table in compacted.tables(lake.store.files):
        Path(compacted.uri_of(lake.store.files, table)).unlink()
    assert plans(changed) == now


def test_verify_compares_the_rows_and_repair_removes_them(lake: LakeResources) -> None:
    compaction.compact_all(lake, min_read=1)
    assert verify(lake).damaged == []
    first, *others = compacted.read(lake.store.files, "raw_shards").values()
    wrong = first._replace(content="another")
    rewrite(lake, "raw_shards", [wrong, *others])
    Path(compacted.uri_of(lake.store.files, "embeddings")).write_bytes(b"PAR1")
    found = verify(lake)
    assert [(one.table, one.key, one.file, one.problem) for one in found.damaged] == [
        (".manifests", "embeddings", "rows.parquet", "cannot be read"),
        (
            ".manifests",
            "raw_shards",
            "rows.parquet",
            f"differs from 1 manifests, such as that of {first.key}",
        ),
    ]
    done = list(repair(lake, repairs(lake, found)))
    assert [one.is_left for one in done] == [False, False]
    assert all(one.next.startswith("the file is removed") for one in done)
    assert verify(lake).damaged == []
    assert not {"raw_shards", "embeddings"} & set(compacted.tables(lake.store.files))


def test_rows_of_versions_that_are_gone_say_nothing(lake: LakeResources) -> None:
    compaction.compact_all(lake, min_read=1)
    rows = compacted.read(lake.store.files, "raw_shards")
    first, *others = rows.values()
    gone = Row(first.key, "f" * 16, "another", "", "{}", "{}", first.state)
    absent = Row("shard-of-nothing", "e" * 16, "another", "", "{}", "{}", first.state)
    rewrite(lake, "raw_shards", [gone, absent, *others])
    assert verify(lake).damaged == []
    assert plan.stale_shards(lake) == []
    asset = discover.asset("raw_shards")
    assert asset.reader(lake.remembered()).origin("raw_shards", first.key) == lake.store.required(
        "raw_shards", first.key
    )

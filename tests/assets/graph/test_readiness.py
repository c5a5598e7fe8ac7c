"""Readiness: a shard's tables must be made from one another and from the files that are live now."""

import shutil
from pathlib import Path

import pytest
from support.lake import spec_of
from support.scores import Shards, documents_of, empty_lake, put, register

from assets.graph import discover, readiness
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.snapshot import TABLES, take
from guyot.errors import MissingError

STATE: Shards = {f"shard-{n}": documents_of(*range(4 * n, 4 * n + 4)) for n in range(5)}
CHANGED = {**STATE, "shard-2": documents_of(8, 9, 10)}


@pytest.fixture
def small(tmp_path: Path) -> LakeResources:
    lake = empty_lake(tmp_path)
    put(lake, STATE)
    return lake


def waiting(lake: LakeResources, *tables: str) -> dict[str, list[str]]:
    return readiness.look(lake, tables or TABLES).waiting


def test_everything_in_place_is_ready(small: LakeResources) -> None:
    found = readiness.look(small, TABLES)
    assert found.waiting == {}
    assert {shard: sorted(tables) for shard, tables in found.manifests.items()} == {
        shard: sorted(TABLES) for shard in STATE
    }
    put(small, {s: STATE[s] for s in ("shard-0", "shard-3")})
    assert list(readiness.look(small, TABLES).manifests) == ["shard-0", "shard-3"]


def test_a_file_that_was_withdrawn_or_changed_is_never_in_a_snapshot(small: LakeResources) -> None:
    register(small, CHANGED)
    for tables in (TABLES, ("raw_shards",), ("embeddings",), ("raw_shards", "embeddings")):
        assert waiting(small, *tables) == {"raw_shards": ["shard-2"]}
    with pytest.raises(
        MissingError, match=r"1 of 5 shards wait for raw_shards \(shard-2\); materialize raw_shards first"
    ):
        take(small)


@pytest.mark.parametrize(
    ("table", "tables"),
    [
        ("quality_signals", {"quality_signals": ["shard-2"], "embeddings": ["shard-2"]}),
        ("embeddings", {"embeddings": ["shard-2"]}),
        ("cluster_assignments", {"cluster_assignments": ["shard-2"]}),
    ],
)
def test_what_is_of_the_state_before_waits(
    small: LakeResources, table: str, tables: dict[str, list[str]]
) -> None:
    """The hole this closes: documents read again, their vectors not yet, joined as cluster 0, distance 0."""
    before = {t: small.store.required(t, "shard-2") for t in TABLES}
    put(small, CHANGED)
    for name in TABLES[TABLES.index(table) :]:
        small.store.publish(before[name])
    assert waiting(small) == tables
    with pytest.raises(MissingError, match=f"materialize {next(iter(waiting(small)))} first"):
        take(small)
    later = [name for name in ("quality_signals", "embeddings", "cluster_assignments") if name in tables]
    assert waiting(small, "raw_shards") == {}
    assert waiting(small, *later) == tables


def test_a_table_that_is_not_there_waits_and_what_follows_it_is_not_named(small: LakeResources) -> None:
    for shard in ("shard-0", "shard-1", "shard-3", "shard-4"):
        shutil.rmtree(small.store.path("embeddings", shard))
    assert waiting(small) == {"embeddings": ["shard-0", "shard-1", "shard-3", "shard-4"]}
    with pytest.raises(
        MissingError, match=r"4 of 5 shards wait for embeddings \(shard-0, shard-1, shard-3, ...\);"
    ):
        take(small)
    assert waiting(small, "quality_signals") == {}


@pytest.mark.parametrize(
    ("whole", "table"), [("tokenizer", "quality_signals"), ("centroids", "cluster_assignments")]
)
def test_another_tokenizer_or_other_centroids_are_waited_for(
    small: LakeResources, whole: str, table: str
) -> None:
    before = small.store.required(whole)
    with small.store.write(whole, "all", inputs={"other": ""}, settings={}, code="") as writer:
        writer.content = "another"
        writer.table(small.store.table(before)[:0])
    assert waiting(small) == {table: sorted(STATE)}
    assert waiting(small, "raw_shards", "embeddings") == {}
    shutil.rmtree(small.store.path(whole))
    assert waiting(small) == {table: sorted(STATE)}


def test_a_build_of_what_was_replaced_meanwhile_is_refused(small: LakeResources) -> None:
    asset, spec = discover.asset("cluster_scores"), spec_of(small, "cluster_scores")
    put(small, CHANGED)
    with pytest.raises(
        MissingError, match=r"from raw_shards/shard-2 of content \w+, which was replaced by \w+"
    ):
        Build(asset, spec, small, asset.reader(small)).snapshot(*TABLES)

"""The face of a finished lake, in a folder and on S3, beside what the graph's own reader says."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.fs as pf
import pytest
from support.lake import graph_lake

import guyot
from assets.graph.lake import LakeResources as GraphLake
from guyot.errors import MissingError, SettingError
from guyot.lake.lake import Lake
from recipes import RECIPES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GraphLake:
    return graph_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def lake(made: GraphLake) -> Lake:
    return guyot.open_lake(Path(made.store.root))


def test_it_lists_what_there_is(lake: Lake, made: GraphLake) -> None:
    assert lake.mixtures() == sorted(recipe.name for recipe in RECIPES)
    assert {"raw_shards", "pruned_mixtures", "leaderboard", "cluster_scores"} <= set(lake.tables())
    assert made.store.root in repr(lake)


def test_a_table_is_that_of_the_store(lake: Lake, made: GraphLake) -> None:
    store = made.store
    shards = store.partitions("raw_shards")
    assert len(shards) > 1
    found = lake.table("raw_shards", ["doc_id"])
    assert found["doc_id"].to_pylist() == [
        name
        for shard in shards
        for name in store.table(store.required("raw_shards", shard))["doc_id"].to_pylist()
    ]
    assert set(found["partition"].to_pylist()) == set(shards)
    assert lake.table("cluster_scores").equals(store.table(store.required("cluster_scores")))


def test_it_is_read_without_dagster(made: GraphLake) -> None:
    script = (
        "import sys, guyot; lake = guyot.open_lake(sys.argv[1]); mixture = lake.mixture('d4')\n"
        "assert len(list(mixture.texts())) == len(mixture) == len(mixture.kept)\n"
        "lake.explain(mixture.dropped['doc_id'][0].as_py())\n"
        "print([m for m in ('dagster', 'duckdb', 'torch', 'boto3', 'faiss') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, made.store.root], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_lake_on_s3_is_read_like_one_in_a_folder(lake: Lake, made: GraphLake, bucket: str) -> None:
    inside = f"{bucket.removeprefix('s3://')}/a lake"
    remote = pf.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"], region="us-east-1")
    for table in ("raw_shards", "pruned_mixtures", "quality_signals", "cluster_scores"):
        pf.copy_files(
            f"{made.store.root}/{table}", f"{inside}/{table}",
            source_filesystem=pf.LocalFileSystem(), destination_filesystem=remote,
        )  # fmt: skip
    there = guyot.open_lake(f"{bucket}/a lake/")
    assert there.mixtures() == lake.mixtures()
    assert there.mixture("d4").kept.equals(lake.mixture("d4").kept)
    assert list(there.mixture("d4").texts()) == list(lake.mixture("d4").texts())
    name = lake.mixture("d4").dropped["doc_id"][0].as_py()
    assert there.explain(name) == lake.explain(name)


def test_what_is_not_there(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(
        MissingError, match="mixtures/d5 was asked for; the lake .* has none; of pruned_mixtures it"
    ):
        lake.mixture("d5")
    with pytest.raises(MissingError, match="version 0123 was asked for; the lake .* does not hold it"):
        lake.mixture("d4", "0123")
    with pytest.raises(MissingError, match="table shards was asked for; the lake .* has .*raw_shards"):
        lake.table("shards")
    with pytest.raises(MissingError, match="there is nothing"):
        guyot.open_lake(tmp_path / "no lake")


def test_without_pyarrow_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"run `pip install 'guyot\[lake\]'`"):
        guyot.open_lake("anywhere")

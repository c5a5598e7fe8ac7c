"""The catalogue as an asset: rebuilt when a live version changes, and readers keep the file they opened."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assets.graph.lake import Lake
from assets.graph.views import VIEWS
from assets.publish import catalogue


def test_its_rows_are_the_tables_with_their_counts(lake: Lake) -> None:
    manifest = lake.store.required("catalogue")
    rows = {row["table"]: row["rows"] for row in lake.store.table(manifest).to_pylist()}
    assert list(rows) == ["lake_files", "mixtures", *(view.name for view in VIEWS)]
    for name, count in rows.items():
        assert lake.catalogue.query(f'SELECT count(*) AS n FROM "{name}"')["n"].to_pylist() == [count]
    assert rows["raw_shards"] == sum(lake.store.required("raw_shards", s).rows for s in lake.shards())


def test_it_is_made_from_every_live_version_and_is_live(lake: Lake) -> None:
    build_spec = catalogue.spec(lake.catalogue)
    assert build_spec.is_live(lake.store)
    counted = Counter(name.split("/")[0] for name in build_spec.inputs)
    assert counted["raw_shards"] == len(lake.shards())
    assert counted["training_runs"] == 2
    assert build_spec.inputs["cluster_scores/all"] == lake.store.required("cluster_scores").version


def test_a_new_version_and_a_lost_file_make_it_stale(changed: Any) -> None:
    lake = changed()
    assert not catalogue.spec(lake.catalogue).is_live(lake.store)  # the copy's file names the other place
    catalogue.build_catalogue(lake.store, lake.catalogue)
    assert catalogue.spec(lake.catalogue).is_live(lake.store)
    Path(lake.catalogue.path).unlink()
    assert not catalogue.spec(lake.catalogue).is_live(lake.store)
    catalogue.build_catalogue(lake.store, lake.catalogue)
    assert catalogue.spec(lake.catalogue).is_live(lake.store)
    before = lake.store.required("cluster_scores")
    with lake.store.write("cluster_scores", "all", inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(before)[:3])
        writer.table(lake.store.table(before, "clusters.parquet"), "clusters.parquet")
    assert not catalogue.spec(lake.catalogue).is_live(lake.store)
    assert (
        catalogue.catalogue(store=lake.store, catalogue=lake.catalogue).metadata["dagster/row_count"]
        == len(VIEWS) + 2
    )
    assert lake.catalogue.query("SELECT count(*) AS n FROM cluster_scores")["n"].to_pylist() == [3]


def test_a_reader_keeps_the_file_it_opened_while_a_new_one_is_swapped_in(changed: Any) -> None:
    lake = changed()
    catalogue.build_catalogue(lake.store, lake.catalogue)
    shards = lake.shards()
    with lake.catalogue.connect() as reader:
        everything = reader.sql("SELECT count(*) FROM tokenizer").fetchall()
        before = lake.store.required("tokenizer")
        with lake.store.write("tokenizer", "all", inputs={"new": ""}, settings={}, code="") as writer:
            writer.table(lake.store.table(before)[:5])
        catalogue.build_catalogue(lake.store, lake.catalogue)
        assert reader.sql("SELECT count(*) FROM tokenizer").fetchall() == everything
        assert lake.catalogue.query("SELECT count(*) AS n FROM tokenizer")["n"].to_pylist() == [5]
    assert not list(Path(lake.store.root).glob("catalogue.*.tmp*"))
    assert lake.shards() == shards


def test_a_build_that_fails_leaves_the_old_file(changed: Any) -> None:
    lake = changed()
    catalogue.build_catalogue(lake.store, lake.catalogue)
    before = Path(lake.catalogue.path).read_bytes()
    noted = lake.store.required("catalogue")
    scores = lake.store.required("cluster_scores")
    Path(lake.store.file(scores)).write_bytes(b"no parquet")
    with pytest.raises(Exception, match="rows.parquet"):
        catalogue.build_catalogue(lake.store, lake.catalogue)
    assert Path(lake.catalogue.path).read_bytes() == before
    assert lake.store.required("catalogue") == noted

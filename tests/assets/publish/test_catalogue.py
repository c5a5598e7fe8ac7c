"""The catalogue as an asset: rebuilt when a live version changes, and readers keep the file they opened."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.lake import TRAINED, build_asset, catalogue_of, spec_of

from assets.graph import discover
from assets.graph.lake import LakeResources
from assets.graph.views import views


def is_stale(lake: LakeResources) -> bool:
    from assets.graph import plan

    return bool(plan.stale(discover.asset("catalogue"), lake))


def replace(lake: LakeResources, table: str, n_rows: int) -> None:
    """Write a version that has the first rows of the live one, and its other files."""
    before = lake.store.required(table)
    with lake.store.write(table, "all", inputs={"new": ""}, settings={}, code="") as writer:
        writer.table(lake.store.table(before)[:n_rows])
        for name in before.files:
            if name.endswith(".parquet") and name != "rows.parquet":
                writer.table(lake.store.table(before, name), name)


def test_its_rows_are_the_tables_with_their_counts(lake: LakeResources) -> None:
    manifest = lake.store.required("catalogue")
    rows = {row["table"]: row["rows"] for row in lake.store.table(manifest).to_pylist()}
    assert list(rows) == ["lake_files", *(view.name for view in views())]
    for name, count in rows.items():
        assert catalogue_of(lake).query(f'SELECT count(*) AS n FROM "{name}"')["n"].to_pylist() == [count]
    assert rows["raw_shards"] == sum(lake.store.required("raw_shards", s).rows for s in lake.shards())


def test_it_reads_every_table_that_another_group_declares() -> None:
    others = {a.name for a in discover.assets().values() if a.group_name != "publish"}
    assert set(discover.asset("catalogue").deps) == others
    assert "minhash_signatures" in others


def test_it_is_made_from_every_live_version_and_is_live(lake: LakeResources) -> None:
    spec = spec_of(lake, "catalogue")
    assert spec.is_live(lake.store)
    counted = Counter(name.split("/")[0] for name in spec.inputs)
    assert counted["raw_shards"] == len(lake.shards())
    assert counted["training_runs"] == len(TRAINED)
    assert spec.inputs["cluster_scores/all"] == lake.store.required("cluster_scores").version


def test_a_new_version_and_a_lost_file_make_it_stale(changed: Any) -> None:
    lake = changed()
    assert is_stale(lake)  # the copy's file names the other place
    build_asset(lake, "catalogue")
    assert not is_stale(lake)
    Path(catalogue_of(lake).path).unlink()
    assert is_stale(lake)
    build_asset(lake, "catalogue")
    assert not is_stale(lake)
    replace(lake, "cluster_scores", 3)
    assert is_stale(lake)
    (built,) = build_asset(lake, "catalogue")
    assert built.manifest is not None
    assert built.manifest.rows == len(views()) + 1
    assert catalogue_of(lake).query("SELECT count(*) AS n FROM cluster_scores")["n"].to_pylist() == [3]


def test_as_many_rows_of_other_versions_are_another_content(changed: Any) -> None:
    lake = changed()
    build_asset(lake, "catalogue")
    before = lake.store.required("catalogue")
    replace(lake, "cluster_scores", lake.store.required("cluster_scores").rows)
    build_asset(lake, "catalogue")
    after = lake.store.required("catalogue")
    assert lake.store.table(after)[1:] == lake.store.table(before)[1:]  # but for lake_files
    assert after.content != before.content


def test_a_reader_keeps_the_file_it_opened_while_a_new_one_is_swapped_in(changed: Any) -> None:
    lake = changed()
    build_asset(lake, "catalogue")
    with catalogue_of(lake).connect() as reader:
        everything = reader.sql("SELECT count(*) FROM tokenizer").fetchall()
        replace(lake, "tokenizer", 5)
        build_asset(lake, "catalogue")
        assert reader.sql("SELECT count(*) FROM tokenizer").fetchall() == everything
        assert catalogue_of(lake).query("SELECT count(*) AS n FROM tokenizer")["n"].to_pylist() == [5]
    assert not list(Path(lake.store.root).glob("catalogue.*.tmp*"))


def test_a_build_that_fails_leaves_the_old_file(changed: Any) -> None:
    lake = changed()
    build_asset(lake, "catalogue")
    before = Path(catalogue_of(lake).path).read_bytes()
    noted = lake.store.required("catalogue")
    replace(lake, "tokenizer", 5)
    scores = lake.store.required("cluster_scores")
    Path(lake.store.file(scores)).write_bytes(b"no parquet")
    with pytest.raises(Exception, match="rows.parquet"):
        build_asset(lake, "catalogue")
    assert Path(catalogue_of(lake).path).read_bytes() == before
    assert lake.store.required("catalogue") == noted

"""The guard: an asset reads what it declares, and its own earlier versions; anything else raises."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from support.lake import lake_at, reader_of

from assets.graph import discover
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader, UndeclaredReadError

READS: dict[str, Callable[[TableReader, LakeResources], Any]] = {
    "current": lambda reader, _: reader.current("centroids"),
    "required": lambda reader, _: reader.required("centroids"),
    "origin": lambda reader, _: reader.origin("centroids"),
    "manifest": lambda reader, _: reader.manifest("centroids", "all", "v"),
    "pinned": lambda reader, _: reader.pinned("centroids", "all", "v"),
    "partitions": lambda reader, _: reader.partitions("centroids"),
    "table": lambda reader, lake: reader.table(lake.store.required("centroids")),
    "batches": lambda reader, lake: next(reader.batches(lake.store.required("centroids"))),
    "checked": lambda reader, lake: reader.checked(lake.store.required("centroids"), "rows.parquet"),
    "vectors": lambda reader, lake: reader.vectors(lake.store.required("centroids")),
    "whole_vectors": lambda reader, lake: reader.whole_vectors(lake.store.required("centroids")),
    "vector_location": lambda reader, lake: reader.vector_location(lake.store.required("centroids")),
    "require_declared": lambda reader, _: reader.require_declared("raw_shards", "centroids"),
    "narrowed": lambda reader, _: reader.narrowed("another", "raw_shards", "centroids"),
    "file": lambda reader, lake: reader.file(lake.store.required("centroids")),
}


@pytest.mark.parametrize("name", READS)
def test_what_is_not_declared_cannot_be_read(lake: LakeResources, name: str) -> None:
    reader = TableReader(lake.store, "some_asset", frozenset({"raw_shards"}))
    with pytest.raises(UndeclaredReadError, match="some_asset reads centroids; it declares raw_shards; add"):
        READS[name](reader, lake)
    if name not in ("manifest", "pinned"):
        READS[name](reader_of(lake), lake)


def test_a_narrowed_reader_reads_what_it_names_and_no_more(lake: LakeResources) -> None:
    narrowed = reader_of(lake).narrowed("documents", "raw_shards")
    assert narrowed.partitions("raw_shards") == lake.store.partitions("raw_shards")
    with pytest.raises(UndeclaredReadError, match="documents reads centroids; it declares raw_shards; add"):
        narrowed.required("centroids")


def test_every_way_to_read_is_guarded() -> None:
    public = {name for name in vars(TableReader) if not name.startswith("_")}
    assert public - set(READS) == {"root", "scratch_folder"}


def test_an_asset_without_a_declaration_of_what_it_reads_cannot_be_built(changed: Any) -> None:
    """Cut one read after the other out of a declaration: the build, or the spec, misses it."""
    lake = changed()
    asset = discover.asset("cluster_scores")
    spec = asset.spec(lake)
    for left_out in ("raw_shards", "embeddings", "cluster_assignments", "centroids"):
        poorer = dataclasses.replace(asset, reads=tuple(r for r in asset.reads if r.table != left_out))
        build = Build(poorer, spec, lake, poorer.reader(lake))
        with (
            pytest.raises(UndeclaredReadError, match=f"cluster_scores reads {left_out};"),
            lake.store.write("t", "all", inputs={}, settings={}, code="") as writer,
        ):
            assert poorer.build
            poorer.build(build, writer)


def test_a_scratch_folder_is_gone_afterwards(tmp_path: Any) -> None:
    lake = lake_at(tmp_path / "lake", tmp_path)
    with TableReader(lake.store, "a", frozenset()).scratch_folder() as folder:
        (folder / "file").write_text("x")
    assert not folder.exists()

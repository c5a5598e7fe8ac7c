"""Rows of a few documents, read from the live shards of a catalogue."""

import pytest
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from assets.publish.page.live_rows import live_rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def test_rows_are_those_of_the_ids_from_every_shard(lake: LakeResources) -> None:
    tables = [
        lake.store.table(lake.store.required("raw_shards", shard)).to_pylist() for shard in lake.shards()
    ]
    wanted = {row["doc_id"]: {"doc_id": row["doc_id"], "content": row["content"]}
              for table in tables for row in (table[0], table[-1])}  # fmt: skip
    with catalogue_of(lake).connect() as connection:
        found = live_rows(connection, "rows.parquet", [*wanted, "no such id"], "doc_id, content")
        assert found == wanted
        assert live_rows(connection, "rows.parquet", [], "doc_id, content") == {}
        assert live_rows(connection, "no such file", list(wanted), "doc_id, content") == {}

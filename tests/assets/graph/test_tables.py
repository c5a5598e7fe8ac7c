"""A table stated once gives its Arrow schema, Dagster's schema and the lineage of its columns."""

import dagster as dg
import pyarrow as pa

from assets.graph.tables import ColumnSpec, TableSpec

TABLE = TableSpec(
    "sizes",
    "a document",
    (
        ColumnSpec("doc_id", pa.string(), "the document", "raw_shards.doc_id"),
        ColumnSpec("size", pa.int64(), "its size in bytes"),
    ),
)


def test_the_schema_has_the_columns_in_order() -> None:
    assert TABLE.names == ["doc_id", "size"]
    assert TABLE.schema == pa.schema([("doc_id", pa.string()), ("size", pa.int64())])


def test_dagster_is_told_types_and_meanings() -> None:
    columns = {column.name: column for column in TABLE.dagster_schema().columns}
    assert {name: column.type for name, column in columns.items()} == {"doc_id": "string", "size": "int64"}
    assert columns["doc_id"].description == "the document (from raw_shards.doc_id)"
    assert columns["size"].description == "its size in bytes"


def test_the_lineage_is_of_columns_that_are_carried_over() -> None:
    deps = TABLE.dagster_lineage().deps_by_column
    assert list(deps) == ["doc_id"]
    assert list(deps["doc_id"]) == [dg.TableColumnDep(dg.AssetKey("raw_shards"), "doc_id")]

"""Reads some rows of a table's live shards, by the row groups that hold them: never the whole table."""

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_FILES = 'SELECT path FROM lake_files WHERE "table" = ? AND file = ? AND live ORDER BY path'


def live_rows(
    connection: "duckdb.DuckDBPyConnection", file: str, ids: list[str], columns: str
) -> dict[str, dict[str, Any]]:
    """Read the rows of a few documents, by doc_id.

    Parameters
    ----------
    connection : to the catalogue
    file : of raw_shards
    ids : doc_ids
    columns : SQL, doc_id among them

    Notes
    -----
    First their places are found by the ids alone, then those row groups are read.
    """
    files = [path for (path,) in connection.execute(_FILES, ["raw_shards", file]).fetchall()]
    if not files or not ids:
        return {}
    places = connection.execute(
        "SELECT filename, file_row_number FROM read_parquet($files, filename=true, file_row_number=true) "
        "WHERE doc_id IN (SELECT unnest($ids)) ORDER BY ALL",
        {"files": files, "ids": ids},
    ).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for path, group in itertools.groupby(places, key=lambda place: place[0]):
        # numbers written out, not bound: only so does the reader skip the other row groups
        numbers = ", ".join(str(int(number)) for _, number in group)
        answer = connection.sql(
            f"SELECT {columns} FROM read_parquet($file, file_row_number=true) "
            f"WHERE file_row_number IN ({numbers})",
            params={"file": path},
        )
        found |= {row["doc_id"]: row for row in answer.to_arrow_table().to_pylist()}
    return found

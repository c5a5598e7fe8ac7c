"""Finds the document that a person names: by doc_id, path or URI, with a record's key in a file of many."""

import os
import re
from typing import TYPE_CHECKING, Any

from guyot.errors import MissingError
from resources.sources.local_listing import location_of, uri_of

if TYPE_CHECKING:
    import duckdb

DOCUMENT = "SELECT doc_id, source_path, record_key, kind, split, shard, content FROM raw_shards WHERE "
_ID = re.compile(r"[0-9a-f]{8,32}")


def asking(connection: "duckdb.DuckDBPyConnection") -> Any:
    """Return what asks a connection of the catalogue: (sql, *values) -> rows."""

    def ask(sql: str, *values: Any) -> list[dict[str, Any]]:
        return connection.sql(sql, params=list(values)).to_arrow_table().to_pylist()

    return ask


def document_of(rows: Any, what: str) -> dict[str, Any]:
    """Find the one document that is meant, a row of raw_shards.

    Parameters
    ----------
    rows : asks the catalogue, (sql, *values) -> rows

    Raises
    ------
    MissingError : there is none of that name, or several; the message lists what is near.
    """
    found = documents_of(rows, what, *source_of(rows, what))
    if not found:
        raise MissingError(nothing_of(rows, what))
    return found[0]


def documents_of(rows: Any, what: str, path: str, key: str) -> list[dict[str, Any]]:
    """Find the one document that is meant."""
    if _ID.fullmatch(what):
        found = rows(DOCUMENT + "starts_with(doc_id, ?) ORDER BY doc_id LIMIT 6", what)
    else:
        found = rows(
            DOCUMENT + "source_path = ? AND (? = '' OR record_key = ?) ORDER BY record_key LIMIT 6",
            path, key, key,
        )  # fmt: skip
    if not found and what:
        found = rows(DOCUMENT + "record_key = ? ORDER BY source_path LIMIT 6", what)
    if len(found) > 1:
        names = ", ".join(f"{row['source_path']}#{row['record_key']} ({row['doc_id']})" for row in found)
        raise MissingError(f"{what!r} means several documents; name one of them: {names}")
    return found


def source_of(rows: Any, what: str) -> tuple[str, str]:
    """Split a name into the registry's path and a record's key; a path may have a # of its own."""
    first, _, rest = what.partition("#")
    if first.startswith("file://"):
        return _path(rows, location_of(first)) or first, rest
    for end in (len(what), *(at for at, character in enumerate(what) if character == "#")):
        path = _path(rows, what[:end])
        if path is not None:
            return path, what[end + 1 :]
    return first, rest


def _path(rows: Any, given: str) -> str | None:
    """Turn a path of any form into the registry's path, or None."""
    found = rows(
        "SELECT path FROM shard_registry WHERE path = ? OR uri = ? ORDER BY state LIMIT 1",
        given, uri_of(os.path.abspath(given)),
    )  # fmt: skip
    return found[0]["path"] if found else None


def nothing_of(rows: Any, what: str) -> str:
    """Return the error for a document that was not found, with similar names."""
    near = rows(
        "SELECT source_path FROM (SELECT DISTINCT source_path FROM raw_shards) "
        "ORDER BY jaccard(source_path, ?) DESC, source_path LIMIT 3",
        what or " ",  # jaccard takes no empty text
    )
    names = ", ".join(row["source_path"] for row in near) or "none"
    return (
        f"{what!r} was asked for; the lake has no document of that doc_id, source or record_key; "
        f"the nearest sources are {names}"
    )

"""Reads one source file as documents; a bad record costs itself and nothing else."""

import os
from collections.abc import Iterator

from guyot.errors import CorruptError
from resources.json_lines import read_json_lines
from resources.kinds import JSONL, PARQUET
from resources.listing import digest_of, etag_of, message
from resources.parquet_records import read_parquet
from resources.records import Document, RecordFile, Rejected, content_problem, over_limit
from resources.registry import Entry
from resources.settings import Settings

_BOM = b"\xef\xbb\xbf"


def read(entry: Entry, settings: Settings) -> Iterator[Document | Rejected]:
    """Read a source file.

    Parameters
    ----------
    entry : its row of the registry; one with a problem is not opened, but rejected whole
    settings : text_column, id_column and max_document_bytes are used

    Raises
    ------
    CorruptError : the file is not the one that was listed: its digest would stand for another.

    Notes
    -----
    Streams: memory does not grow with the file, but for the keys of its records (`RecordFile`).
    """
    if entry.problem:
        yield Rejected(entry.path, "", -1, -1, entry.problem, entry.detail)
        return
    etag = _check_unchanged(entry)
    limit = settings.max_document_bytes
    if entry.bytes == 0:
        yield Rejected(entry.path, "", 0, 0, "empty_file", "0 bytes")
    elif entry.kind == JSONL:
        yield from read_json_lines(entry.location, RecordFile(entry.path, settings), max_bytes=limit)
    elif entry.kind == PARQUET:
        yield from read_parquet(entry.location, entry.bytes, RecordFile(entry.path, settings))
    else:
        yield _read_document(entry, limit)
    if etag != _etag(entry):
        raise _changed(entry)


def _read_document(entry: Entry, max_bytes: int) -> Document | Rejected:
    """Read a file that is one document."""

    def rejected(reason: str, detail: str) -> Rejected:
        return Rejected(entry.path, "", 0, entry.bytes, reason, detail)

    if entry.bytes > max_bytes:
        return rejected("over_size_limit", over_limit(entry.bytes, max_bytes))
    try:
        with open(entry.location, "rb") as source:
            content = source.read(max_bytes + 1).removeprefix(_BOM)
    except OSError as error:
        return rejected("unreadable", message(error))
    problem = content_problem(content, max_bytes)
    if problem:
        return rejected(*problem)
    return Document(entry.path, "", content.decode(), entry.kind, "{}")


def _check_unchanged(entry: Entry) -> str:
    """Make sure that the file is the one listed; a mere touch does not matter."""
    etag = _etag(entry)
    if etag != entry.etag and _digest(entry) != entry.digest:
        raise _changed(entry)
    return etag


def _etag(entry: Entry) -> str:
    """Name the file's state now; "" if it is gone."""
    return etag_of(entry.location) if os.path.exists(entry.location) else ""


def _digest(entry: Entry) -> str:
    """Hash the file now; "" if it is gone."""
    try:
        return digest_of(entry.location)
    except OSError:
        return ""


def _changed(entry: Entry) -> CorruptError:
    """Say that the registry is behind."""
    return CorruptError(
        f"{entry.path} was listed with {entry.bytes} bytes and digest {entry.digest}; it has "
        f"changed or gone since (then {entry.etag}, now {_etag(entry) or 'gone'}); materialize "
        "shard_registry again"
    )

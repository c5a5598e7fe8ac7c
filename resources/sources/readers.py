"""Reads one source file as documents; a bad record is rejected without affecting the others."""

from collections.abc import Iterator
from typing import BinaryIO

from guyot.errors import CorruptError, UnreachableError
from resources.settings import Settings
from resources.sources.file_types import JSONL, PARQUET
from resources.sources.json_lines import read_json_lines
from resources.sources.local_listing import message
from resources.sources.parquet import read_parquet
from resources.sources.records import Document, RecordFile, RejectedRecord, content_problem, over_limit
from resources.sources.registry import Entry
from resources.sources.source_file import SourceFile, source_file

_BOM = b"\xef\xbb\xbf"


def read(entry: Entry, settings: Settings) -> Iterator[Document | RejectedRecord]:
    """Read a source file.

    Parameters
    ----------
    entry : its row of the registry; a file with a problem is rejected without being opened
    settings : those of `reading` for columns and max_document_bytes are used

    Raises
    ------
    CorruptError : the file has changed since it was listed, so its digest would be wrong.
    UnreachableError : the file is on S3, which did not answer; nothing is rejected for that.

    Notes
    -----
    Streams: memory does not grow with the file, but for the keys of its records (`RecordFile`).
    """
    if entry.problem:
        yield RejectedRecord(entry.path, "", -1, -1, entry.problem, entry.detail)
        return
    file = source_file(entry.location)
    etag = _check_unchanged(entry, file)
    try:
        yield from _records(entry, file, settings)
    except UnreachableError as error:
        if etag != file.etag():
            raise _changed(entry, file) from error
        raise
    if etag != file.etag():
        raise _changed(entry, file)


def _records(entry: Entry, file: SourceFile, settings: Settings) -> Iterator[Document | RejectedRecord]:
    """Read a file according to its kind."""
    limit = settings.reading.max_document_bytes
    if entry.bytes == 0:
        yield RejectedRecord(entry.path, "", 0, 0, "empty_file", "0 bytes")
    elif entry.kind == JSONL:
        yield from read_json_lines(entry.location, RecordFile(entry.path, settings), max_bytes=limit)
    elif entry.kind == PARQUET:
        yield from read_parquet(entry.location, entry.bytes, RecordFile(entry.path, settings))
    else:
        yield _read_document(entry, file, limit)


def _read_document(entry: Entry, file: SourceFile, max_bytes: int) -> Document | RejectedRecord:
    """Read a file that holds one document."""

    def rejected(reason: str, detail: str) -> RejectedRecord:
        return RejectedRecord(entry.path, "", 0, entry.bytes, reason, detail)

    if entry.bytes > max_bytes:
        return rejected("over_size_limit", over_limit(entry.bytes, max_bytes))
    try:
        with file.stream() as source:
            content = _up_to(max_bytes + 1, source).removeprefix(_BOM)
    except OSError as error:
        return rejected("unreadable", message(error))
    problem = content_problem(content, max_bytes)
    if problem:
        return rejected(*problem)
    return Document(entry.path, "", content.decode(), entry.kind, "{}")


def _up_to(n_bytes: int, source: BinaryIO) -> bytes:
    """Read up to `n_bytes` or the end; a single read may return fewer bytes than are available."""
    pieces: list[bytes] = []
    while n_bytes > 0 and (piece := source.read(n_bytes)):
        pieces.append(piece)
        n_bytes -= len(piece)
    return b"".join(pieces)


def _check_unchanged(entry: Entry, file: SourceFile) -> str:
    """Return the file's etag; raise if its bytes changed since it was listed."""
    etag = file.etag()
    if etag != entry.etag and file.digest() != entry.digest:
        raise _changed(entry, file)
    return etag


def _changed(entry: Entry, file: SourceFile) -> CorruptError:
    """Return the error for a file that changed after it was listed."""
    return CorruptError(
        f"{entry.path} was listed with {entry.bytes} bytes and digest {entry.digest}; it has "
        f"changed or gone since (then {entry.etag}, now {file.etag() or 'gone'}); materialize "
        "shard_registry again"
    )

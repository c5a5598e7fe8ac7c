"""Reads one source file as documents; a bad record is rejected without affecting the others."""

from collections.abc import Iterator
from typing import BinaryIO

from guyot.errors import UnreachableError
from resources.setting_groups import EPISODE, IMAGE
from resources.settings import Settings
from resources.sources.episode_records import EpisodeRecordFile, canonical
from resources.sources.file_types import JSONL, METADATA, PARQUET, TAR
from resources.sources.image_folders import ImageFolders
from resources.sources.image_records import ImageRecordFile, identified
from resources.sources.json_lines import read_json_lines
from resources.sources.local_listing import message
from resources.sources.parquet import is_image, read_parquet
from resources.sources.records import (
    MAX_DETAIL_CHARS,
    Document,
    RecordFile,
    RejectedRecord,
    content_problem,
    over_limit,
)
from resources.sources.registry import Entry
from resources.sources.source_file import SourceFile, source_file
from resources.sources.tar_archive import read_tar
from resources.sources.unchanged import changed, check_unchanged

_BOM = b"\xef\xbb\xbf"
NO_FOLDERS = ImageFolders(())


def read(
    entry: Entry, settings: Settings, folders: ImageFolders = NO_FOLDERS
) -> Iterator[Document | RejectedRecord]:
    """Read a source file.

    Parameters
    ----------
    entry : its row of the registry; a file with a problem is rejected without being opened
    settings : those of `reading` for the documents, columns and limits are used
    folders : what the metadata files of the source say of its images

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
    etag = check_unchanged(entry, file)
    try:
        yield from _records(entry, file, settings, folders)
    except UnreachableError as error:
        if etag != file.etag():
            raise changed(entry, file) from error
        raise
    if etag != file.etag() and file.digest() != entry.digest:
        raise changed(entry, file)


def _records(
    entry: Entry, file: SourceFile, settings: Settings, folders: ImageFolders
) -> Iterator[Document | RejectedRecord]:
    """Read a file according to its kind."""
    limit, of_images = settings.reading.max_document_bytes, settings.reading.documents == IMAGE
    record_file = EpisodeRecordFile if settings.reading.documents == EPISODE else RecordFile
    if entry.bytes == 0:
        yield RejectedRecord(entry.path, "", 0, 0, "empty_file", "0 bytes")
    elif entry.kind == JSONL:
        yield from read_json_lines(entry.location, record_file(entry.path, settings), max_bytes=limit)
    elif entry.kind == PARQUET and of_images:
        records = ImageRecordFile(entry.path, settings)
        yield from read_parquet(entry.location, entry.bytes, records, accepts=is_image)
    elif entry.kind == PARQUET:
        yield from read_parquet(entry.location, entry.bytes, record_file(entry.path, settings))
    elif entry.kind == TAR:
        yield from read_tar(entry.location, entry.path, settings)
    elif entry.kind == METADATA:
        yield from folders.rejected(entry, settings)
    elif entry.kind == IMAGE:
        yield _read_image(entry, file, settings, folders)
    else:
        yield _read_document(entry, file, limit)


def _read_image(
    entry: Entry, file: SourceFile, settings: Settings, folders: ImageFolders
) -> Document | RejectedRecord:
    """Read a file that is one image."""
    content = _content(entry, file, settings.reading.max_document_bytes)
    if isinstance(content, RejectedRecord):
        return content
    digest, problem = identified(content, settings)
    if problem:
        reason, detail = problem
        return RejectedRecord(entry.path, "", 0, entry.bytes, reason, detail[:MAX_DETAIL_CHARS])
    said = folders.described(entry.path, settings)
    return Document(entry.path, "", said.caption, IMAGE, said.meta, content, digest)


def _read_document(entry: Entry, file: SourceFile, max_bytes: int) -> Document | RejectedRecord:
    """Read a file that holds one text, or one walk."""
    content = _content(entry, file, max_bytes)
    if isinstance(content, RejectedRecord):
        return content
    content = content.removeprefix(_BOM)
    problem = content_problem(content, max_bytes)
    if problem:
        return RejectedRecord(entry.path, "", 0, entry.bytes, *problem)
    text = content.decode()
    if entry.kind == EPISODE:
        text, problem = canonical(text)
        if problem:
            return RejectedRecord(entry.path, "", 0, entry.bytes, *problem)
    return Document(entry.path, "", text, entry.kind, "{}")


def _content(entry: Entry, file: SourceFile, max_bytes: int) -> bytes | RejectedRecord:
    """Read the bytes of a file that holds one document; one more than the limit, if there are more."""

    def rejected(reason: str, detail: str) -> RejectedRecord:
        return RejectedRecord(entry.path, "", 0, entry.bytes, reason, detail)

    if entry.bytes > max_bytes:
        return rejected("over_size_limit", over_limit(entry.bytes, max_bytes))
    try:
        with file.stream() as source:
            return _up_to(max_bytes + 1, source)
    except OSError as error:
        return rejected("unreadable", message(error))


def _up_to(n_bytes: int, source: BinaryIO) -> bytes:
    """Read up to `n_bytes` or the end; a single read may return fewer bytes than are available."""
    pieces: list[bytes] = []
    while n_bytes > 0 and (piece := source.read(n_bytes)):
        pieces.append(piece)
        n_bytes -= len(piece)
    return b"".join(pieces)

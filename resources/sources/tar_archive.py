"""Reads images with captions from a tar archive, in the form of WebDataset; nothing is unpacked to disk.

Members side by side whose paths are equal up to the first dot of the name are one record: an image, a .txt
with its caption, a .json with other values.
"""

import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import orjson

from guyot.errors import UnreachableError
from resources.settings import Settings
from resources.sources.file_types import IMAGE_EXTENSIONS
from resources.sources.image_records import ImageRecordFile
from resources.sources.records import Document, RejectedRecord, over_limit
from resources.sources.source_file import source_file

CAPTION, VALUES = "txt", "json"
_KEY, _IMAGE, _CAPTION = "\0key", "\0image", "\0caption"  # no field of a record has such a name
_MAX_NAMED = 8
_ERRORS = "backslashreplace"  # of names that are not UTF-8
# a damaged archive can raise any of these
_FAULTS = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, IndexError, RecursionError)


@dataclass
class _Group:
    """The members of one record.

    begin, end : its byte range in the archive
    contents : by extension, of those that are read
    problem : (reason, detail) of a member
    """

    key: str
    begin: int
    end: int = 0
    names: list[str] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    problem: tuple[str, str] | None = None


class _TarRecords(ImageRecordFile):
    """Turns groups of members into documents."""

    def __init__(self, path: str, settings: Settings) -> None:
        super().__init__(path, settings)
        named = settings.reading.image_column.lower().lstrip(".")
        self.extensions = (named,) if named else tuple(e.lstrip(".") for e in IMAGE_EXTENSIONS)
        self.id_column, self.content_columns = _KEY, (_IMAGE,)
        self.text_columns = (_CAPTION, *self.text_columns)

    def of(self, group: _Group) -> Document | RejectedRecord:
        """Convert the next group to a document or a rejected record."""
        where: dict[str, Any] = {"begin": group.begin, "end": group.end}
        extension = next((e for e in self.extensions if e in group.contents), None)
        values, problem = _values(group.contents.get(VALUES))
        problem = group.problem or problem
        if extension is None and not problem:
            members = ", ".join(group.names[:_MAX_NAMED])
            problem = "missing_image", f"{len(group.names)} members: {members}; none is an image that is read"
        if problem:
            return self.rejected(*problem, **where, key=group.key)
        record = {**values, _KEY: group.key, _IMAGE: group.contents[extension or ""]}
        if CAPTION in group.contents:
            record[_CAPTION] = group.contents[CAPTION]
        return self.document(record, **where)


class _Bounded:
    """A file of which no single read is larger than a limit: a header can name any size."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._limit = file, limit
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        if not 0 <= size <= self._limit:
            raise tarfile.ReadError(f"a header asks for {size} bytes; at most {self._limit} are read at once")
        return self._file.read(size)


def read_tar(location: str, path: str, settings: Settings) -> Iterator[Document | RejectedRecord]:
    """Read a .tar file.

    Parameters
    ----------
    location : the file, as `source_file` takes it
    path : the file's path relative to the source root

    Notes
    -----
    Streams: memory is the members of one record, each of at most `reading.max_document_bytes`, and the keys.
    Links, devices and names that lead out of the archive are rejected; hidden files are skipped.
    """
    records = _TarRecords(path, settings)
    limit = settings.reading.max_document_bytes
    group: _Group | None = None
    try:
        with source_file(location).stream() as raw:
            source = cast(Any, _Bounded(raw, limit + 2 * tarfile.RECORDSIZE))
            with tarfile.open(
                fileobj=source, mode="r:", encoding="utf-8", errors="backslashreplace"
            ) as archive:
                while member := _next(archive):
                    where = member.offset, archive.offset
                    problem = _unsafe(member)
                    if problem or not member.isreg() or _is_hidden(member.name):
                        if problem:
                            yield records.rejected("unsafe_member", problem, begin=where[0], end=where[1])
                        continue
                    key, extension = _split(member.name)
                    if group is not None and group.key != key:
                        yield records.of(group)
                        group = None
                    group = group or _Group(key, where[0])
                    _add(group, archive, member, extension, records.extensions, limit)
                    group.end = where[1]
                if group is not None:
                    yield records.of(group)
                yield from _end(archive, source, records)
    except UnreachableError:
        raise
    except _FAULTS as error:
        failed = isinstance(error, OSError) and error.errno is not None
        detail = f"{records.n_records} records were read before: {error}"
        reason = "unreadable" if failed else _reason(str(error))
        yield records.rest(reason, detail, begin=-1 if group is None else group.begin)


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    """Return the next member; those before it are forgotten."""
    member = archive.next()
    archive.members.clear()  # pyright: ignore[reportAttributeAccessIssue]
    if member is not None and (member.size < 0 or archive.offset <= member.offset):
        raise tarfile.ReadError(f"member at byte {member.offset} has a size of {member.size}")
    return member


def _add(
    group: _Group, archive: tarfile.TarFile, member: tarfile.TarInfo, extension: str,
    extensions: tuple[str, ...], limit: int,
) -> None:  # fmt: skip
    """Add a member to its group, and read it if it is one that records are made of."""
    group.names.append(member.name)
    if extension not in (*extensions, CAPTION, VALUES):
        return
    if member.size > limit:
        group.problem = group.problem or (
            "over_size_limit",
            f"{member.name}: {over_limit(member.size, limit)}",
        )
    elif extension in group.contents:
        group.problem = group.problem or ("duplicate_id", f"{member.name} is in the archive twice")
    else:
        opened = archive.extractfile(member)
        group.contents[extension] = opened.read() if opened else b""


def _end(archive: tarfile.TarFile, source: Any, records: _TarRecords) -> Iterator[RejectedRecord]:
    """Reject the rest of an archive that does not end as one does, in a block of zeros."""
    source.seek(archive.offset)
    block = source.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE:
        detail = f"{records.n_records} records were read; the end of the archive is missing"
        yield records.rest("truncated_archive", detail, begin=archive.offset)
    elif any(block):
        detail = f"{records.n_records} records were read; at byte {archive.offset} is no header"
        yield records.rest("damaged_archive", detail, begin=archive.offset)
    elif records.n_records == 0:
        yield records.rest("empty_file", "0 records", begin=0)


def _unsafe(member: tarfile.TarInfo) -> str:
    """Return why a member is not read at all, or nothing."""
    if member.issym() or member.islnk():
        return f"{member.name} is a link to {member.linkname}"
    if not (member.isreg() or member.isdir()):
        return f"{member.name} is no regular file"
    if member.name.startswith("/") or ".." in member.name.split("/") or "\0" in member.name:
        return f"{member.name} leads out of the archive"
    return ""


def _is_hidden(name: str) -> bool:
    """Return whether a member is skipped, as a hidden source file is."""
    return any(part.startswith(".") and part != "." for part in name.split("/"))


def _split(name: str) -> tuple[str, str]:
    """Split a member's name into its record's key and its extension.

    Examples
    --------
    >>> _split("./a.b/00012.seg.PNG")
    ('a.b/00012', 'seg.png')
    """
    folder, base = posixpath.split(posixpath.normpath(name))
    stem, _, extension = base.partition(".")
    return posixpath.join(folder, stem), extension.lower()


def _values(content: bytes | None) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """Read a .json member: its values, and what is wrong with it."""
    if content is None:
        return {}, None
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return {}, ("invalid_json", f".{VALUES}: {error}")
    if not isinstance(values, dict):
        return {}, ("not_an_object", f".{VALUES} holds a JSON {type(values).__name__}")
    return values, None


def _reason(message: str) -> str:
    """Return the reason of a failed read of an archive."""
    is_cut = any(word in message for word in ("unexpected end", "truncated", "empty file"))
    return "truncated_archive" if is_cut else "damaged_archive"

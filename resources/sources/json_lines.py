"""Reads JSON lines, plain or compressed, in memory of about one chunk and one document."""

import contextlib
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from guyot.text.labels import label
from resources.progress import WorkProgress
from resources.sources.records import Document, RecordFile, RejectedRecord, content_problem, over_limit
from resources.sources.source_file import source_file
from resources.sources.unpacking import REASON, OverExpansionError, UnpackingLimits

_CHUNK_BYTES = 1 << 18
# zstd returns nothing of a read that fails in its middle, so reads are short
_ZSTD_CHUNK_BYTES = 1 << 14
_BOM = b"\xef\xbb\xbf"
_WHITESPACE = b" \t\n\r\v\f"
_NOT_WHITESPACE = re.compile(rb"[^ \t\n\r\v\f]")


@dataclass(frozen=True)
class RawLine:
    """Bytes [begin, end) of a stream, without the newline; content is None if over the limit."""

    begin: int
    end: int
    content: bytes | None


class Lines:
    """Splits a stream into lines that are not blank; one over `max_bytes` is counted, not kept."""

    def __init__(self, max_bytes: int) -> None:
        self.begin = 0
        self._max_bytes = max_bytes
        self._pieces: list[bytes] = []
        self._length = 0

    def of(self, read: Callable[[], bytes]) -> Iterator[RawLine]:
        """Yield the lines of what `read` returns, chunk by chunk, until it returns nothing.

        Lines of nothing but whitespace are left out, unless they are over the limit. `begin` is where the
        current line begins; if `read` raises, that of the line it interrupted.
        """
        while chunk := read():
            at = 0
            while (newline := chunk.find(b"\n", at)) >= 0:
                if not self._length and (blank := self._blank_bytes(chunk, at)):
                    self.begin, at = self.begin + blank, at + blank
                    continue
                self._extend(chunk[at:newline])
                at = newline + 1
                line = self._end(newline_bytes=1)
                if not _is_blank(line):
                    yield line
            self._extend(chunk[at:])
        if self._length:
            line = self._end(newline_bytes=0)
            if not _is_blank(line):
                yield line

    def _blank_bytes(self, chunk: bytes, begin: int) -> int:
        """Count the bytes of the blank lines that begin here, together no longer than a line at the limit."""
        if chunk[begin] not in _WHITESPACE:
            return 0
        stop = min(len(chunk), begin + self._max_bytes + 1)
        found = _NOT_WHITESPACE.search(chunk, begin, stop)
        newline = chunk.rfind(b"\n", begin, found.start() if found else stop)
        return newline + 1 - begin if newline >= 0 else 0

    def _extend(self, piece: bytes) -> None:
        """Append to the current line, or drop its content if it is over the limit."""
        self._length += len(piece)
        if self._length > self._max_bytes:
            self._pieces.clear()
        elif piece:
            self._pieces.append(piece)

    def _end(self, *, newline_bytes: int) -> RawLine:
        """Finish the current line."""
        kept = self._length <= self._max_bytes
        begin, end = self.begin, self.begin + self._length
        line = RawLine(begin, end, b"".join(self._pieces) if kept else None)
        self.begin, self._length = end + newline_bytes, 0
        self._pieces.clear()
        return line


def read_json_lines(
    location: str, records: RecordFile, *, max_bytes: int
) -> Iterator[Document | RejectedRecord]:
    """Read a .jsonl, .jsonl.gz or .jsonl.zst file; blank lines are no records.

    Parameters
    ----------
    location : the file, as `source_file` takes it
    records : turns the records into documents
    max_bytes : a longer line is quarantined unread

    Notes
    -----
    Time is linear; a run of blank lines is skipped at once. A compressed file is read as far as
    `records.unpacking` allows for its size. Where it takes longer than some seconds, the bytes read,
    unpacked, are reported. Memory is max_bytes, one chunk, and what `records` keeps.
    """
    lines = Lines(max_bytes)
    progress = WorkProgress(f"reading {label(records.path)}", None, "bytes")
    with contextlib.ExitStack() as stack:
        stack.callback(progress.finish)
        try:
            for line in lines.of(_counted(_open(location, stack, records.unpacking), progress)):
                found = _record(line, records, max_bytes)
                if found is not None:
                    yield found
        except (EOFError, zlib.error, OSError, OverExpansionError) as error:
            detail = f"{records.n_records} records in {lines.begin} bytes were read before: {error}"
            yield records.rest(_fault(error), detail, begin=lines.begin)
            return
    if records.n_records == 0:
        detail = f"no record in {lines.begin} bytes"
        yield records.rest("empty_file", detail, begin=0, end=lines.begin)


def _record(line: RawLine, records: RecordFile, max_bytes: int) -> Document | RejectedRecord | None:
    """Convert a line to a document or a rejected record; None for a first line of only a byte order mark."""
    where: dict[str, Any] = {"begin": line.begin, "end": line.end}
    if line.content is None:
        length = line.end - line.begin
        return records.rejected("over_size_limit", over_limit(length, max_bytes), **where)
    content = line.content
    if line.begin == 0:
        content = content.removeprefix(_BOM)
        if not content.strip():
            return None
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        # a NUL or a byte that is not UTF-8 explains more than the JSON error it causes
        reason, detail = content_problem(content, max_bytes) or ("invalid_json", str(error))
        return records.rejected(reason, detail, **where)
    if not isinstance(value, dict):
        return records.rejected("not_an_object", f"a JSON {type(value).__name__}", **where)
    return records.document(value, **where)


def _is_blank(line: RawLine) -> bool:
    """Return whether a line holds only whitespace."""
    return line.content is not None and not line.content.strip()


def _counted(read: Callable[[], bytes], progress: WorkProgress) -> Callable[[], bytes]:
    """Count the bytes that `read` returns."""

    def counted() -> bytes:
        chunk = read()
        progress.advance(len(chunk))
        return chunk

    return counted


def _open(location: str, stack: contextlib.ExitStack, limits: UnpackingLimits) -> Callable[[], bytes]:
    """Open a file for reading chunk by chunk, unpacked as far as its size allows."""
    file = source_file(location)
    raw: Any = stack.enter_context(file.stream())
    if not location.lower().endswith((".gz", ".zst")):
        return lambda: raw.read(_CHUNK_BYTES)
    packed_bytes = file.size()
    if location.lower().endswith(".gz"):
        unpacked = stack.enter_context(gzip.GzipFile(fileobj=raw))
        # unlike read, read1 loses nothing of what it has when the stream breaks off
        return limits.bounded(lambda: unpacked.read1(_CHUNK_BYTES), packed_bytes)
    stream = stack.enter_context(pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"))
    return limits.bounded(lambda: stream.read(_ZSTD_CHUNK_BYTES), packed_bytes)


def _fault(error: Exception) -> str:
    """Return the reason of a read that ended early: too much, truncated, damaged, or an unreadable file."""
    if isinstance(error, OverExpansionError):
        return REASON
    if isinstance(error, EOFError) or "Truncated" in str(error):
        return "truncated_archive"
    failed = isinstance(error, OSError) and error.errno is not None
    return "unreadable" if failed else "damaged_archive"

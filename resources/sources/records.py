"""What a source file yields: documents, and rejected records with their reasons."""

import bisect
import hashlib
from array import array
from dataclasses import dataclass
from typing import Any

import orjson

from resources.settings import Settings
from resources.sources.unpacking import UnpackingLimits

TEXT_COLUMNS = ("text", "content")
ID_COLUMN = "id"
KIND_COLUMNS = ("kind", "language")
DEFAULT_KIND = "text"
MAX_KIND_CHARS = 64
MAX_META_VALUE_BYTES = 16_384
MAX_DETAIL_CHARS = 500


@dataclass(frozen=True)
class Document:
    """One document.

    source_path : the file's path relative to the source root
    record_key : the record's id or, without one, its ordinal; "" for a file that is one document
    content : the text; of an image its caption, which may be empty
    meta : JSON object of the record's other columns; values over 16,384 bytes are left out
    image : an image's bytes as they were found; None of a text
    pixel_digest : of an image, see `guyot.images.decode.pixel_digest`
    """

    source_path: str
    record_key: str
    content: str
    kind: str
    meta: str
    image: bytes | None = None
    pixel_digest: str = ""


@dataclass(frozen=True)
class RejectedRecord:
    """A record, or the rest of a file, that is not a document.

    byte_begin, byte_end : its byte range, half open; in a compressed file, of the uncompressed bytes;
        -1 where that is unknown, as in Parquet
    reason : one of `resources.sources.reasons.REASONS`
    """

    source_path: str
    record_key: str
    byte_begin: int
    byte_end: int
    reason: str
    detail: str


class RecordFile:
    """Turns the records of one file into documents; remembers the keys it has seen.

    Memory grows with the records: about 150 bytes for each that has an id, 8 for each that has not.

    content_columns : where a document's content can be; of a file without any of them all is rejected, as
        `missing_column`, and of one in which they have another type as `wrong_type`
    unpacking : how far the file may unpack
    """

    missing_column, wrong_type = "missing_text_column", "text_not_a_string"

    def __init__(self, path: str, settings: Settings) -> None:
        self.n_records = 0
        self.path = path
        self.unpacking = UnpackingLimits.of(settings)
        self._max_bytes = settings.reading.max_document_bytes
        named = settings.reading.text_column
        self.text_columns = (named,) if named else TEXT_COLUMNS
        self.id_column = settings.reading.id_column or ID_COLUMN
        self.content_columns = self.text_columns
        self._by_id: dict[bytes, int] = {}
        self._by_ordinal = array("q")

    def rejected(
        self, reason: str, detail: str, *, begin: int = -1, end: int = -1, key: str | None = None
    ) -> RejectedRecord:
        """Reject the next record."""
        record_key = str(self.n_records) if key is None else key
        self.n_records += 1
        return RejectedRecord(self.path, record_key, begin, end, reason, detail[:MAX_DETAIL_CHARS])

    def rest(self, reason: str, detail: str, *, begin: int = -1, end: int = -1) -> RejectedRecord:
        """Reject the rest of the file, as one rejected record."""
        return RejectedRecord(self.path, "", begin, end, reason, detail[:MAX_DETAIL_CHARS])

    def document(
        self, record: dict[str, Any], *, begin: int = -1, end: int = -1
    ) -> Document | RejectedRecord:
        """Convert the next record to a document or a rejected record."""
        key = key_of(record.get(self.id_column))
        text_column = next((n for n in self.text_columns if record.get(n) is not None), None)
        text: Any = record.get(text_column) if text_column else None
        problem = self._text_problem(record, text) or self._key_problem(key)
        if problem:
            return self.rejected(*problem, begin=begin, end=end, key=key)
        kind_column = next((n for n in KIND_COLUMNS if _is_kind(record.get(n))), None)
        kind = record[kind_column].strip().lower() if kind_column else DEFAULT_KIND
        meta = meta_of(record, {text_column, self.id_column, kind_column})
        record_key = self._remember(key)
        return Document(self.path, record_key, as_text(text), kind, meta)

    def _text_problem(self, record: dict[str, Any], text: Any) -> tuple[str, str] | None:
        """Return what is wrong with the text, (reason, detail), or None."""
        if text is None:
            asked = " or ".join(self.text_columns)
            present = "null" if any(n in record for n in self.text_columns) else "absent"
            return "missing_text", f"{asked} is {present}; columns found: {', '.join(record)}"
        if not isinstance(text, str | bytes):
            return "text_not_a_string", f"the text is of type {type(text).__name__}"
        return content_problem(text if isinstance(text, bytes) else text.encode(), self._max_bytes)

    def _key_problem(self, key: str | None) -> tuple[str, str] | None:
        """Return the problem of a key that an earlier document has, (reason, detail), or None."""
        first = self._first_with(str(self.n_records) if key is None else key)
        if first is None:
            return None
        whose = "ordinal" if key is None else "id"
        return "duplicate_id", f"{whose} taken by record {first} of this file, counted from 0"

    def _first_with(self, key: str) -> int | None:
        """Find the ordinal of the document that has a key."""
        found = self._by_id.get(_hashed(key))
        if found is None and key.isascii() and key.isdigit() and len(key) < 19 and self._by_ordinal:
            place = bisect.bisect_left(self._by_ordinal, int(key))
            if place < len(self._by_ordinal) and str(self._by_ordinal[place]) == key:
                return self._by_ordinal[place]
        return found

    def _remember(self, key: str | None) -> str:
        """Remember the key of a document and return it."""
        ordinal = self.n_records
        self.n_records += 1
        if key is None:
            self._by_ordinal.append(ordinal)
            return str(ordinal)
        self._by_id[_hashed(key)] = ordinal
        return key


def content_problem(content: bytes, max_bytes: int) -> tuple[str, str] | None:
    """Return why bytes are not a valid document, (reason, detail), or None if they are.

    Examples
    --------
    >>> content_problem(b"a", 10), content_problem(b" ", 10)
    (None, ('empty_document', '1 bytes of whitespace'))
    """
    if len(content) > max_bytes:
        return "over_size_limit", over_limit(len(content), max_bytes)
    nul = content.find(0)
    if nul >= 0:
        return "nul_byte", f"at byte {nul} of {len(content)}"
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return "invalid_utf8", f"byte {content[error.start]:#04x} at {error.start}: {error.reason}"
    if not text.strip():
        return "empty_document", f"{len(content)} bytes of whitespace"
    return None


def over_limit(n_bytes: int, max_bytes: int) -> str:
    """Return the message for content over the size limit."""
    return f"{n_bytes} bytes are over reading.max_document_bytes={max_bytes}; raise it to read this"


def as_text(text: str | bytes) -> str:
    """Return text as a string; its bytes are known to be UTF-8."""
    return text if isinstance(text, str) else text.decode()


def key_of(value: Any) -> str | None:  # any JSON value
    """Return a record's id as its key, or None if it has none: absent, null, "", or nested too deeply.

    Examples
    --------
    >>> key_of(7), key_of("7"), key_of(None), key_of(1.5)
    ('7', '7', None, '1.5')
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    try:
        written = orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:
        return None
    return None if written == "null" else written


def _is_kind(value: Any) -> bool:
    """Return whether a value can name a kind."""
    return isinstance(value, str) and 0 < len(value.strip()) <= MAX_KIND_CHARS


def _hashed(key: str) -> bytes:
    """Shorten a key to 16 bytes."""
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


def meta_of(record: dict[str, Any], used: set[str | None]) -> str:
    """Write the other columns as JSON, leaving out what is too long or too deep."""
    parts = []
    for name in sorted(record.keys() - used):
        try:
            value = orjson.dumps(record[name], default=_plain, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            continue
        if len(value) <= MAX_META_VALUE_BYTES:
            parts.append(orjson.dumps(name) + b":" + value)
    return (b"{" + b",".join(parts) + b"}").decode()


def _plain(value: Any) -> str:
    """Convert a value that JSON has no form for."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)

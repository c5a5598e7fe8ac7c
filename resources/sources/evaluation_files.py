"""Files of evaluation records, such as a benchmark's: outside the source, and no documents of the lake."""

import functools
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from guyot.errors import SettingError
from guyot.split import HELD_OUT
from resources.settings import Settings
from resources.sources.file_types import JSONL, PARQUET, kind_of
from resources.sources.json_lines import read_json_lines
from resources.sources.parquet import is_text, read_parquet
from resources.sources.records import Document, RecordFile, RejectedRecord, content_problem
from resources.sources.source_file import source_file

HELD_OUT_SET = HELD_OUT  # the name of the lake's own held-out documents among evaluation sets
ID_FIELDS = ("id", "task_id")
_EXTENSIONS = (".gz", ".zst")
_KEY = "\0key"  # no field of a record has that name
_READ_BYTES, _BOM = 1 << 20, b"\xef\xbb\xbf"
# what decides, beside the files, what is read of them
RECORD_SETTINGS = ("contamination.fields", "contamination.id_field", "reading.max_document_bytes")


@dataclass(frozen=True)
class EvaluationFile:
    """A file of evaluation records.

    name : of the evaluation set, the file's name without its extension
    location : an absolute path, or s3://bucket/key
    digest : of its bytes
    """

    name: str
    location: str
    digest: str

    @property
    def path(self) -> str:
        """What stands for the source's path in doc_ids, wherever the file is."""
        return f"evaluation_sets/{posixpath.basename(self.location)}"


class _EvaluationRecords(RecordFile):
    """Turns the records of an evaluation file into documents: their fields that are text, joined.

    columns : of a Parquet file those that are text; else empty
    """

    def __init__(self, file: EvaluationFile, settings: Settings, columns: tuple[str, ...] = ()) -> None:
        super().__init__(file.path, settings)
        self._fields = names_of(settings.contamination.fields)
        own = settings.contamination.id_field
        self._id_fields = (own,) if own else ID_FIELDS
        self.id_column = _KEY
        self.text_columns = self.content_columns = self._fields or columns or ("content",)

    def document(
        self, record: dict[str, Any], *, begin: int = -1, end: int = -1
    ) -> Document | RejectedRecord:
        """Convert the next record to a document or a rejected record."""
        id_field = next((name for name in self._id_fields if name in record), "")
        texts = {name: _bytes_of(value) for name, value in record.items()}
        own = [name for name, text in texts.items() if text is not None and name != id_field]
        names = self._fields or own
        missing = [name for name in names if texts.get(name) is None]
        text = None if missing or not names else b"\n".join(texts[name] or b"" for name in names)
        if text is None:
            what = f"{', '.join(missing)} absent or no text" if missing else "no field is text"
            return self.rejected(
                "missing_text", f"{what}; fields found: {', '.join(record)}", begin=begin, end=end
            )
        value = record.get(id_field)
        key = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
        return super().document({self.text_columns[0]: text, _KEY: key}, begin=begin, end=end)


def evaluation_files(settings: Settings) -> list[EvaluationFile]:
    """List the evaluation files that the settings name, by the names of their sets.

    Raises
    ------
    SettingError : a file is not there or of no known kind, or a name is taken.
    """
    found: dict[str, EvaluationFile] = {}
    for location in names_of(settings.contamination.files):
        name = _set_name(location)
        asked = f"contamination.files names {location}"
        if not kind_of(location):
            raise SettingError(
                f"{asked}; its extension is of no kind that is read; give .jsonl, .parquet or text"
            )
        if name == HELD_OUT_SET or name in found:
            taken = "the lake's held-out documents" if name == HELD_OUT_SET else found[name].location
            raise SettingError(f"{asked}; the evaluation set {name} is {taken} already; rename the file")
        file = source_file(location)
        digest = _digest(location, file.etag())
        if not digest:
            raise SettingError(f"{asked}; there is no such file that can be read; correct the path")
        found[name] = EvaluationFile(name, location, digest)
    return [found[name] for name in sorted(found)]


def read_records(file: EvaluationFile, settings: Settings) -> Iterator[Document | RejectedRecord]:
    """Read an evaluation file's records; a bad one is rejected by itself, as in a source file.

    Notes
    -----
    Streams, but for a file that is one text.
    """
    limit = settings.reading.max_document_bytes
    kind = kind_of(file.location)
    if kind == JSONL:
        yield from read_json_lines(file.location, _EvaluationRecords(file, settings), max_bytes=limit)
    elif kind == PARQUET:
        records = _EvaluationRecords(file, settings, _text_columns(file.location, settings))
        yield from read_parquet(file.location, -1, records)
    else:
        with source_file(file.location).stream() as source:
            content = b"".join(iter(lambda: source.read(_READ_BYTES), b"")).removeprefix(_BOM)
        problem = content_problem(content, limit)
        if problem:
            yield RejectedRecord(file.path, "", 0, len(content), *problem)
        else:
            yield Document(file.path, "", content.decode(), kind, "{}")


def names_of(setting: str) -> tuple[str, ...]:
    """Split a setting at its commas.

    Examples
    --------
    >>> names_of("prompt, test,"), names_of("")
    (('prompt', 'test'), ())
    """
    return tuple(name.strip() for name in setting.split(",") if name.strip())


def _set_name(location: str) -> str:
    """Return a file's name without its extensions."""
    name = posixpath.basename(location)
    for extension in _EXTENSIONS:
        name = name.removesuffix(extension)
    return posixpath.splitext(name)[0] or name


@functools.lru_cache(maxsize=256)
def _digest(location: str, etag: str) -> str:
    """Hash a file, once while its etag stays."""
    return source_file(location).digest() if etag else ""


def _text_columns(location: str, settings: Settings) -> tuple[str, ...]:
    """List the text columns of a Parquet file, without its id; none where it cannot be read."""
    own = settings.contamination.id_field
    try:
        with source_file(location).open_random_access() as source, pq.ParquetFile(source) as file:
            schema = file.schema_arrow
    except (OSError, ValueError):  # which is said of the file when it is read
        return ()
    ids = [name for name in ((own,) if own else ID_FIELDS) if name in schema.names][:1]
    return tuple(name for name in schema.names if is_text(schema.field(name).type) and name not in ids)


def _bytes_of(value: Any) -> bytes | None:
    """Return text as bytes, checked when they are joined; None for what is no text."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else None

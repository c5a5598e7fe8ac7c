"""What versions were made from, of all partitions of a table in one file: for a look at many of them.

    <lake>/.manifests/<table>/rows.parquet     a row per partition: part of the manifest of one version

A row is true of its version as long as the manifest that it was taken from is the one that is there, and that
is looked at: its size and time on disk, its ETag on S3. Which version is live, the pointers alone say. Where
the file is absent, damaged or of before, manifests are read one by one.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from guyot.errors import CorruptError
from guyot.lake.parquet_file import named_damage, opened
from resources.lake.manifest import ROWS
from resources.storage.files import Files

FOLDER = ".manifests"
_COLUMNS = ("key", "version", "content", "code", "inputs", "settings", "file_rows", "state")
_SCHEMA = pa.schema([pa.field(name, pa.string(), nullable=False) for name in _COLUMNS])


class Origin(Protocol):
    """What a version was made from, and its content: a part of its manifest."""

    @property
    def key(self) -> str:
        """Its partition."""
        ...

    @property
    def version(self) -> str:
        """Its version."""
        ...

    @property
    def content(self) -> str:
        """Its content, which what is made from it hashes."""
        ...

    @property
    def code(self) -> str:
        """The version of the code."""
        ...

    @property
    def inputs(self) -> dict[str, str]:
        """The contents that it was made from, by name."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that entered it."""
        ...

    @property
    def file_rows(self) -> dict[str, int]:
        """The rows of each of its files."""
        ...


class Row(NamedTuple):
    """An origin, as a row of the file has it: inputs, settings and rows are JSON, read when asked for.

    A tuple, since there are a hundred thousand, and a dataclass takes three times as long to make.

    state : of the manifest when it was read, by which another in its place is told
    """

    key: str
    version: str
    content: str
    code: str
    inputs_text: str
    settings_text: str
    file_rows_text: str
    state: str = ""

    @property
    def inputs(self) -> dict[str, str]:
        """The contents that it was made from, by name."""
        return json.loads(self.inputs_text)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that entered it."""
        return _settings(self.settings_text)

    @property
    def file_rows(self) -> dict[str, int]:
        """The rows of each of its files."""
        return json.loads(self.file_rows_text)

    @classmethod
    def of(cls, origin: Origin, state: str = "") -> "Row":
        """Take part of a manifest."""
        inputs, settings, rows = map(json_text, (origin.inputs, origin.settings, origin.file_rows))
        return cls(origin.key, origin.version, origin.content, origin.code, inputs, settings, rows, state)


def json_text(fields: Mapping[str, Any]) -> str:
    """Write fields as rows have them."""
    return json.dumps(fields, sort_keys=True)


def uri_of(files: Files, table: str) -> str:
    """Return where the file of a table lies."""
    return "/".join((files.root, FOLDER, table, ROWS))


def tables(files: Files) -> list[str]:
    """List the tables that have such a file."""
    folder = f"{files.root}/{FOLDER}"
    found = (file.uri.removeprefix(f"{folder}/").rpartition("/") for file in files.walk(folder))
    return sorted(table for table, _, name in found if name == ROWS)


def read(files: Files, table: str) -> dict[str, Row]:
    """Read the rows of a table, by partition; none where there is no file.

    Raises
    ------
    CorruptError : the file is not what was written.
    """
    uri = uri_of(files, table)
    try:
        content = pa.BufferReader(files.read(uri))  # at once: another may replace it
    except FileNotFoundError:
        return {}
    with named_damage(uri), opened(content, uri, is_remote=False) as file:
        if file.schema_arrow.names != list(_COLUMNS):
            raise CorruptError(f"{uri} has the columns {', '.join(file.schema_arrow.names)}")
        columns = [column.to_pylist() for column in file.read().columns]
    return {row.key: row for row in map(Row._make, zip(*columns, strict=True))}


def differences(rows: Iterable[Row], manifests: Mapping[tuple[str, str], Origin]) -> list[str]:
    """List the partitions whose row is not what the manifest of its version says.

    Parameters
    ----------
    manifests : those of the table that are there, by key and version; of another one a row says nothing
    """
    known = ((row, manifests.get((row.key, row.version))) for row in rows)
    return [row.key for row, one in known if one is not None and row != Row.of(one, row.state)]


def content_of(rows: Iterable[Row]) -> bytes:
    """Return the bytes of a file of rows, one for each partition."""
    in_order = sorted(rows, key=lambda row: row.key)
    columns = zip(*in_order, strict=True)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _SCHEMA, compression="zstd", write_page_checksum=True) as file:
        file.write_table(pa.table([pa.array(column, pa.string()) for column in columns], schema=_SCHEMA))
    return sink.getvalue().to_pybytes()


@functools.lru_cache(maxsize=256)
def _settings(text: str) -> dict[str, Any]:
    """Read settings, which most partitions of a table share."""
    return json.loads(text)

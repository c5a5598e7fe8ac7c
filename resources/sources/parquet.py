"""Reads the records of a Parquet file, batch by batch."""

import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from resources.sources.parquet_footer import require_describable
from resources.sources.records import KIND_COLUMNS, Document, RecordFile, RejectedRecord
from resources.sources.row_group_limits import row_group
from resources.sources.source_file import source_file
from resources.sources.unpacking import REASON

_ROW_BYTES = 8  # that a row without a byte counts
_REPEATS = 50  # times as far as a page rows may unpack: what every row repeats is stored once
_HOLDS_BYTES = (pt.is_binary, pt.is_large_binary, pt.is_binary_view, pt.is_fixed_size_binary)


def is_text(type_: pa.DataType) -> bool:
    """Return whether a column holds strings or bytes."""
    return any(test(type_) for test in (pt.is_string, pt.is_large_string, pt.is_string_view, *_HOLDS_BYTES))


def is_image(type_: pa.DataType) -> bool:
    """Return whether a column holds bytes, or the structs of bytes and path of an image of Hugging Face's.

    Examples
    --------
    >>> is_image(pa.struct([("bytes", pa.binary()), ("path", pa.string())])), is_image(pa.string())
    (True, False)
    """
    if pt.is_struct(type_):
        return type_.get_field_index("bytes") >= 0 and is_image(type_.field("bytes").type)
    return any(test(type_) for test in _HOLDS_BYTES)


def read_parquet(
    location: str, n_bytes: int, records: RecordFile, *, accepts: Callable[[pa.DataType], bool] = is_text
) -> Iterator[Document | RejectedRecord]:
    """Read a Parquet file whose text column is a string or UTF-8 bytes, or whose images are bytes.

    Of the other columns, scalars and lists of them go into the documents' meta; dates, times and
    decimals as strings.

    Parameters
    ----------
    location : the file, as `source_file` takes it
    n_bytes : its size
    records : turns the records into documents
    accepts : which types the column of the content may have

    Notes
    -----
    The headers of pages are read first: a row group with a page beyond `records.unpacking` is rejected, and
    a column of meta with one is left out there. So is the rest of a file whose rows are together more than 50
    times what `records.unpacking` allows for its size. Memory is a batch of about 4 MB, of 64 MB where values
    may be that large, and one page of each column; a list in a cell is always held in full.
    """
    opened, total = source_file(location), -1
    try:
        with (
            opened.open_random_access() as source,
            pq.ParquetFile(source, buffer_size=opened.piece_bytes, pre_buffer=False) as file,
            opened.stream() as headers,
        ):
            total = file.metadata.num_rows
            whole = _problem(file.schema_arrow, total, records, accepts)
            if whole:
                yield records.rest(*whole, begin=0, end=n_bytes)
                return
            require_describable(file, headers)
            yield from _rows(file, headers, records, n_bytes)
    except (pa.ArrowException, OSError, ValueError) as error:
        failed = isinstance(error, OSError) and error.errno is not None
        read = f"{records.n_records} of {total} rows" if total >= 0 else "nothing"
        detail = f"{read} could be read: {error}"
        yield records.rest("unreadable" if failed else "invalid_parquet", detail, end=n_bytes)


def _rows(
    file: pq.ParquetFile, headers: BinaryIO, records: RecordFile, n_bytes: int
) -> Iterator[Document | RejectedRecord]:
    """Read the row groups, as far as the file's size allows."""
    names = _wanted(file.schema_arrow, records)
    needed = {*records.content_columns, *records.text_columns, records.id_column, *KIND_COLUMNS}
    limits, packed_bytes = records.unpacking, headers.seek(0, os.SEEK_END)
    left = limits.allowed(packed_bytes, _REPEATS)
    for number in range(file.metadata.num_row_groups):
        if not file.metadata.row_group(number).num_rows:  # a column of it may lie nowhere
            continue
        group = row_group(file, number, headers, columns=names, needed=needed, limits=limits)
        if group.problem:
            reason, detail = group.problem
            end = records.n_records + file.metadata.row_group(number).num_rows
            yield records.rest(reason, f"rows {records.n_records} to {end}: {detail}")
            records.n_records = end
            continue
        # threads of Arrow's own take longer than such batches do
        for batch in file.iter_batches(group.batch_rows, [number], list(group.columns), use_threads=False):
            decoded = _decoded(batch)
            left -= decoded.nbytes + decoded.num_rows * _ROW_BYTES
            if left < 0:
                read = f"{records.n_records} of {file.metadata.num_rows} rows were read before"
                yield records.rest(
                    REASON, f"{read}: {limits.explained(packed_bytes, 'a file', _REPEATS)}", end=n_bytes
                )
                return
            yield from _documents(decoded, records)


def _decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with each value in its place, not as a number in a dictionary."""
    columns = [c.dictionary_decode() if pt.is_dictionary(c.type) else c for c in batch.columns]
    return pa.record_batch(columns, names=batch.schema.names)


def _problem(
    schema: pa.Schema, total: int, records: RecordFile, accepts: Callable[[pa.DataType], bool]
) -> tuple[str, str] | None:
    """Return why no row can be a document, or None if rows can be."""
    contents = [name for name in records.content_columns if name in _single(schema)]
    if not contents:
        asked, found = " or ".join(records.content_columns), ", ".join(schema.names)
        return records.missing_column, f"{total} rows have no {asked}; columns found: {found}"
    if total == 0:
        return "empty_file", "0 rows"
    types = [_stored(schema.field(name).type) for name in contents]
    if not any(accepts(type_) for type_ in types):
        return records.wrong_type, f"{total} rows have a {contents[0]} of type {types[0]}"
    return None


def _wanted(schema: pa.Schema, records: RecordFile) -> list[str]:
    """List the columns that are read."""
    wanted = {*records.content_columns, *records.text_columns, records.id_column, *KIND_COLUMNS}
    return [n for n in _single(schema) if n in wanted or _fits_meta(_stored(schema.field(n).type))]


def _single(schema: pa.Schema) -> list[str]:
    """List the columns whose names are unique."""
    return [name for name in schema.names if len(schema.get_all_field_indices(name)) == 1]


def _documents(batch: pa.RecordBatch, records: RecordFile) -> Iterator[Document | RejectedRecord]:
    """Convert a batch's rows to documents and rejected records."""
    columns: dict[str, list[Any]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        as_bytes = name in records.text_columns or name in records.content_columns
        values = _python_values(column, as_bytes=as_bytes)
        if values is not None:
            columns[name] = values
    for row in range(batch.num_rows):
        yield records.document({name: values[row] for name, values in columns.items()})


def _python_values(column: pa.Array, *, as_bytes: bool) -> list[Any] | None:
    """Return a column as Python values, strings as bytes on demand; None if it has no such form."""
    if as_bytes and is_image(column.type) and pt.is_struct(column.type):
        return _image_structs(column)
    if is_text(column.type):
        # through bytes: a stored string need not be UTF-8
        values = column.cast(pa.large_binary()).to_pylist()
        return values if as_bytes else [_escaped(value) for value in values]
    try:
        if pt.is_temporal(column.type) or pt.is_decimal(column.type):
            column = column.cast(pa.string())
        return column.to_pylist()
    except (pa.ArrowException, UnicodeDecodeError, ValueError):
        return None


def _image_structs(column: pa.Array) -> list[Any]:
    """Return images as Python values: their bytes and their path; None where there is no image."""
    has_path = column.type.get_field_index("path") >= 0 and is_text(column.type.field("path").type)
    contents = pc.struct_field(column, "bytes").to_pylist()
    paths = _python_values(pc.struct_field(column, "path"), as_bytes=False) if has_path else None
    both = zip(contents, paths or [None] * len(contents), column.is_valid().to_pylist(), strict=True)
    return [{"bytes": content, "path": path} if is_there else None for content, path, is_there in both]


def _escaped(value: bytes | None) -> str | None:
    r"""Return bytes as a string, the wrong ones written as \xNN."""
    return None if value is None else value.decode("utf-8", "backslashreplace")


def _stored(type_: pa.DataType) -> pa.DataType:
    """Return the value type of a dictionary type, or the type itself."""
    return type_.value_type if pt.is_dictionary(type_) else type_


def _fits_meta(type_: pa.DataType) -> bool:
    """Return whether a column is a scalar or a list of scalars."""
    if pt.is_list(type_) or pt.is_large_list(type_) or pt.is_fixed_size_list(type_):
        return _fits_meta(type_.value_type) and not pt.is_nested(type_.value_type)
    return not pt.is_nested(type_)

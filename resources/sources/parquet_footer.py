"""Whether pyarrow can describe the columns of a Parquet file, seen in its footer before it is asked.

Where a column's statistics contradict its type, or a column is encrypted, pyarrow ends the whole process:
what C++ throws in `RowGroupMetaData.column` (pyarrow 26) nobody can catch. Reading rows raises an error.
"""

import os
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from resources.sources.thrift_compact import I64, LIST, STRUCT, CompactReader, Field, Wanted

_TAIL_BYTES, _MAGIC = 8, b"PAR1"
_ROW_GROUPS, _COLUMNS, _META_DATA, _ENCRYPTION, _SIZE_STATISTICS = 4, 1, 3, 8, 16
_TEXT_BYTES, _REPETITIONS, _DEFINITIONS = 1, 2, 3
_STATISTICS = Field(
    STRUCT, {_TEXT_BYTES: Field(I64), _REPETITIONS: Field(LIST, {}, I64), _DEFINITIONS: Field(LIST, {}, I64)}
)
_CHUNK: Wanted = {_META_DATA: Field(STRUCT, {_SIZE_STATISTICS: _STATISTICS}), _ENCRYPTION: Field(STRUCT)}
_WANTED: Wanted = {_ROW_GROUPS: Field(LIST, {_COLUMNS: Field(LIST, _CHUNK, STRUCT)}, STRUCT)}


def require_describable(file: pq.ParquetFile, source: BinaryIO) -> None:
    """Refuse a file of which pyarrow cannot describe every column.

    Parameters
    ----------
    source : the same file; its footer is read

    Raises
    ------
    ValueError : it cannot, or the footer is not what pyarrow takes it for.

    Notes
    -----
    Some 0.2 microseconds for a byte of the footer.
    """
    groups = _footer(source).get(_ROW_GROUPS, [])
    leaves = [file.schema.column(leaf) for leaf in range(len(file.schema))]
    counts = [len(group.get(_COLUMNS, [])) for group in groups]
    if counts != [len(leaves)] * file.metadata.num_row_groups:
        raise ValueError(
            f"a footer of {len(counts)} row groups, of up to {max(counts, default=0)} columns, where "
            f"{file.metadata.num_row_groups} of {len(leaves)} are read"
        )
    for group in groups:
        for leaf, chunk in zip(leaves, group.get(_COLUMNS, []), strict=True):
            if problem := _problem(leaf, chunk):
                raise ValueError(f"column {leaf.path} {problem}")


def _footer(source: BinaryIO) -> dict[int, Any]:
    """Read what is wanted of the footer."""
    n_bytes = source.seek(0, os.SEEK_END)
    source.seek(max(n_bytes - _TAIL_BYTES, 0))
    tail = source.read(_TAIL_BYTES)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > n_bytes - _TAIL_BYTES:
        raise ValueError(f"no footer: the file of {n_bytes} bytes ends in {tail!r}")
    source.seek(n_bytes - _TAIL_BYTES - length)
    try:
        return CompactReader(source.read(length)).struct(_WANTED)
    except IndexError as error:
        raise ValueError(f"the footer of {length} bytes does not end") from error


def _problem(leaf: pq.ColumnSchema, chunk: dict[int, Any]) -> str:
    """Say why a column cannot be described, if it cannot."""
    if _ENCRYPTION in chunk:
        return "is encrypted"
    statistics = chunk.get(_META_DATA, {}).get(_SIZE_STATISTICS, {})
    for number, level, name in (
        (_REPETITIONS, leaf.max_repetition_level, "repetition"),
        (_DEFINITIONS, leaf.max_definition_level, "definition"),
    ):
        n_levels = len(statistics.get(number, []))
        if n_levels not in (0, level + 1):
            return f"has a histogram of {n_levels} {name} levels, where there are {level + 1}"
    if _TEXT_BYTES in statistics and leaf.physical_type != "BYTE_ARRAY":
        return f"has bytes of texts in its statistics and is of type {leaf.physical_type}"
    return ""

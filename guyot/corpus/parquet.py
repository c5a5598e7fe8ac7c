# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""Parquet files as records; needs pyarrow, which `guyot[parquet]` brings."""

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from guyot.corpus.records import ID_COLUMN, KIND_COLUMNS, TEXT_COLUMNS, Records, Rejected, Row
from guyot.errors import CorruptError, SettingError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

SUFFIX = ".parquet"
BATCH_ROWS = 1024


def read_parquet(path: str, text_column: str, id_column: str) -> Iterator[Row | Rejected]:
    """Read the rows of a Parquet file, of the columns that are needed.

    Raises
    ------
    SettingError : pyarrow is not installed, or the file has no column of text.
    CorruptError : it cannot be decoded.
    """
    wanted = (text_column,) if text_column else TEXT_COLUMNS
    records, number = Records(text_column, id_column), 0
    with parquet_file(path) as file:
        names = file.schema_arrow.names
        if not set(wanted) & set(names):
            asked = " or ".join(wanted)
            raise SettingError(
                f"{path} has no column {asked}; its columns are {', '.join(names)}; name that of the text"
            )
        columns = [name for name in names if name in {*wanted, id_column or ID_COLUMN, *KIND_COLUMNS}]
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            for value in batch.to_pylist():
                yield records.read(number, value)
                number += 1


@contextlib.contextmanager
def parquet_file(path: str) -> Generator["pq.ParquetFile"]:
    """Open a Parquet file.

    Raises
    ------
    SettingError : pyarrow is not installed.
    CorruptError : the file cannot be decoded.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise SettingError(
            f"{path} is a Parquet file, which pyarrow reads and writes; it is not installed; "
            "run `pip install 'guyot[parquet]'`"
        ) from error
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except pa.ArrowInvalid as error:
        raise CorruptError(f"{path} was to be read as Parquet; it cannot be decoded: {error}") from error


def is_parquet(path: str) -> bool:
    """Return whether a file's name is that of a Parquet file."""
    return path.lower().endswith(SUFFIX)


def copy_rows(source: str, target: str, kept: NDArray[np.bool_]) -> None:
    """Copy the rows that are kept, with all columns, in batches.

    Parameters
    ----------
    kept : bool[m], of the first rows; those after them are left out
    """
    with parquet_file(source) as file:
        import pyarrow as pa
        import pyarrow.parquet as pq

        begin = 0
        with pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as sink:
            for batch in file.iter_batches(BATCH_ROWS):
                here = kept[begin : begin + batch.num_rows]
                mask = np.zeros(batch.num_rows, np.bool_)
                mask[: len(here)] = here
                if mask.any():
                    sink.write_batch(batch.filter(pa.array(mask)))
                begin += batch.num_rows

"""What of a Parquet row group can be read within bounds, and in how many rows at once."""

from dataclasses import dataclass
from typing import BinaryIO

import pyarrow.parquet as pq

from resources.sources.parquet_pages import Page, pages
from resources.sources.unpacking import REASON, UnpackingLimits

_BATCH_BYTES = 4_000_000  # of a batch of mean rows
_MAX_BATCH_BYTES = 64_000_000  # of a batch of the largest rows that there can be
_MAX_BATCH_ROWS = 1024
_VALUE_BYTES = 8
_LARGEST_TO_MEAN, _SHARE_OF_PAGE = 64, 16  # of a value of a dictionary
_PAGE_REASON = "page_too_large"


@dataclass(frozen=True)
class RowGroup:
    """How a row group is read.

    columns : those of the columns asked for that are read
    batch_rows : rows at once
    problem : why no row of it is read, (reason, detail), or None
    """

    columns: tuple[str, ...]
    batch_rows: int
    problem: tuple[str, str] | None = None


def row_group(
    file: pq.ParquetFile, number: int, source: BinaryIO, *, columns: list[str], needed: set[str],
    limits: UnpackingLimits,
) -> RowGroup:  # fmt: skip
    """Look at the pages of a row group before any is unpacked.

    Parameters
    ----------
    file : open, at the row group `number`
    source : the same file, to read headers of pages from
    columns : what is asked for
    needed : without these of them no row can be read; others are left out where they are beyond a limit

    Raises
    ------
    ValueError : bytes that are no pages.

    Notes
    -----
    Reads some bytes of each page; on S3, where they are read in larger pieces, up to the whole row group.
    """
    group = file.metadata.row_group(number)
    left_out: set[str] = set()
    worst_row = 1
    for leaf in range(group.num_columns):
        chunk = group.column(leaf)
        name = _column_of(chunk.path_in_schema, columns)
        if not name or name in left_out:
            continue
        of_lists = file.schema.column(leaf).max_repetition_level > 0
        largest, problem = _largest_value(chunk, source, limits, of_lists=of_lists)
        if problem and name in needed:
            reason, detail = problem
            return RowGroup((), 0, (reason, f"column {name}: {detail}"))
        if problem:
            left_out.add(name)
        worst_row += 0 if of_lists else largest
    mean_row = group.total_byte_size // max(group.num_rows, 1)
    rows = min(_BATCH_BYTES // max(mean_row, 1), _MAX_BATCH_BYTES // worst_row, _MAX_BATCH_ROWS)
    return RowGroup(tuple(name for name in columns if name not in left_out), max(rows, 1))


def _column_of(path: str, columns: list[str]) -> str:
    """Return the column that a leaf is of, or nothing.

    Examples
    --------
    >>> _column_of("a.b.bytes", ["a", "a.b"]), _column_of("ab", ["a"])
    ('a.b', '')
    """
    of = [name for name in columns if path == name or path.startswith(f"{name}.")]
    return max(of, key=len, default="")


def _largest_value(
    chunk: pq.ColumnChunkMetaData, source: BinaryIO, limits: UnpackingLimits, *, of_lists: bool
) -> tuple[int, tuple[str, str] | None]:
    """Return the most bytes that a value of a column can take on average over some pages, and a problem."""
    begins = (chunk.data_page_offset, chunk.dictionary_page_offset)
    begin = min(at for at in begins if at)
    largest = 0
    for page in pages(source, begin, begin + chunk.total_compressed_size):
        unpacked = max(page.unpacked_bytes, page.n_values * _VALUE_BYTES if of_lists else 0)
        if unpacked > limits.max_page_bytes:
            return 0, (
                _PAGE_REASON,
                f"a page unpacks to {unpacked} bytes; raise reading.max_page_bytes={limits.max_page_bytes} "
                "to read it",
            )
        if unpacked > limits.allowed(page.packed_bytes):
            return 0, (REASON, limits.explained(page.packed_bytes, "a page"))
        largest = max(largest, _bytes_of_a_value(page))
    return largest, None


def _bytes_of_a_value(page: Page) -> int:
    """Return how large a page's values can be: on average, or a large one each time where they are repeated.

    Of a dictionary it is 64 times the mean, and a sixteenth of the page at least, so that columns of ordinary
    dictionaries are read many rows at once; a batch of crafted ones is up to 16 times as large.
    """
    if page.repeats:
        return page.unpacked_bytes
    mean = page.unpacked_bytes // max(page.n_values, 1)
    if not page.is_dictionary:
        return mean
    return min(page.unpacked_bytes, max(_LARGEST_TO_MEAN * mean, page.unpacked_bytes // _SHARE_OF_PAGE))

"""The rows of a query: a table that fits the terminal, lines for a pipe, CSV or JSON."""

import csv
import decimal
import json
import math
import sys
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from rich.cells import cell_len
from rich.table import Table

from jobs.cli import terminal

FRAME_COLUMNS = 3  # that a table's frame and padding take beside each cell, and one more at its end
MIN_CELL_COLUMNS = 8  # where cells would be narrower, each row is written under the one before


def write(found: pa.Table, form: str) -> None:
    """Print a query's rows to stdout.

    found : of any column types, rows of it may share their names
    form  : "csv" or "json", whole and unchanged; "table" for a person: on a terminal one line a row, cut to
            its width, else lines of tab-separated cells, whole, in which what cannot be shown is an escape
    """
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(found.column_names)
        writer.writerows(_rows(found))
    elif form == "json":
        json.dump(_plain(found.to_pylist()), sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    elif terminal.out.is_terminal:
        _show(found, terminal.out.width)
    else:
        for row in (found.column_names, *_rows(found)):
            sys.stdout.write("\t".join(terminal.cell(value).plain for value in row) + "\n")


def _rows(found: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows; columns of one name stay apart."""
    if found.num_columns:
        yield from zip(*(column.to_pylist() for column in found.columns), strict=True)


def _show(found: pa.Table, columns: int) -> None:
    """Print a table of a terminal's width, or where that is too narrow each row's cells below each other."""
    rows = [tuple(terminal.cell(value, columns) for value in row) for row in _rows(found)]
    heads = [terminal.cell(head, columns) for head in found.column_names]
    natural = [max(cell_len(one.plain) for one in column) for column in zip(heads, *rows, strict=True)]
    room = columns - FRAME_COLUMNS * len(heads) - 1
    if room < sum(min(width, MIN_CELL_COLUMNS) for width in natural):
        _show_records(heads, rows, columns)
        return
    table = Table()
    widths = fitting(natural, room)
    for line in (heads, *rows):
        for one, width in zip(line, widths, strict=True):
            one.truncate(width, overflow="ellipsis")
    for head in heads:
        table.add_column(head, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    terminal.out.print(table)


def _show_records(heads: list[Any], rows: list[tuple[Any, ...]], columns: int) -> None:
    """Print each row as lines of a column's name and its value."""
    for head in heads:
        head.truncate(columns // 3, overflow="ellipsis")
    margin = max(cell_len(head.plain) for head in heads) + 2
    for number, row in enumerate(rows, 1):
        terminal.out.print(f"row {number:,} of {len(rows):,}", style="bold", highlight=False)
        for head, value in zip(heads, row, strict=True):
            value.truncate(max(1, columns - margin), overflow="ellipsis")
            padding = " " * (margin - cell_len(head.plain))
            terminal.out.print(head, padding, value, sep="", no_wrap=True, crop=True)


def fitting(natural: list[int], room: int) -> list[int]:
    """Return widths that together are at most `room`: narrow columns in full, wide ones cut to equal widths.

    natural : width that each column would take, in terminal columns
    room    : of terminal columns for all of them; at least one for each

    Examples
    --------
    >>> fitting([4, 100, 30], 54), fitting([4, 5], 54)
    ([4, 25, 25], [4, 5])
    """
    left, widths = room, [0] * len(natural)
    narrow_first = sorted(range(len(natural)), key=natural.__getitem__)
    for done, column in enumerate(narrow_first):
        widths[column] = min(natural[column], left // (len(natural) - done))
        left -= widths[column]
    return widths


def _plain(value: Any) -> Any:
    """Convert a value to JSON: NaN to null, and a decimal, such as a sum of integers, to a number."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)

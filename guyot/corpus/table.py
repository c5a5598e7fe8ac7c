# pyright: standard, reportMissingTypeStubs=false
# (pyarrow and pandas have no types)
"""A small table of columns in numpy, for what a mixture shows; Arrow and pandas take it over."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, MissingError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Value = str | int | float | bool | None
_SHOWN_ROWS = 20
_SHOWN_CHARS = 80


@dataclass(frozen=True, repr=False)
class Table:
    """Columns of one length, in order.

    columns : by name; integers are rows of the corpus, and below 0 there is none, as with a float of nan

    Raises
    ------
    ArrayError : columns of different lengths.

    Examples
    --------
    >>> table = Table({"row": np.array([0, -1]), "score": np.array([0.5, np.nan])})
    >>> len(table), table["score"][0].item(), list(table)
    (2, 0.5, [{'row': 0, 'score': 0.5}, {'row': None, 'score': None}])
    """

    columns: Mapping[str, NDArray[np.generic]]

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ArrayError(f"all columns need one length; got {lengths}")

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.columns)

    def __len__(self) -> int:
        """Count the rows."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        """Return a column: any[n].

        Raises
        ------
        MissingError : there is none of that name.
        """
        if name not in self.columns:
            raise MissingError(f"column {name!r} was asked for; choose from {', '.join(self.columns)}")
        return self.columns[name]

    def __iter__(self) -> Iterator[dict[str, Value]]:
        """Yield the rows, as plain values; None where there is none."""
        values = [_plain(column) for column in self.columns.values()]
        for row in zip(*values, strict=True):
            yield dict(zip(self.columns, row, strict=True))

    def to_arrow(self) -> "pa.Table":
        """Copy into a pyarrow table; needs pyarrow."""
        import pyarrow as pa

        return pa.table({name: pa.array(_plain(column)) for name, column in self.columns.items()})

    def to_pandas(self) -> "pd.DataFrame":
        """Copy into a pandas table; needs pandas."""
        import pandas as pd

        return pd.DataFrame({name: pd.array(_plain(c)) for name, c in self.columns.items()})

    def __repr__(self) -> str:
        """Show the columns and how many rows there are."""
        return f"Table of {len(self):,} rows: {', '.join(self.columns)}"

    def _repr_html_(self) -> str:
        """Show the first rows in a notebook."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        shown = Table({name: column[:_SHOWN_ROWS] for name, column in self.columns.items()})
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(v))}</td>" for v in row.values()) + "</tr>"
            for row in shown
        )
        more = f"<p>{len(self):,} rows</p>" if len(self) > _SHOWN_ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _plain(column: NDArray[np.generic]) -> list[Value]:
    """Turn a column into plain values, None where there is none."""
    values: list[Value] = column.tolist()
    if column.dtype.kind == "f":
        return [None if value != value else value for value in values]
    if column.dtype.kind == "i":
        return [None if isinstance(value, int) and value < 0 else value for value in values]
    return values


def _cell(value: Value) -> str:
    """Write a value in few characters."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"

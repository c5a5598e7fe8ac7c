"""The small table of what a mixture shows."""

import numpy as np
import pytest

from guyot.corpus.table import Table
from guyot.errors import ArrayError, MissingError

TABLE = Table(
    {
        "row": np.array([4, -1]),
        "score": np.array([0.25, np.nan]),
        "reason": np.array(["<b>", None], np.object_),
    }
)
ROWS = [{"row": 4, "score": 0.25, "reason": "<b>"}, {"row": None, "score": None, "reason": None}]


def test_rows_are_plain_values() -> None:
    assert list(TABLE) == ROWS
    assert [type(value) for value in next(iter(TABLE)).values()] == [int, float, str]
    assert (len(TABLE), TABLE.column_names, len(Table({}))) == (2, ["row", "score", "reason"], 0)
    assert TABLE["row"].tolist() == [4, -1]


def test_arrow_takes_it_over() -> None:
    assert TABLE.to_arrow().to_pylist() == ROWS


def test_pandas_takes_it_over() -> None:
    frame = TABLE.to_pandas()
    assert frame.isna().to_numpy().tolist() == [[False] * 3, [True] * 3]
    assert frame.iloc[0].tolist() == [4, 0.25, "<b>"]


def test_a_notebook_shows_the_first_rows_as_text() -> None:
    shown = TABLE._repr_html_()
    assert "<td>&lt;b&gt;</td>" in shown
    assert "<b>" not in shown
    assert shown.count("<tr>") == 3
    long = Table({"row": np.arange(1000), "text": np.array(["x" * 500] * 1000)})._repr_html_()
    assert long.count("<tr>") == 21
    assert "<p>1,000 rows</p>" in long
    assert "x" * 79 + "…</td>" in long
    assert repr(TABLE) == "Table of 2 rows: row, score, reason"


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(MissingError, match="column 'witness' was asked for; choose from row, score, reason"):
        _ = TABLE["witness"]
    with pytest.raises(ArrayError, match="got {'a': 1, 'b': 2}"):
        Table({"a": np.zeros(1), "b": np.zeros(2)})

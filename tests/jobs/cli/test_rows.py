"""Rows of a query: one line each and cut on a terminal, whole in a pipe, unchanged in CSV and JSON."""

import csv
import datetime
import decimal
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.catalogue import small_tables, write_catalogue
from support.service import GUYOT
from support.terminal import on_a_terminal

from jobs.cli import rows

HOSTILE = "\x1b[31mred\x1b[0m \x07bell \x9b2J \u202eback [bold]not markup[/bold] [/] \u2713"
STYLE = re.compile(r"\x1b\[\d*(;\d+)*m")


def printed(capsys: pytest.CaptureFixture[str], table: pa.Table, form: str) -> str:
    rows.write(table, form)
    return capsys.readouterr().out


def cells(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def on_terminal(columns: int, table: dict[str, list[Any]]) -> list[str]:
    """Print a table on a real terminal; return its lines without their bold and colours."""
    code = f"import pyarrow as pa\nfrom jobs.cli import rows\nrows.write(pa.table({table!r}), 'table')"
    status, written = on_a_terminal([sys.executable, "-c", code], columns)
    assert status == 0, written
    lines = [STYLE.sub("", line) for line in written.replace("\r\n", "\n").splitlines()]
    assert not set("".join(lines)) & set("\x1b\x07\x9b\u202e\r\t")
    assert max(cell_len(line) for line in lines) <= columns
    return lines


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "lake"
    folder.mkdir()
    write_catalogue(folder, small_tables())
    return folder


def test_on_a_terminal_a_row_is_one_line_of_its_width() -> None:
    lines = on_terminal(
        60, {"path": ["a.py", "b.py"], "text": ["x" * 9000, "two\nlines\tand " + HOSTILE], "n": [1, None]}
    )
    assert len(lines) == 6  # a frame of three lines, the heads and two rows
    assert re.fullmatch(r"│ a\.py │ x{35,}… │ 1 │", lines[3]), lines[3]
    assert lines[4].startswith(r"│ b.py │ two\nlines\tand \x1b[31mred")
    assert lines[4].endswith("… │   │")


def test_on_a_terminal_narrow_columns_stay_whole_and_wide_characters_are_counted() -> None:
    lines = on_terminal(40, {"wide": ["日本" * 100], "narrow": ["0123456789"]})
    assert "… │ 0123456789 │" in lines[3]
    assert cell_len(lines[3]) == 40 - (cell_len(lines[3]) == 39)  # a character of two columns may leave one


def test_columns_that_no_terminal_holds_stand_below_each_other() -> None:
    lines = on_terminal(50, {f"column{i}": [f"{i} " + "y" * 400] for i in range(12)})
    assert lines[0] == "row 1 of 1"
    assert len(lines) == 13
    assert all(re.fullmatch(rf"column{i} +{i} y+…", lines[i + 1]) for i in range(12))


def test_the_command_fits_the_terminal_and_gives_a_pipe_everything(lake: Path) -> None:
    sql = "SELECT repeat('x', 5000) AS wide, chr(27) || '[2J' AS command"
    status, written = on_a_terminal([GUYOT, "sql", sql, "--lake", str(lake)], 70)
    assert status == 0, written
    lines = STYLE.sub("", written).splitlines()
    assert {cell_len(line) for line in lines} == {70}
    assert "…" in written
    assert r"\x1b[2J" in written
    for form in ("csv", "json"):
        _, whole = on_a_terminal([GUYOT, "sql", sql, "--lake", str(lake), "--format", form], 70)
        assert "x" * 5000 in whole
        assert "…" not in whole


@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.integers(20, 400))
def test_widths_fit_and_no_column_is_cut_for_a_narrower_one(natural: list[int], room: int) -> None:
    widths = rows.fitting(natural, room)
    assert sum(widths) == min(sum(natural), room)
    cut = [width for width, whole in zip(widths, natural, strict=True) if width < whole]
    assert not cut or min(cut) >= max(widths) - 1


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_wide_values_are_whole_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    columns = {f"column{i}": [f"{i}" * 400] for i in range(10)}
    out = printed(capsys, pa.table(columns), form)
    assert all(f"{i}" * 400 in out for i in range(10))
    assert "…" not in out


def test_a_table_has_a_row_per_row_and_nothing_for_null(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, pa.table({"a": [1, None], "b": ["x", ""]}), "table")
    assert cells(out) == [["a", "b"], ["1", "x"], ["", ""]]
    assert cells(printed(capsys, pa.table({"a": pa.array([], pa.int64())}), "table")) == [["a"]]


def test_a_table_tells_the_terminal_nothing_and_takes_nothing_for_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed(capsys, pa.table({"a": [HOSTILE, "two\nlines"]}), "table")
    assert not set(out) & set("\x1b\x07\x9b\u202e")
    assert "\\x1b[31mred" in out
    assert "[bold]not markup[/bold] [/] \u2713" in out
    assert cells(out)[-1] == [r"two\nlines"]


def test_csv_is_read_back_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    values = [HOSTILE, 'a "quoted", one', "two\nlines", None, ""]
    out = printed(capsys, pa.table({"a": values, "n": range(5)}), "csv")
    found = list(csv.reader(io.StringIO(out, newline="")))
    assert found == [["a", "n"], *([value or "", str(n)] for n, value in enumerate(values))]


def test_json_is_read_back_as_it_was_and_is_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    table = pa.table({
        "s": [HOSTILE], "n": [None], "big": [2**63 - 1], "list": [[1, 2]], "struct": [{"a": 1}], "bool": [True],
        "sum": pa.array([decimal.Decimal(10**20)], pa.decimal128(38, 0)), "cut": [decimal.Decimal("1.50")],
        "day": [datetime.date(2020, 1, 2)],
    })  # fmt: skip
    out = printed(capsys, table, "json")
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == [{
        "s": HOSTILE, "n": None, "big": 2**63 - 1, "list": [1, 2], "struct": {"a": 1}, "bool": True, "sum": 10**20,
        "cut": 1.5, "day": "2020-01-02"}]  # fmt: skip
    assert json.loads(printed(capsys, table[:0], "json")) == []


def test_columns_of_one_name_keep_their_values_under_their_own_head(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "b"])
    assert cells(printed(capsys, table, "table")) == [["a", "a", "b"], ["1", "2", "3"]]


def test_what_is_no_number_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, pa.table({"a": [float("nan"), float("inf"), 1.0]}), "json")
    assert json.loads(out, parse_constant=pytest.fail)[2] == {"a": 1.0}


def test_a_head_tells_the_terminal_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in printed(capsys, pa.table({HOSTILE: [1]}), "table")

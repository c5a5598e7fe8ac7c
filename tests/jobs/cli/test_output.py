"""What is printed: every value whole and harmless, in three forms; verdicts, progress and the summary."""

import csv
import datetime
import decimal
import io
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.lake import TRAINED, copy_of, graph_lake

from assets.graph.lake import Lake
from jobs.cli import output
from jobs.cli.explain import Explanation, Exposure, Verdict
from resources.progress import Progress

HOSTILE = "\x1b[31mred\x1b[0m \x07bell \x9b2J \u202eback [bold]not markup[/bold] [/] \u2713"
DOCUMENT = {
    "doc_id": "d" * 32,
    "source_uri": "a.py",
    "record_key": "",
    "kind": "python",
    "split": "train",
    "shard": "s",
    "content": "x = 1\ny = 2",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return graph_lake(tmp_path_factory)


def printed(capsys: pytest.CaptureFixture[str], table: pa.Table, form: str) -> str:
    output.rows(table, form)
    return capsys.readouterr().out


def cells(text: str) -> list[list[str]]:
    """Read a printed table back."""
    lines = [line for line in text.splitlines() if line[:1] in "┃│"]
    return [[cell.strip() for cell in re.split("[┃│]", line)[1:-1]] for line in lines]


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
    assert "\ufffd[31mred" in out
    assert "[bold]not markup[/bold] [/] \u2713" in out
    assert cells(out)[-2:] == [["two"], ["lines"]]


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


def verdict(**changed: Any) -> Verdict:
    given = {
        "recipe": "semdedup", "version": "v1", "kept": False, "step": "semdedup", "reason": "near_duplicate", "score": 0.01,
        "threshold": 0.5, "witness": {**DOCUMENT, "source_uri": "twin.py"}, "similarity": 0.99, "sentence": "its cosine is high", "seen": [],
    }  # fmt: skip
    return Verdict(**{**given, **changed})


def test_a_verdict_says_step_reason_numbers_and_witness(capsys: pytest.CaptureFixture[str]) -> None:
    output.explanation(Explanation(DOCUMENT, [verdict()], []))
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"document a.py: {'d' * 32}, python, train, s"
    assert out[1:3] == ["    | x = 1", "    | y = 2"]
    assert out[3] == (
        "semdedup (v1): dropped by semdedup, reason near_duplicate; score 0.01, threshold 0.5, similarity to the witness 0.99"
    )
    assert out[4] == "  why: its cosine is high"
    assert out[5].startswith("  witness twin.py: ")


def test_a_kept_document_says_which_runs_saw_it_when(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [Exposure("run-1", "m1", [3, 5, 9]), Exposure("run-2", "m2", [])]
    output.explanation(
        Explanation(
            {**DOCUMENT, "record_key": "r7"}, [verdict(kept=True, witness=None, score=None, seen=seen)], []
        )
    )
    out = capsys.readouterr().out
    assert "document a.py#r7: " in out
    assert "semdedup (v1): kept; threshold 0.5\n" in out
    assert "  run run-1:   seen at 3 steps, 3 to 9, mixture m1\n" in out
    assert "  run run-2:   seen at no step, mixture m2\n" in out
    assert "witness" not in out


def test_hostile_contents_and_names_are_shown_harmlessly_and_briefly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {**DOCUMENT, "source_uri": HOSTILE, "content": "\n".join([HOSTILE] * 50) + "x" * 9000}
    rejected = {
        "reason": "invalid_json",
        "byte_begin": 5,
        "byte_end": 9,
        "detail": HOSTILE,
        "source_uri": HOSTILE,
    }
    output.explanation(Explanation(row, [verdict(witness=row)], [rejected]))
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\u202e")
    assert "quarantined: invalid_json (bytes 5 to 9, " in out
    assert "[bold]not markup[/bold]" in out
    assert len(out.splitlines()) < 25


def test_a_rejected_file_has_no_bytes_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    rejected = {
        "reason": "nul_byte",
        "byte_begin": -1,
        "byte_end": -1,
        "detail": "at 1",
        "source_uri": "a.txt",
    }
    output.explanation(Explanation(None, [], [rejected]))
    assert capsys.readouterr().out == "a.txt: quarantined: nul_byte (at 1)\n"


def test_the_summary_counts_and_lays_out_the_recipes_asked_for(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    output.summary(lake.settings, ["semdedup"], ["catalogue"])
    out = capsys.readouterr().out
    assert (
        f"58 records = 56 documents + 2 quarantined, in {len(lake.shards())} shards of {lake.store.root}\n"
        in out
    )
    assert "up to date" not in out
    rows = {row["recipe"]: row for row in lake.store.table(lake.store.required("leaderboard")).to_pylist()}
    shown = cells(out)
    assert [row[0] for row in shown] == ["recipe", "semdedup"]
    row = rows["semdedup"]
    assert shown[1][1:4] == [f"{row['documents']:,}", f"{row['tokens']:,}", f"{row['kept_fraction']:.1%}"]
    assert shown[1][4] == f"{row['bits_per_byte']:.3f} ({row['low']:.3f}-{row['high']:.3f})"
    output.summary(lake.settings, list(TRAINED), [])
    out = capsys.readouterr().out
    assert [row[0] for row in cells(out)[1:]] == list(TRAINED)
    assert "Everything was up to date." in out


def test_the_summary_is_of_the_live_shards(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    registry = copy.store.table(copy.store.required("shard_registry"))
    gone = copy.shards()[0]
    kept = registry.filter([shard != gone for shard in registry["shard"].to_pylist()])
    with copy.store.write("shard_registry", "all", inputs={"gone": ""}, settings={}, code="") as writer:
        writer.table(kept)
    documents = sum(copy.store.required("raw_shards", shard).rows for shard in copy.shards())
    output.summary(copy.settings, [], ["x"])
    assert f" = {documents} documents + " in capsys.readouterr().out


def test_before_any_training_the_summary_lays_out_the_mixtures(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    Path(copy.store.path("leaderboard", "all", "current")).unlink()
    output.summary(copy.settings, ["d4", "exact"], ["x"])
    shown = cells(capsys.readouterr().out)
    assert [row[0] for row in shown] == ["recipe", "d4", "exact"]
    facts = copy.store.required("pruned_mixtures", "d4").facts
    assert shown[1][1:5] == [f"{facts['kept']:,}", f"{facts['total']:,}", "tokens", f"{facts['n_kept']:,}"]


def test_progress_is_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.shown() as on_asset_start:
        on_asset_start("raw_shards", 3)
        on_asset_start("catalogue", 1)
        Progress("embeddings", 2, "documents").advance(2)
    err = capsys.readouterr().err
    assert "raw_shards (3 partitions)\ncatalogue\n" in err
    assert re.search(r"^  embeddings: 2/2 documents", err, re.MULTILINE)
    assert "\x1b" not in err
    Progress("afterwards", 1, "documents").advance(1)
    assert "afterwards" not in capsys.readouterr().err

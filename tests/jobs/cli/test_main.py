"""The command `guyot`: what it makes, and what it says when it is asked for something that is not there."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.lake import TINY, catalogue_of, graph_lake, lake_at, write_corpus

from resources.setting_names import variable

GUYOT = Path(sysconfig.get_path("scripts")) / "guyot"


def environment_of(**changed: str) -> dict[str, str]:
    return {
        **os.environ,
        **{variable(name): str(value) for name, value in {**TINY, **changed}.items()},
    }


def guyot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    command = [GUYOT, *arguments]
    return subprocess.run(
        command, env=environment_of(**environment), capture_output=True, text=True, check=False
    )


def inside(patch: pytest.MonkeyPatch, *arguments: str, **environment: str) -> Result:
    """Run the command in this process; the environment is as before afterwards."""
    from guyot.cli import main

    with patch.context() as patched:
        patched.setattr(os, "environ", environment_of(**environment))
        return CliRunner().invoke(main, arguments)


def ask(lake: Path, sql: str) -> list[dict[str, Any]]:
    return catalogue_of(lake_at(lake, lake)).query(sql).to_pylist()


def live(lake: Path, table: str) -> set[str]:
    return {path.parent.name for path in (lake / table).glob("*/current")}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(graph_lake(tmp_path_factory).store.root)


@pytest.mark.long
@pytest.mark.in_ci
def test_only_the_recipes_that_are_asked_for_are_made_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_corpus(tmp_path / "source")
    asked = (
        "run",
        "--source",
        str(tmp_path / "source"),
        "--lake",
        str(tmp_path / "lake"),
        "--until",
        "epoch_schedules",
    )
    one_shard = {"reading.shard_bytes": "1000000"}
    done = guyot(*asked, "--recipe", "d4", "--recipe", "semdedup", **one_shard)
    assert done.returncode == 0, done.stderr
    assert live(tmp_path / "lake", "pruned_mixtures") == {"semdedup", "d4"}
    assert live(tmp_path / "lake", "epoch_schedules") == {"semdedup", "d4"}
    assert "leaked" not in done.stderr
    assert "58 records = 56 documents + 2 quarantined" in done.stdout
    before = ask(tmp_path / "lake", "SELECT DISTINCT shard FROM raw_shards")
    for file in (tmp_path / "source").rglob("*.*"):
        file.unlink()
    for folder in (tmp_path / "source").iterdir():
        (folder / "new.txt").write_text(f"what is new in {folder.name}")
    again = inside(monkeypatch, *asked, "--recipe", "random", **one_shard)
    assert again.exit_code == 0, again.stderr
    assert live(tmp_path / "lake", "pruned_mixtures") == {"semdedup", "d4", "random"}
    after = ask(tmp_path / "lake", "SELECT shard, count(*) AS n FROM raw_shards GROUP BY shard")
    assert [row["n"] for row in after] == [12]
    assert after[0]["shard"] not in {row["shard"] for row in before}


def test_a_moved_lake_is_refused_until_it_is_run_and_then_answers(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = str(tmp_path / "moved")
    shutil.copytree(lake, moved)
    refused = inside(monkeypatch, "sql", "SELECT 1", "--lake", moved)
    assert refused.exit_code == 1
    assert "names files of another place; run `guyot run`" in refused.stderr
    source = str(lake.parent / "source")
    done = inside(
        monkeypatch,
        "run",
        "--lake",
        moved,
        "--source",
        source,
        "--until",
        "pruned_mixtures",
        "--recipe",
        "d4",
    )
    assert done.exit_code == 0, done.stderr
    assert ask(tmp_path / "moved", "SELECT count(*) AS n FROM pruned_mixtures")[0]["n"] > 0
    assert ask(lake, "SELECT count(*) AS n FROM pruned_mixtures")[0]["n"] > 0


def test_any_setting_can_be_set_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_corpus(tmp_path / "source")
    pairs = (
        f"lake={tmp_path}/lake",
        f"source={tmp_path}/source",
        "reading.shard_bytes=999999",
        "reading.kinds=markdown",
    )
    done = inside(
        monkeypatch, "run", *(word for pair in pairs for word in ("--set", pair)), "--until", "raw_shards"
    )
    assert done.exit_code == 0, done.stderr
    assert live(tmp_path / "lake", "raw_shards") == {"shard-00000"}
    assert ask(tmp_path / "lake", "SELECT DISTINCT kind FROM raw_shards") == [{"kind": "markdown"}]
    assert "1 records = 1 documents + 0 quarantined" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["run", "--recipe", "nothing"],
            "recipe 'nothing' is not in recipes.py; choose from everything, random",
        ),
        (
            ["run", "--until", "nowhere"],
            "asset 'nowhere' is not in the graph; choose from shard_registry, raw_shards",
        ),
        (
            ["run", "--set", "nothing=1"],
            "setting 'nothing' was given; there is no such setting; choose from lake",
        ),
        (
            ["run", "--set", "tokenization.vocabulary_size"],
            "--set 'tokenization.vocabulary_size' was given; write it as NAME=VALUE",
        ),
        (
            ["run", "--set", "tokenization.vocabulary_size="],
            "--set 'tokenization.vocabulary_size=' was given; write it as NAME=VALUE",
        ),
        (["run", "--set", "tokenization.vocabulary_size=many"], "tokenization.vocabulary_size='many'"),
        (["run", "--set", "reading.held_out_fraction=1"], "reading.held_out_fraction='1'"),
        (
            ["run", "--encoder", "no/such/thing/at all"],
            "encoder='no/such/thing/at all' is no directory and no hub id",
        ),
        (["run", "--source", "/nowhere/at/all"], "/nowhere/at/all cannot be listed"),
        (["sql", "SELECT 1"], "is not there; run `guyot run`"),
        (["explain", "x"], "is not there; run `guyot run`"),
        (["report"], "report/all was asked for"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.txt").write_text("one document")
    refused = inside(monkeypatch, *arguments, lake=str(tmp_path / "lake"), source=str(tmp_path / "source"))
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit), refused.exception
    assert said in refused.stderr
    assert "Traceback" not in refused.output
    assert [
        line for line in refused.stderr.splitlines() if line.startswith("Error")
    ] == refused.stderr.splitlines()[-1:]
    assert refused.stdout == ""


def test_a_source_that_is_the_lake_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("one document")
    for command in (["run"], ["backfill"]):
        refused = inside(monkeypatch, *command, lake=str(tmp_path), source=str(tmp_path))
        assert refused.exit_code == 1
        assert f"the source {tmp_path} is that lake, {tmp_path}, so the lake's own files" in refused.stderr
        assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "sql", ["SELECT nothing", "SELEC 1", "", "SELECT 1; SELECT 2", "DROP VIEW raw_shards"]
)
def test_a_wrong_question_is_an_error_and_nothing_on_stdout(
    lake: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    refused = inside(monkeypatch, "sql", sql, lake=str(lake))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: ")


def test_a_bug_keeps_its_traceback(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.cli.explain.explain", lambda *_: 1 / 0)
    assert isinstance(inside(monkeypatch, "explain", "x", lake=str(lake)).exception, ZeroDivisionError)


def test_the_real_command_ends_with_one_line_and_code_1(tmp_path: Path) -> None:
    refused = guyot("run", "--source", "/nowhere/at/all", lake=str(tmp_path / "lake"))
    assert refused.returncode == 1
    told = [line for line in refused.stderr.splitlines() if line]
    assert told[0] == "shard_registry"
    assert told[1].startswith("Error: shard_registry failed: source='/nowhere/at/all'")
    assert len(told) == 2
    assert refused.stdout == ""


def test_tables_in_a_pipe_are_whole_and_tell_the_terminal_nothing(lake: Path) -> None:
    wide = "SELECT repeat('x', 300) AS wide, chr(27) || '[31mred' AS red, '[bold]b[/bold]' AS markup"
    table = guyot("sql", wide, "--lake", str(lake)).stdout
    assert "x" * 300 in table
    assert "\x1b" not in table
    assert "\\x1b[31mred" in table
    assert "[bold]b[/bold]" in table


def test_rows_come_in_the_form_asked_for(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = ("sql", "SELECT sum(i) AS a, NULL AS b FROM range(4) t(i)", "--lake", str(lake), "--format")
    assert inside(monkeypatch, *sql, "csv").stdout.split() == ["a,b", "6,"]
    assert json.loads(inside(monkeypatch, *sql, "json").stdout) == [{"a": 6, "b": None}]
    assert inside(monkeypatch, *sql, "table").stdout == "a\tb\n6\t\n"
    assert inside(monkeypatch, *sql, "xml").exit_code == 2


def test_an_argument_beats_the_environment(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = ("sql", "SELECT count(*) AS n FROM raw_shards", "--format", "csv")
    assert inside(monkeypatch, *sql, "--lake", str(lake), lake=str(tmp_path)).stdout.split() == ["n", "56"]
    assert inside(monkeypatch, *sql, lake=str(lake)).stdout.split() == ["n", "56"]
    assert inside(monkeypatch, *sql, lake=str(tmp_path)).exit_code == 1


def test_the_report_is_where_it_says_and_a_document_is_explained(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(inside(monkeypatch, "report", "--lake", str(lake)).stdout.strip())
    assert page.is_relative_to(lake)
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")
    told = inside(monkeypatch, "explain", "package01/broken.py", "--recipe", "exact", "--lake", str(lake))
    assert told.exit_code == 0
    assert told.stdout.startswith("document package01/broken.py: ")
    rejected = inside(monkeypatch, "explain", "latin.py", "--lake", str(lake))
    assert rejected.stdout.startswith("latin.py: quarantined: invalid_utf8")
    assert inside(monkeypatch, "--help").stdout.startswith("Usage: ")


def test_gc_says_what_would_go_then_what_went_and_then_there_is_nothing(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(lake, tmp_path / "lake")
    dead = tmp_path / "lake" / "embeddings" / "shard-00000" / "0123456789abcdef"
    dead.mkdir()
    (dead / "rows.parquet.tmp").write_bytes(b"half")
    batch = tmp_path / "lake" / ".partial" / "embeddings" / "shard-00000" / "0123456789abcdef" / "0-0.npy"
    batch.parent.mkdir(parents=True)
    batch.touch()
    os.utime(batch, (0, 0))
    options = ("gc", "--lake", str(tmp_path / "lake"), "--older-than", "0")
    assert (
        "embeddings: 1 versions, 4 bytes, 1 of them left by writers that died"
        in inside(monkeypatch, *options, "--dry-run").stdout
    )
    assert dead.exists()
    assert batch.exists()
    first, *_, last = guyot(*options).stdout.splitlines()
    assert first == "1 folders of dead writers removed"
    assert last.endswith("bytes removed")
    assert not dead.exists()
    assert not batch.exists()
    assert inside(monkeypatch, *options).stdout == "0 versions, 0 bytes removed\n"
    assert inside(monkeypatch, "gc", "--older-than", "-1").exit_code == 2

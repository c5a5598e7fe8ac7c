"""The command `guyot`: what it makes, and what it says when it is asked for something that is not there."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests_lake import GUYOT, SETTINGS, shared_lake, write_source


def guyot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {f"GUYOT_{name}": value for name, value in {**SETTINGS, **environment}.items()}
    return subprocess.run(
        [GUYOT, *arguments], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )


def ask(lake: Path, sql: str) -> list[dict[str, object]]:
    answer = guyot("sql", sql, "--format", "json", "--lake", str(lake))
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def live(lake: Path, table: str) -> set[str]:
    return {path.parent.name for path in (lake / table).glob("*/current")}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_lake(tmp_path_factory)


def test_only_the_recipes_that_are_asked_for_are_made_in_any_order(tmp_path: Path) -> None:
    write_source(tmp_path / "source")
    asked = ("run", "--source", str(tmp_path / "source"), "--lake", str(tmp_path / "lake"), "--until", "epoch_schedules")
    done = guyot(*asked, "--recipe", "d4", "--recipe", "semdedup")
    assert done.returncode == 0, done.stderr
    assert live(tmp_path / "lake", "pruned_mixtures") == {"semdedup", "d4"}
    assert live(tmp_path / "lake", "epoch_schedules") == {"semdedup", "d4"}
    assert "leaked" not in done.stderr
    shard = ask(tmp_path / "lake", "SELECT count(DISTINCT shard) AS n, count(*) AS d FROM raw_shards")[0]
    for file in (tmp_path / "source").rglob("*.py"):
        file.unlink()
    for folder in (tmp_path / "source").iterdir():
        (folder / "new.txt").write_text(f"what is new in {folder.name}")
    assert guyot(*asked, "--recipe", "random").returncode == 0
    after = ask(tmp_path / "lake", "SELECT count(DISTINCT shard) AS n, count(*) AS d FROM raw_shards")[0]
    assert (shard["n"], after["n"], after["d"]) == (1, 2, 24)


def test_a_moved_lake_is_refused_until_it_is_run_and_then_answers(tmp_path: Path, lake: Path) -> None:
    shutil.copytree(lake, tmp_path / "moved")
    refused = guyot("sql", "SELECT 1", "--lake", str(tmp_path / "moved"))
    assert refused.returncode == 1
    assert "names files of another place; run `guyot run`" in refused.stderr
    source = lake.parent / "source"
    done = guyot("run", "--lake", str(tmp_path / "moved"), "--source", str(source), "--until", "pruned_mixtures", "--recipe", "d4")
    assert done.returncode == 0, done.stderr
    assert ask(tmp_path / "moved", "SELECT count(*) AS n FROM pruned_mixtures")[0]["n"] > 0
    assert ask(lake, "SELECT count(*) AS n FROM pruned_mixtures")[0]["n"] > 0


def test_any_setting_can_be_set_by_name(tmp_path: Path) -> None:
    write_source(tmp_path / "source")
    done = guyot(
        "run", "--set", f"lake={tmp_path}/lake", "--set", f"source={tmp_path}/source", "--until", "raw_shards"
    )
    assert done.returncode == 0, done.stderr
    assert live(tmp_path / "lake", "raw_shards") == {"shard-00000"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--recipe", "nothing"], "recipe 'nothing' is not in recipes.py; choose from everything, random"),
        (["run", "--until", "nowhere"], "asset 'nowhere' is not in the graph; choose from shard_registry, raw_shards"),
        (["run", "--set", "nothing=1"], "setting 'nothing' is not known; choose from lake"),
        (["run", "--set", "vocabulary_size"], "--set 'vocabulary_size' was given; write it as NAME=VALUE"),
        (["run", "--set", "vocabulary_size=many"], "vocabulary_size='many'"),
        (["run", "--source", "/nowhere/at/all"], "/nowhere/at/all cannot be listed"),
        (["sql", "SELECT 1"], "is not there; run `guyot run`"),
        (["explain", "x"], "is not there; run `guyot run`"),
        (["report"], "report/all was asked for"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    refused = guyot(*arguments, LAKE=str(tmp_path / "lake"), SOURCE=str(tmp_path))
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("Error: ")


def test_tables_in_a_pipe_are_whole_and_tell_the_terminal_nothing(lake: Path) -> None:
    wide = "SELECT repeat('x', 300) AS wide, chr(27) || '[31mred' AS red, '[bold]b[/bold]' AS markup"
    table = guyot("sql", wide, "--lake", str(lake)).stdout
    assert "x" * 300 in table
    assert "\x1b" not in table
    assert "\ufffd[31mred" in table
    assert "[bold]b[/bold]" in table
    assert guyot("sql", "SELECT 1 AS a, NULL AS b", "--format", "csv", "--lake", str(lake)).stdout.split() == ["a,b", "1,"]
    assert ask(lake, "SELECT sum(i) AS s FROM range(4) t(i)") == [{"s": 6}]


def test_arguments_beat_the_environment_and_the_report_is_where_it_says(lake: Path, tmp_path: Path) -> None:
    told = guyot("sql", "SELECT count(*) AS n FROM raw_shards", "--format", "csv", "--lake", str(lake), LAKE=str(tmp_path))
    assert told.stdout.split()[0] == "n"
    assert guyot("report", "--lake", str(lake)).returncode == 1  # it was made up to the evaluations

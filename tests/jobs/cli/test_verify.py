"""The verb that verifies: what it prints, how it ends, and what other verbs say of a damaged lake."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from support.command import guyot_here
from support.lake import build_asset, copy_of, environment, graph_lake

from assets.graph.lake import LakeResources
from jobs.cli.verify import COLUMNS


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(original: LakeResources, tmp_path: Path) -> LakeResources:
    copy = copy_of(original, tmp_path / "lake")
    build_asset(copy, "catalogue")
    return copy


def folder_of(lake: LakeResources, table: str, key: str = "all") -> Path:
    return Path(lake.store.path(table, key, lake.store.required(table, key).version))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def rows_of(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_whole_lake_is_one_line_and_code_0(original: LakeResources) -> None:
    done = guyot_here(original, "verify")
    assert (done.exit_code, done.stdout) == (0, "")
    begun, last = (
        line for line in done.stderr.splitlines() if "files of" in line or line.startswith("verify (")
    )
    assert "bytes)" in begun
    assert " versions, " in last
    assert last.endswith("/s: 0 damaged")


def test_damage_is_listed_then_set_aside_then_gone(lake: LakeResources) -> None:
    folder = folder_of(lake, "centroids")
    cut(folder / "vectors.arrow")
    cut(Path(lake.store.path("catalogue.duckdb")))
    for arguments, code in (((), 1), (("--repair",), 0)):
        done = guyot_here(lake, "verify", "--format", "csv", *arguments)
        assert done.exit_code == code
        assert "2 damaged" in done.stderr
        first, second = rows_of(done)
        assert tuple(first) == COLUMNS
        assert [first[name] for name in ("asset", "partition", "version", "file")] == [
            "centroids", "all", folder.name, "vectors.arrow",
        ]  # fmt: skip
        assert (first["problem"].split()[0], first["repair"]) == ("has", "`guyot run` makes it again")
        assert (second["file"], second["problem"].partition(":")[0]) == ("catalogue.duckdb", "cannot be read")
    assert f"lie in {lake.store.root}/.damaged; remove that folder" in done.stderr
    done = guyot_here(lake, "verify", "--repair")
    assert (done.exit_code, "0 damaged" in done.stderr) == (0, True)
    for option in ("--dry-run", "--older-than=0"):  # what the versions needed is not known any more
        done = guyot_here(lake, "gc", option)
        assert done.exit_code != 0
        assert "damaged files lie in" in done.stderr
        assert "run `guyot run`, then remove that folder" in done.stderr
    assert json.loads(guyot_here(lake, "verify", "--format", "json").stdout) == []


VERBS = (
    (("run",), "shard_registry", "all"), (("gc",), "shard_registry", "all"), (("report",), "report", "all"),
    (("backfill", "cluster_scores"), "centroids", "all"), (("export", "d4", "--output", "out"), "pruned_mixtures", "d4"),
)  # fmt: skip
# these know the run's versions from the catalogue
OF_RUNS = (
    (("explain", "package01/module0.py", "--recipe", "d4"), "epoch_schedules", "d4"),
    (("saw", "package01/module0.py"), "epoch_schedules", "d4"),
)


@pytest.mark.parametrize("name", ["manifest.json", "current"])
def test_other_verbs_say_in_one_sentence_what_is_damaged(lake: LakeResources, name: str) -> None:
    for verb, table, key in (*VERBS, *(OF_RUNS if name == "manifest.json" else ())):
        folder = folder_of(lake, table, key)
        path = folder / name if name == "manifest.json" else folder.parent / name
        content = path.read_bytes()
        cut(path)
        done = guyot_here(lake, *verb)
        path.write_bytes(content)
        assert done.exit_code == 1, (verb, done.output)
        (said,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
        assert str(path) in said, (verb, said)
        assert "run `guyot verify --repair`, then `guyot run`" in said, (verb, said)


def test_sql_says_which_file_is_cut_off(lake: LakeResources) -> None:
    folder = folder_of(lake, "raw_shards", lake.shards()[0])
    cut(folder / "rows.parquet")
    done = guyot_here(lake, "sql", "SELECT sum(length(content)) FROM raw_shards")
    assert done.exit_code == 1
    assert str(folder / "rows.parquet") in done.stderr
    assert "guyot verify --repair" in done.stderr


def test_the_definitions_load_beside_a_damaged_lake(lake: LakeResources) -> None:
    cut(folder_of(lake, "shard_registry") / "manifest.json")
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", "import definitions"], check=True, cwd=root, env=environment(lake))

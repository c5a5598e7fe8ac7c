"""The verbs that keep a lake going say what they did, and what is wrong with what was asked."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests_corpus import TINY, lake_at, materialize, write_graph_source

from jobs.command import main
from jobs.plan import PER_SHARD, Lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("operate")
    write_graph_source(folder / "source")
    lake = lake_at(folder / "lake", folder / "source")
    materialize(lake, until="shard_registry")
    return lake


@pytest.fixture
def verb(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    """Return what calls a verb on the lake; its environment does not outlive the test."""
    for name, value in {**TINY, "lake": lake.settings.lake, "source": lake.settings.source}.items():
        monkeypatch.setenv(f"GUYOT_{name.upper()}", str(value))

    def call(*arguments: str) -> Result:
        before = dict(os.environ)
        try:
            return CliRunner().invoke(main, list(arguments))
        finally:
            os.environ.clear()
            os.environ.update(before)

    return call


def test_a_backfill_without_a_name_makes_the_shards_and_then_nothing_anew(verb, lake: Lake) -> None:
    done = verb("backfill")
    assert done.exit_code == 0, done.output
    assert done.stdout.strip().endswith("up to date")
    versions = {a: [lake.store.required(a, s).version for s in lake.shards()] for a in PER_SHARD}
    again = verb("backfill", "raw_shards")
    assert again.stdout == "raw_shards up to date\n"
    assert versions == {a: [lake.store.required(a, s).version for s in lake.shards()] for a in PER_SHARD}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["backfill", "nothing"], "nothing"),
        (["backfill", "raw_shards", "--partition", "shard-99999"], "partition 'shard-99999' of raw_shards"),
        (["automation", "start", "nightly"], "automation 'nightly' is not there"),
        (["automation", "begin"], "begin"),
        (["janitor", "--workspace", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_is_not_there_is_named(verb, arguments, told) -> None:
    done = verb(*arguments)
    assert done.exit_code != 0
    assert told in done.output
    assert "Traceback" not in done.output


def test_the_status_says_that_nothing_happens_by_itself(verb) -> None:
    done = verb("automation", "status")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("stopped") == 2
    assert "guyot up" in done.stdout


def test_the_janitor_says_what_it_cleared(verb, lake: Lake) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    left = Path(lake.store.root) / ".writing" / f"{socket.gethostname()}_{process.pid}_1"
    left.mkdir(parents=True)
    assert verb("janitor").stdout == "0 dead runs, 0 queued again, 1 folders of dead writers removed\n"
    assert not left.exists()

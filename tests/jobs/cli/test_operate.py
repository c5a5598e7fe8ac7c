"""The verbs that keep a lake going say what they did, and what is wrong with what was asked."""

import os
import socket
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result
from support.lake import TINY, lake_at, materialize, write_corpus
from support.runs import dead_process

from assets.graph import plan
from assets.graph.lake import LakeResources
from guyot.cli import main
from jobs.instance.dead_runs import PROCESS_TAG
from jobs.instance.home import instance_of
from resources.setting_names import variable

AUTOMATION = """
import dagster as dg
@dg.job
def nothing(): ...
@dg.sensor(job=nothing)
def ingest_changed_shards(): ...
@dg.schedule(job=nothing, cron_schedule="0 0 * * *")
def curate_nightly(): ...
defs = dg.Definitions(jobs=[nothing], sensors=[ingest_changed_shards], schedules=[curate_nightly])
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    folder = tmp_path_factory.mktemp("operate")
    write_corpus(folder / "source")
    lake = lake_at(folder / "lake", folder / "source")
    materialize(lake, until="shard_registry")
    return lake


@pytest.fixture
def verb(lake: LakeResources, monkeypatch: pytest.MonkeyPatch):
    """Return what calls a verb on the lake; its environment does not outlive the test."""
    for name, value in {**TINY, "lake": lake.settings.lake, "source": lake.settings.source}.items():
        monkeypatch.setenv(variable(name), str(value))

    def call(*arguments: str) -> Result:
        before = dict(os.environ)
        try:
            return CliRunner().invoke(main, list(arguments))
        finally:
            os.environ.clear()
            os.environ.update(before)

    return call


@pytest.mark.long
@pytest.mark.in_ci
def test_a_backfill_without_a_name_makes_the_shards_and_then_nothing_anew(verb, lake: LakeResources) -> None:
    done = verb("backfill")
    assert done.exit_code == 0, done.output
    assert done.stdout.strip().endswith("up to date")
    versions = {a: [lake.store.required(a, s).version for s in lake.shards()] for a in plan.per_shard(lake)}
    again = verb("backfill", "raw_shards")
    assert again.stdout == "raw_shards up to date\n"
    assert versions == {
        a: [lake.store.required(a, s).version for s in lake.shards()] for a in plan.per_shard(lake)
    }


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


def test_the_janitor_says_what_it_cleared(verb, lake: LakeResources) -> None:
    from definitions import defs

    gone = f"{socket.gethostname()}_{dead_process()}"
    left = Path(lake.store.root) / ".writing" / f"{gone}_1"
    left.mkdir(parents=True)
    with instance_of(lake.settings) as instance:
        run = instance.create_run_for_job(
            defs.resolve_job_def("scan"), tags={PROCESS_TAG: gone}, status=dg.DagsterRunStatus.STARTED
        )
    host, _, pid = gone.rpartition("_")
    assert verb("janitor").stdout.splitlines() == [
        f"run {run.run_id} (scan): {host}: process {pid} is gone",
        "1 dead runs, 0 queued again, 1 folders of dead writers removed",
    ]
    assert not left.exists()
    assert verb("janitor").stdout == "0 dead runs, 0 queued again, 0 folders of dead writers removed\n"


def test_what_is_named_starts_and_without_a_name_both_stop(verb, tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(AUTOMATION)
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from:\n  - python_file: {relative_path: small.py, location_name: guyot}\n")

    def told(*arguments: str) -> list[str]:
        done = verb("automation", *arguments, "--workspace", str(workspace))
        assert done.exit_code == 0, done.output
        return [line.split(",")[0] for line in done.stdout.splitlines()[:2]]

    started = ["ingest_changed_shards: stopped", "curate_nightly: running"]
    assert told("start", "curate_nightly") == told("status") == started
    assert told("stop") == ["ingest_changed_shards: stopped", "curate_nightly: stopped"]


def test_only_the_partitions_asked_for_are_made(verb, lake: LakeResources) -> None:
    for shard in lake.shards():
        (Path(lake.store.path("raw_shards", shard)) / "current").unlink(missing_ok=True)
    wanted = lake.shards()[1]
    assert verb("backfill", "raw_shards", "--partition", wanted).stdout == "raw_shards up to date\n"
    assert lake.store.partitions("raw_shards") == [wanted]

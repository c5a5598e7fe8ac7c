"""The daemon itself: a dropped file is ingested alone, the night's mixtures follow, and nothing is lost by kill -9."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import support.postgres
from support import planted
from support.lake import GUYOT, environment, lake_at, write_corpus
from support.s3 import free_port
from support.service import UNITS, Service, Units, guyot, log_of, wait_for

from assets.graph import plan
from assets.graph.lake import LakeResources
from jobs.requests import UNDER_WAY
from recipes import RECIPES
from resources.storage.files import Files

BACKFILL = """mutation ($assets: [AssetKeyInput!]!, $keys: [String!]!) {
  launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $keys}) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
RECIPE_NAMES = sorted(recipe.name for recipe in RECIPES)


class Deployment:
    """A service over a lake, the source that people drop files into, and its event log.

    example : of examples/service, with these variables; else the service is that of a laptop
    """

    def __init__(self, root: str, folder: Path, example: dict[str, str] | None = None) -> None:
        self.lake: LakeResources = lake_at(
            f"{root}/lake",
            f"{root}/source",
            automation__sensor_seconds=5,
            automation__curate_cron="* * * * *",
            automation__curate_hours=0,
            reading__shard_bytes=4000,  # two shards: each costs a hundred requests
        )
        self.home, self.folder = folder / "home", folder
        self.home.mkdir()
        self.env = environment(self.lake, DAGSTER_HOME=str(self.home), **(example or {}))
        self.service = (Service if example is None else Units)(self.env, folder / "service.log")
        if example is not None:
            shutil.copy(UNITS / "dagster.yaml", self.home)
        write_corpus(folder / "local")
        for path in (path for path in (folder / "local").rglob("*") if path.is_file()):
            self.drop(path.relative_to(folder / "local").as_posix(), path.read_bytes())

    def drop(self, name: str, content: bytes) -> None:
        """Put a file into the source."""
        Files(self.lake.settings.source).replace(f"{self.lake.settings.source}/{name}", content, self.folder)

    def is_ingested(self) -> bool:
        """Say whether every shard is current."""
        try:
            return bool(self.lake.shards()) and not plan.stale_shards(self.lake)
        except Exception:  # noqa: BLE001  (the lake is on its way)
            return False

    def is_curated(self) -> bool:
        """Say whether every mixture is of exactly the live shards, and has its schedule."""
        mixtures = [self.lake.store.current("pruned_mixtures", name) for name in RECIPE_NAMES]
        return all(
            m is not None and set(m.facts["snapshot"]) == set(self.lake.shards()) for m in mixtures
        ) and (self.lake.store.partitions("epoch_schedules") == RECIPE_NAMES)

    def runs(self, **wanted: Any) -> list[dg.DagsterRun]:
        """List runs, the newest first."""
        with log_of(self.home) as instance:
            return list(instance.get_runs(dg.RunsFilter(**wanted)))

    def partitions_of(self, run: dg.DagsterRun) -> dict[str, set[str]]:
        """List the partitions that a run materialized, by asset."""
        found: dict[str, set[str]] = {}
        with log_of(self.home) as instance:
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
                event = entry.get_dagster_event()
                assert event.asset_key is not None
                found.setdefault(event.asset_key.to_user_string(), set()).add(event.partition or "")
        return found


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Deployment]:
    """Return `guyot up` over folders, with an event log of sqlite."""
    found = Deployment(str(tmp_path / "place"), tmp_path)
    yield found
    found.service.stop()


@pytest.fixture
def server(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return the units of examples/service: all data on S3, the event log in Postgres."""
    if not support.postgres.BIN:
        pytest.skip("Postgres is not installed")
    with support.postgres.postgres_server() as url:
        example = {
            **planted.KEYS,
            "DAGSTER_POSTGRES_URL": planted.with_password(url),
            "DAGSTER_LOGS_BUCKET": bucket.removeprefix("s3://"),
        }
        for name, value in example.items():
            monkeypatch.setenv(name, value)  # this process reads the event log too
        found = Deployment(f"{bucket}/place", tmp_path, example)
        yield found
        found.service.stop()


@pytest.mark.long
def test_a_laptop_from_the_first_file_to_the_crash_and_after(laptop: Deployment) -> None:
    laptop.service.start()
    guyot(laptop.env, "automation", "start")
    wait_for(laptop.is_ingested, "the first ingest")
    assert planted.addresses(laptop.service.processes()) == {"127.0.0.1"}
    a_killed_service_finishes_its_work_when_it_is_started_again(laptop)
    wait_for(laptop.is_curated, "the mixtures with it")
    wait_for(lambda: not laptop.runs(statuses=UNDER_WAY), "an empty queue")


@pytest.mark.long
@pytest.mark.in_ci
def test_a_server_from_the_first_file_to_the_crash_and_after(server: Deployment) -> None:
    lake = server.lake
    assert "There is no daemon" in guyot(server.env, "automation", "start")
    server.service.start()
    wait_for(server.is_ingested, "the first ingest")
    wait_for(server.is_curated, "the first mixtures")
    told = guyot(server.env, "automation", "status").splitlines()
    assert [line.split(", ")[0] for line in told] == [
        "ingest_changed_shards: running",
        "curate_nightly: running",
    ]

    guyot(server.env, "backfill", "training_runs", "--partition", "semdedup|0")  # beside the service
    trained = lake.store.required("training_runs", "semdedup/0")
    a_new_file_is_ingested_alone_and_curated(server)
    seen = lake.store.pinned("pruned_mixtures", "semdedup", trained.facts["mixture_version"])
    assert seen != lake.store.required("pruned_mixtures", "semdedup")
    assert lake.store.table(seen).num_rows == seen.files["rows.parquet"].rows

    a_backfill_from_the_ui_is_one_run(server)
    logs = Files(f"s3://{server.env['DAGSTER_LOGS_BUCKET']}/compute-logs")
    assert any(file.bytes for file in logs.walk(logs.root)), "what steps said lies on S3"
    a_killed_service_finishes_its_work_when_it_is_started_again(server)
    assert planted.addresses(server.service.processes()) == {"127.0.0.1"}
    no_secret_is_written_or_said(server)


def a_new_file_is_ingested_alone_and_curated(deployment: Deployment) -> None:
    """Drop a file, and see what the sensor and the schedule do."""
    lake = deployment.lake
    shards, mixture = lake.shards(), lake.store.required("pruned_mixtures", "semdedup")
    before = {run.run_id for run in deployment.runs()}
    deployment.drop("package98/new.py", b"def new(x):\n    return x + 98\n")
    wait_for(
        lambda: len(lake.shards()) > len(shards) and deployment.is_ingested(), "the ingest of the new file"
    )
    (new,) = set(lake.shards()) - set(shards)
    ingested = [run for run in deployment.runs(job_name="ingest") if run.run_id not in before]
    wait_for(lambda: deployment.runs(run_ids=[ingested[0].run_id])[0].is_finished, "the end of that run")
    assert [deployment.partitions_of(run) for run in ingested] == [
        dict.fromkeys(plan.per_shard(deployment.lake), {new})
    ]
    wait_for(deployment.is_curated, "the mixtures of a new snapshot")
    assert lake.store.required("pruned_mixtures", "semdedup").version != mixture.version


def a_backfill_from_the_ui_is_one_run(deployment: Deployment) -> None:
    """Ask as the UI's button does."""
    shards = deployment.lake.shards()
    assets = [{"path": [name]} for name in plan.per_shard(deployment.lake)]
    answer = deployment.service.ask(BACKFILL, assets=assets, keys=shards)
    backfill = answer["data"]["launchPartitionBackfill"].get("backfillId")
    assert backfill, answer

    def done() -> bool:
        with log_of(deployment.home) as instance:
            found = instance.get_backfill(backfill)
            return found is not None and found.status.value == "COMPLETED_SUCCESS"

    wait_for(done, "the backfill")
    (run,) = deployment.runs(tags={"dagster/backfill": backfill})
    assert deployment.partitions_of(run) == dict.fromkeys(plan.per_shard(deployment.lake), set(shards))


def a_killed_service_finishes_its_work_when_it_is_started_again(deployment: Deployment) -> None:
    """Kill everything in the middle of an ingest."""
    long = "\n".join(json.dumps({"text": f"document {i} " + f"says {i * i} and " * 300}) for i in range(3000))
    deployment.drop("long.jsonl", long.encode())

    with log_of(deployment.home) as instance:  # opened once: a look must not take longer than the step
        of_ingest = dg.RunsFilter(job_name="ingest", statuses=[dg.DagsterRunStatus.STARTED])
        (dead,) = wait_for(
            lambda: [run for run in instance.get_runs(of_ingest) if _at_step(instance, run, "embeddings")],
            "the embedding of the long file",
        )
    assert deployment.service.kill() >= 5
    (left,) = deployment.runs(run_ids=[dead.run_id])
    assert left.status == dg.DagsterRunStatus.STARTED, "nothing of Dagster's notices"
    with log_of(deployment.home) as instance:
        assert dead.run_id in instance.event_log_storage.get_concurrency_run_ids(), (
            "it holds the pool that embeddings need"
        )

    deployment.service.start()
    said = deployment.service.log.read_text()
    assert f"run {dead.run_id} (ingest)" in said
    assert "1 queued again" in said
    wait_for(deployment.is_ingested, "the rest of the ingest")
    (failed,) = deployment.runs(run_ids=[dead.run_id])
    assert failed.status == dg.DagsterRunStatus.FAILURE
    again = deployment.runs(tags={"dagster/parent_run_id": dead.run_id})
    assert len(again) == 1, "once, and neither by the retries nor by the sensor"
    wait_for(lambda: not deployment.runs(job_name="ingest", statuses=UNDER_WAY), "an empty queue")


def no_secret_is_written_or_said(deployment: Deployment) -> None:
    """Look for the planted secrets in everything there is, and in what is said of a database that is away."""
    database, bucket = deployment.env["DAGSTER_POSTGRES_URL"], f"s3://{deployment.env['DAGSTER_LOGS_BUCKET']}"
    assert planted.SECRET in database
    planted.check_nowhere(
        deployment.folder, bucket=bucket, database=database, marker=bucket.removeprefix("s3://")
    )
    nowhere = f"{database.rpartition(':')[0]}:{free_port()}/postgres"
    away = subprocess.run(
        [GUYOT, "automation", "status"], env=deployment.env | {"DAGSTER_POSTGRES_URL": nowhere},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = away.stdout + away.stderr
    assert (away.returncode, planted.SECRET in said) == (1, False), said
    assert "its database says" in said


def _at_step(instance: dg.DagsterInstance, run: dg.DagsterRun, step: str) -> bool:
    """Say whether a run is in the middle of a step."""
    of_step = [stats for stats in instance.get_run_step_stats(run.run_id) if stats.step_key == step]
    return bool(of_step) and of_step[0].start_time is not None and of_step[0].end_time is None

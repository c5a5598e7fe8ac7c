"""Curate: scores, mixtures and schedules for a snapshot of the live shards, by hand or each night."""

import time

import dagster as dg

from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS
from guyot.identity import fingerprint
from jobs.requests import Request, refusal, under_way
from resources.settings import Settings

_SCORES = [name for name in plan.curated() if discover.asset(name).group_name == "cluster"]
score = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.assets(*_SCORES),
    description="Take a snapshot of the live shards and score its documents.",
)
curate = dg.define_asset_job(
    "curate",
    selection=dg.AssetSelection.groups("prune"),
    description="Cut the mixtures of the recipes asked for, and plan their epochs.",
)
snapshot = dg.define_asset_job(
    "snapshot",
    selection=dg.AssetSelection.assets(*plan.curated(LakeResources(Settings())), plan.CATALOGUE),
    description="Take a snapshot of the live shards; make and audit all mixtures of it, and their schedules.",
)
JOBS = [score, curate, snapshot]


@dg.schedule(
    job=snapshot,
    cron_schedule=Settings().automation.curate_cron,
    description="Make all mixtures of a new snapshot, if something changed and no shard waits.",
)
def curate_nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request a snapshot once a night.

    The schedule ticks several times: where shards still wait to be ingested at the first tick, a later
    one has the night's snapshot; and where it is made, `automation.curate_hours` makes the later ones pass.
    """
    request, reason = decide(context.instance, LakeResources(Settings()), time.time())
    return request.run_request() if request else dg.SkipReason(reason)


def decide(instance: dg.DagsterInstance, lake: LakeResources, now: float) -> tuple[Request | None, str]:
    """Decide whether to request a snapshot now, with the reason if not.

    Parameters
    ----------
    now : time, in seconds since the epoch
    """
    if lake.store.current("shard_registry") is None or not lake.shards():
        return None, "0 shards; start the sensor ingest_changed_shards, or run the job scan"
    unfitted = plan.unfitted(lake)
    if unfitted:
        return None, f"shards wait for {' and '.join(unfitted)}"
    waiting = plan.stale_shards(lake)
    if waiting:
        return None, f"{len(waiting):,} shards wait to be ingested, the first of them {waiting[0]}"
    stale = _first_stale(lake)
    if stale is None:
        live = lake.store.required(_SCORES[0])
        return None, f"nothing changed since the live snapshot, {live.table} {live.version}"
    running = under_way(instance, snapshot.name)
    if running is not None:
        return None, f"a snapshot is under way: run {running.run_id}"
    hours = _hours_since(instance, now)
    if hours < lake.settings.automation.curate_hours:
        return None, (
            f"the last snapshot was made {hours:.1f} hours ago; there is one every "
            f"{lake.settings.automation.curate_hours:g} hours at most"
        )
    recipes = RECIPE_KEYS.get_partition_keys()
    request = Request(snapshot.name, _fingerprint(lake), (), (recipes[0], recipes[-1]), len(recipes))
    why = refusal(instance, request)
    return (None, why) if why else (request, "")


def _first_stale(lake: LakeResources) -> str | None:
    """Name the first asset of a snapshot that is missing or stale; those after it cannot tell."""
    return next((name for name in plan.curated() if plan.stale(discover.asset(name), lake)), None)


def _fingerprint(lake: LakeResources) -> str:
    """Hash all that decides what a snapshot holds."""
    settings = {
        name: [(key, discover.asset(name).version_settings(lake, key))
               for key in plan.keys(discover.asset(name), lake)]
        for name in plan.curated()
    }  # fmt: skip
    codes = [discover.asset(name).code_version for name in plan.curated()]
    return fingerprint([plan.shards_fingerprint(lake, lake.shards()), settings, codes])


def _hours_since(instance: dg.DagsterInstance, now: float) -> float:
    """Count the hours since the last snapshot was made, here or by the schedule."""
    done = dg.RunsFilter(job_name=snapshot.name, statuses=[dg.DagsterRunStatus.SUCCESS])
    records = instance.get_run_records(done, limit=1)
    ended = records[0].end_time if records else None
    return float("inf") if ended is None else (now - ended) / 3600

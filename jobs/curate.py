"""Curate: scores, mixtures and schedules for a snapshot of the live shards, by hand or each night."""

import time

import dagster as dg

from assets.cluster import cluster_scores
from assets.graph.partitions import RECIPE_KEYS
from assets.graph.plan import BY_ASSET, Lake, open_lake, stale_shards, unfitted
from guyot.identity import fingerprint
from jobs.requests import Request, refusal, under_way
from resources.settings import Settings

_SCORED = ("cluster_scores", "minhash_scores", "corruption_sensitivity", "duplicate_truth")
_CURATED = (*_SCORED, "pruned_mixtures", "length_confound", "agreement", "shift", "epoch_schedules")
score = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.assets("cluster_scores", "minhash_scores"),
    description="Take a snapshot of the live shards and score its documents.",
)
curate = dg.define_asset_job(
    "curate",
    selection=dg.AssetSelection.groups("prune"),
    description="Cut the mixtures of the recipes asked for, and plan their epochs.",
)
snapshot = dg.define_asset_job(
    "snapshot",
    selection=dg.AssetSelection.assets(*_CURATED, "catalogue"),
    description="Take a snapshot of the live shards; make and audit all mixtures of it, and their schedules.",
)
JOBS = [score, curate, snapshot]


@dg.schedule(
    job=snapshot,
    cron_schedule=Settings().automation.curate_cron,
    description="Make all mixtures of a new snapshot, if something changed and no shard waits.",
)
def curate_nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a snapshot once a night.

    The schedule ticks several times: where shards still wait to be ingested at the first tick, a later
    one has the night's snapshot; and where it is made, `automation.curate_hours` makes the later ones pass.
    """
    request, said = decide(context.instance, open_lake(Settings()), time.time())
    return request.run_request() if request else dg.SkipReason(said)


def decide(instance: dg.DagsterInstance, lake: Lake, now: float) -> tuple[Request | None, str]:
    """Decide whether to ask for a snapshot now; if not, say why.

    Parameters
    ----------
    now : time, in seconds since the epoch
    """
    if lake.store.current("shard_registry") is None or not lake.shards():
        return None, "0 shards; start the sensor ingest_changed_shards, or run the job scan"
    lacking = unfitted(lake)
    if lacking:
        return None, f"shards wait for {' and '.join(lacking)}"
    waiting = stale_shards(lake)
    if waiting:
        return None, f"{len(waiting):,} shards wait to be ingested, the first of them {waiting[0]}"
    wanted = cluster_scores.spec(lake.store, lake.settings).version
    if not _is_stale(lake):
        return None, f"nothing changed since the live snapshot, cluster_scores {wanted}"
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
    settings = fingerprint(lake.settings.select("training.tokens", "training.segment_tokens", "seed"))
    inputs_fingerprint = fingerprint([wanted, settings, list(recipes)])
    request = Request(snapshot.name, inputs_fingerprint, (), (recipes[0], recipes[-1]), len(recipes))
    why = refusal(instance, request)
    return (None, why) if why else (request, "")


def _is_stale(lake: Lake) -> bool:
    """Say whether scores, a mixture or a schedule is missing or stale; each is told by those before it."""
    recipes = list(RECIPE_KEYS.get_partition_keys())
    return any(BY_ASSET[asset].stale(lake, recipes) for asset in _CURATED)


def _hours_since(instance: dg.DagsterInstance, now: float) -> float:
    """Count the hours since the last snapshot was made, here or by the schedule."""
    done = dg.RunsFilter(job_name=snapshot.name, statuses=[dg.DagsterRunStatus.SUCCESS])
    records = instance.get_run_records(done, limit=1)
    ended = records[0].end_time if records else None
    return float("inf") if ended is None else (now - ended) / 3600

"""Ingest: per shard, from source files down to embeddings and assignments, as soon as something changed."""

import dataclasses
import time

import dagster as dg
import pyarrow as pa

from assets.graph import discover, plan
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.runs_under_way import is_building_shards
from assets.graph.shard_partitions import ShardPartitions, keys_named, size_now, size_wanted
from guyot.identity import fingerprint
from jobs.requests import Request, busy_partitions, refusal, under_way
from jobs.spans import spans
from resources.settings import Settings
from resources.sources.registry import live_shards, n_numbered

scan = dg.define_asset_job(
    "scan",
    selection=dg.AssetSelection.assets(plan.REGISTRY),
    description="List the source files and give the new ones to shards.",
)
ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.assets(*plan.per_shard()),
    description="Read, measure, embed and assign the documents of the shards asked for.",
)
fit = dg.define_asset_job(
    "fit",
    selection=dg.AssetSelection.assets(*plan.fitted()),
    description=f"Train what shards are measured and placed with: {' and '.join(plan.fitted())}.",
)
JOBS = [scan, ingest, fit]
_FITTED_ON = {table for name in plan.fitted() for table in discover.asset(name).deps}
_FIRST_ASSETS = tuple(name for name in plan.per_shard() if name in _FITTED_ON)  # of any documents
_MAX_RUNS = 16
_LOOK_AGAIN_SECONDS = 3600  # at all shards, in case tables were removed by hand


@dataclasses.dataclass(frozen=True)
class Decision:
    """The runs to request now, or the reason for none.

    current : names the state of which every shard was looked at and found current; else empty
    """

    requests: tuple[Request, ...]
    reason: str
    current: str = ""


@dg.sensor(
    jobs=JOBS,
    minimum_interval_seconds=Settings().automation.sensor_seconds,
    description="Scan when the source changed, and ingest the shards that are stale, and only these.",
)
def ingest_changed_shards(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request runs for what is missing or stale by the lake's manifests.

    Level-triggered: what is requested depends on the lake's state, not on past events. So nothing is
    missed while the sensor was off, and what a dead run left undone is asked for again.
    """
    decision = decide(context.instance, LakeResources(Settings()), context.cursor or "")
    context.update_cursor(decision.current)
    if decision.requests:
        return dg.SensorResult(run_requests=[request.run_request() for request in decision.requests])
    return dg.SkipReason(decision.reason)


def decide(instance: dg.DagsterInstance, lake: LakeResources, found_current: str = "") -> Decision:
    """Decide which runs to request now, or return the reason for none.

    Parameters
    ----------
    found_current : `Decision.current` of the time before: the shards are not looked at one by one again

    Raises
    ------
    GuyotError : the source cannot be listed, or the encoder is not there; nothing is asked for.
    """
    known = list(instance.get_dynamic_partitions(str(SHARDS.name)))
    scanning = _scan(instance, lake, known)
    if scanning is not None:
        return scanning
    unfitted = plan.unfitted(lake) if known else []
    shards = lake.shards()
    state = fingerprint([plan.shards_fingerprint(lake, shards), int(time.time() // _LOOK_AGAIN_SECONDS)])
    if unfitted or state != found_current:
        assets = _FIRST_ASSETS if unfitted else plan.per_shard(lake)
        stale = plan.stale_shards(lake, assets)
        if stale:
            return _ingest(instance, lake, known, (stale, shards), assets)
    if unfitted:
        running = under_way(instance, fit.name)
        if running is not None:
            return Decision((), f"{' and '.join(unfitted)} under way: run {running.run_id}")
        return _asked(instance, [Request(fit.name, plan.shards_fingerprint(lake, shards), tuple(unfitted))])
    return Decision((), f"{len(shards):,} shards, all current", state)


def _scan(instance: dg.DagsterInstance, lake: LakeResources, known: list[str]) -> Decision | None:
    """Request a scan if the source, or Dagster's list of partitions, differs from the registry."""
    registry = lake.store.current(plan.REGISTRY)
    files = None if registry is None else lake.store.table(registry)
    found = [lake.sources.difference(files)]
    if registry is not None and files is not None:
        rule, asked = registry.settings["held_out"], lake.settings
        wanted = [asked.reading.held_out_unit, asked.reading.held_out_fraction, asked.seed]
        found.append(fingerprint(wanted) if wanted != [rule["by"], rule["fraction"], rule["seed"]] else "")
        expected = set(keys_named(live_shards(files), size_now(known)))
        found.append(fingerprint(known) if set(known) != expected else "")
        found.append(_size_to_come(instance, files, known))
    if not any(found):
        return None
    running = under_way(instance, scan.name)
    if running is not None:
        return Decision((), f"a scan is under way: run {running.run_id}")
    request = Request(scan.name, fingerprint([registry.version if registry else "", *found]))
    last = instance.get_runs(dg.RunsFilter(job_name=scan.name), limit=1)
    if last and last[0].is_success and request.is_of(last[0]):
        return Decision((), f"a scan did not change what differs; see run {last[0].run_id}")
    return _asked(instance, [request])


def _size_to_come(instance: dg.DagsterInstance, registry: pa.Table, known: list[str]) -> str:
    """Return the size of partitions that a scan would give Dagster by itself, if it is another and can be.

    Not that of a setting: where two processes have two, each would ask for its own for ever.
    """
    wanted = size_wanted(known, n_numbered(registry["shard"].to_pylist()), 0)
    return f"groups of {wanted}" if wanted != size_now(known) and not is_building_shards(instance) else ""


def _ingest(
    instance: dg.DagsterInstance,
    lake: LakeResources,
    known: list[str],
    of_shards: tuple[list[str], list[str]],
    assets: tuple[str, ...],
) -> Decision:
    """Request stale shards that no run has yet, one run for each range of adjacent partitions.

    Parameters
    ----------
    of_shards : the stale ones, and all
    """
    stale, shards = of_shards
    place = {key: number for number, key in enumerate(known)}
    partitions = ShardPartitions(known)
    free = set(partitions.keys_of(stale)) - busy_partitions(instance, assets, known)
    if not free:
        return Decision((), f"{len(stale):,} of {len(shards):,} shards are stale, and under way")
    found = [span for span in spans([*free], known) if span]
    if len(found) > _MAX_RUNS:  # passing over a shard that is current takes less than starting a run
        found = [(found[0][0], found[-1][1])]
    requests: list[Request] = []
    for first, last in found:
        covered = known[place[first] : place[last] + 1]
        building = ShardPartitions([key for key in covered if key in free])
        inputs = plan.shards_fingerprint(lake, building.shards_of(shards))
        requests.append(Request(ingest.name, inputs, assets, (first, last), len(covered)))
    return _asked(instance, requests)


def _asked(instance: dg.DagsterInstance, requests: list[Request]) -> Decision:
    """Leave out what is under way or has failed too often."""
    refused = {request: refusal(instance, request) for request in requests}
    wanted = tuple(request for request, why in refused.items() if not why)
    return Decision(wanted, "; ".join(why for why in refused.values() if why))

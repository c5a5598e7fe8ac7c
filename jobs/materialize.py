"""Materialize in this process, asset by asset, in the UI's event log: what is stale, or what is asked for."""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator

import dagster as dg

from assets.graph.plan import (
    ASSETS,
    FITTED,
    PER_RECIPE,
    PER_SHARD,
    REGISTRY,
    Lake,
    Phase,
    open_lake,
    phases_until,
    span_tags,
    spans,
)
from guyot import errors
from guyot.errors import GuyotError, SettingError
from jobs.instance import dead_runs
from jobs.instance.home import instance_of
from recipes import RECIPES
from resources.settings import Settings
from resources.sources.scan import Sources

OnAssetStart = Callable[[str, int], None]
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the bars say it
_OURS = {name for name in vars(errors) if name.endswith("Error")}


class PartlyMadeError(GuyotError):
    """Some recipes could not be made; `made` are the assets of which the others were."""

    def __init__(self, said: str, made: list[str]) -> None:
        super().__init__(said)
        self.made = made


@dataclasses.dataclass(frozen=True)
class _Runner:
    """What runs are executed with."""

    defs: dg.Definitions
    instance: dg.DagsterInstance
    lake: Lake

    def partitions(self, asset: str) -> list[str]:
        """List an asset's partitions in Dagster's order, which is what a range of them goes by."""
        defined = self.defs.resolve_assets_def(asset).partitions_def
        return list(defined.get_partition_keys(dynamic_partitions_store=self.instance)) if defined else []

    def execute(self, assets: Iterable[str], span: tuple[str, str] | None) -> None:
        """Run assets with the lake's settings over a range of their partitions."""
        names = list(assets)
        job = self.defs.resolve_implicit_global_asset_job_def()
        key = span[0] if span and span[0] == span[1] else None
        tags = {} if key else span_tags(span)
        config = {"resources": {"settings": {"config": self.lake.settings.model_dump()}}}
        outcome = job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in names],
            partition_key=key,
            tags={**tags, **dead_runs.process_tag()},
            raise_on_error=False,
            run_config={**_QUIET, **config},
        )
        if not outcome.success:
            raise _failure(", ".join(names), outcome)


def materialize_stale(
    settings: Settings, recipes: list[str], until: str | None, on_asset_start: OnAssetStart
) -> list[str]:
    """Scan the sources, then materialize every stale partition up to an asset, and the catalogue.

    Parameters
    ----------
    on_asset_start : called with each asset's name and how many partitions it is about to make

    Returns
    -------
    The assets that were materialized, the scan of the sources not counted.

    Raises
    ------
    PartlyMadeError : some recipes could not be made; all that does not hang on them stands.
    GuyotError : an asset could not be made; those before it stand.
    """
    _check_recipes(recipes)
    _check_assets([] if until is None else [until])
    made: list[str] = []
    failures: list[str] = []
    with _runner(settings) as runner:
        on_asset_start(REGISTRY, 1)
        runner.execute([REGISTRY], None)
        for phase in phases_until(until):
            stale = phase.stale(runner.lake, recipes)
            if stale:
                on_asset_start(phase.asset, len(stale))
                made.append(phase.asset)
            for span in spans(stale, runner.partitions(phase.asset)):
                try:
                    runner.execute([phase.asset], span)
                except GuyotError as error:
                    if phase.asset not in PER_RECIPE:
                        raise
                    failures.append(str(error))
            if stale and phase.asset in PER_RECIPE:
                recipes = _standing(phase, runner.lake, recipes)
            if failures and not recipes:
                break
    if failures:
        raise PartlyMadeError("; ".join(failures), made)
    return made


def _standing(phase: Phase, lake: Lake, recipes: list[str]) -> list[str]:
    """List the recipes of which a phase made all."""
    left = {str(key).partition("|")[0] for key in phase.stale(lake, recipes)}
    return [name for name in recipes if name not in left]


def backfill(
    settings: Settings, assets: list[str], partitions: list[str], on_asset_start: OnAssetStart
) -> list[str]:
    """Materialize assets over all their partitions, or over some, in as few runs as can be: one, mostly.

    Parameters
    ----------
    assets : in any order; none are the assets of the shards. A tokenizer or centroids, which stay as
        shards come and go, are made anew on today's documents when they are named here.
    partitions : keys of the assets' partitions; none are all of them
    on_asset_start : called with the assets of each run and how many partitions it has

    Returns
    -------
    The assets that were materialized, in the order of the graph; a partition that stands costs next to
    nothing.

    Raises
    ------
    SettingError : an asset or a partition that is not there.
    GuyotError : an asset could not be made; those before it stand.
    """
    _check_assets(assets)
    with _runner(settings) as runner:
        if REGISTRY in assets or not assets:
            on_asset_start(REGISTRY, 1)
            runner.execute([REGISTRY], None)
        asked = assets or _shard_assets(runner.lake)
        wanted = [name for name in ASSETS if name in asked and name != REGISTRY]
        for group in _groups(runner, wanted):
            everything = runner.partitions(group[0])
            chosen = _chosen(group, everything, partitions)
            on_asset_start(", ".join(group), len(chosen) or 1)
            for span in spans(list(chosen) or [None], everything):
                runner.execute(group, span)
    return wanted


def _shard_assets(lake: Lake) -> list[str]:
    """List the assets of the shards and, where there is none yet, what they are made with."""
    return [*PER_SHARD, *(name for name in FITTED if lake.store.current(name) is None)]


def _groups(runner: _Runner, wanted: list[str]) -> Iterator[list[str]]:
    """Join neighbours in the graph that have the same partitions: one run each."""
    group: list[str] = []
    for name in wanted:
        same = group and runner.partitions(name) == runner.partitions(group[0]) != []
        if group and not same:
            yield group
            group = []
        group.append(name)
    if group:
        yield group


def _chosen(group: list[str], everything: list[str], partitions: list[str]) -> list[str]:
    """Choose partitions of a group of assets; those of another kind are not for it."""
    unknown = [key for key in partitions if everything and key not in everything]
    if unknown:
        raise SettingError(
            f"partition {unknown[0]!r} of {group[0]} was asked for; it has {len(everything)}, from "
            f"{everything[0]} to {everything[-1]}"
        )
    return [key for key in everything if not partitions or key in partitions]


@contextlib.contextmanager
def _runner(settings: Settings) -> Iterator[_Runner]:
    """Open the event log; what dead workers hold or left is cleared away first."""
    from definitions import defs  # the graph, loaded when it is needed

    Sources(settings=settings).check_outside_lake()  # before anything is written into it
    lake = open_lake(settings)
    with instance_of(settings) as instance:
        dead_runs.recover(instance, lake.store.files, time.time())
        yield _Runner(defs, instance, lake)


def _check_recipes(recipes: list[str]) -> None:
    """Refuse names that are not there before any work is done."""
    known = [recipe.name for recipe in RECIPES]
    for name in recipes:
        if name not in known:
            raise SettingError(f"recipe {name!r} is not in recipes.py; choose from {', '.join(known)}")


def _check_assets(assets: list[str]) -> None:
    """Refuse names that are not there before any work is done."""
    for name in assets:
        if name not in ASSETS:
            raise SettingError(f"asset {name!r} is not in the graph; choose from {', '.join(ASSETS)}")


def _failure(assets: str, outcome: dg.ExecuteInProcessResult) -> GuyotError:
    """Turn a failed run into one error that says what went wrong."""
    for event in outcome.all_events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        if event.is_step_failure and error is not None:
            while error.cause is not None and error.cls_name not in _OURS:
                error = error.cause
            said = error.message.strip().removeprefix(f"guyot.errors.{error.cls_name}: ")
            return GuyotError(f"{event.step_key or assets} failed: {said} (run {outcome.run_id})")
    return GuyotError(f"{assets} failed; the UI shows run {outcome.run_id}")

"""Materialize what is missing or stale, asset by asset, in this process and in the UI's event log."""

import dataclasses
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets import (
    catalogue,
    centroids,
    cluster_assignments,
    cluster_scores,
    embeddings,
    epoch_schedules,
    evaluations,
    leaderboard,
    pruned_mixtures,
    quality_signals,
    raw_shards,
    report,
    snapshot,
    tokenizer,
    training_runs,
)
from assets.making import Making
from guyot.errors import GuyotError, SettingError
from recipes import RECIPES, SEEDS
from resources.catalogue import Catalogue
from resources.encoder import EncoderResource
from resources.settings import ROOT, Settings
from resources.store import Store

RANGE_BEGIN = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the bars say it


@dataclasses.dataclass(frozen=True)
class Lake:
    """What the plan reads to tell what is stale."""

    settings: Settings
    store: Store
    encoder: EncoderResource

    @property
    def catalogue(self) -> Catalogue:
        """The tables as views."""
        return Catalogue(settings=self.settings, store=self.store)

    def shards(self) -> list[str]:
        """List the live shards."""
        return snapshot.live_shards(self.store)


@dataclasses.dataclass(frozen=True)
class Phase:
    """One asset: its partitions (None for an asset without), and what each is made from."""

    asset: str
    makings: Callable[[Lake, list[str]], dict[str | None, Making]]
    settles: bool = False

    def stale(self, lake: Lake, recipes: list[str]) -> list[str | None]:
        """List the partitions that are missing or stale."""
        makings = self.makings(lake, recipes)
        live = Making.is_settled if self.settles else Making.is_live
        return [key for key, making in makings.items() if not live(making, lake.store)]


def _shards(making: Callable[[Lake, str], Making]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per shard."""
    return lambda lake, _: {shard: making(lake, shard) for shard in lake.shards()}


def _recipes(making: Callable[[Lake, str], Making]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per recipe."""
    return lambda lake, names: {name: making(lake, name) for name in names}


def _runs(making: Callable[[Lake, str, int], Making]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset with a partition per recipe and seed."""
    return lambda lake, names: {
        f"{name}|{seed}": making(lake, name, seed) for name in names for seed in SEEDS
    }


def _whole(making: Callable[[Lake], Making]) -> Callable[[Lake, list[str]], Any]:
    """Plan an asset without partitions."""
    return lambda lake, _: {None: making(lake)}


PHASES: tuple[Phase, ...] = (
    Phase("raw_shards", _shards(lambda at, s: raw_shards.making(at.store, at.settings, s))),
    Phase("tokenizer", _whole(lambda at: tokenizer.making(at.store, at.settings)), settles=True),
    Phase("quality_signals", _shards(lambda at, s: quality_signals.making(at.store, s))),
    Phase("embeddings", _shards(lambda at, s: embeddings.making(at.store, at.encoder, s))),
    Phase(
        "centroids",
        _whole(lambda at: centroids.making(at.store, at.settings, at.encoder)),
        settles=True,
    ),
    Phase("cluster_assignments", _shards(lambda at, s: cluster_assignments.making(at.store, s))),
    Phase("cluster_scores", _whole(lambda at: cluster_scores.making(at.store, at.settings))),
    Phase("pruned_mixtures", _recipes(lambda at, r: pruned_mixtures.making(at.store, at.settings, r))),
    Phase("epoch_schedules", _recipes(lambda at, r: epoch_schedules.making(at.store, at.settings, r))),
    Phase("training_runs", _runs(lambda at, r, s: training_runs.making(at.store, at.settings, r, s))),
    Phase("evaluations", _runs(lambda at, r, s: evaluations.making(at.store, at.settings, r, s))),
    Phase("leaderboard", _whole(lambda at: leaderboard.making(at.store))),
    Phase("catalogue", _whole(lambda at: catalogue.making(at.catalogue))),
    Phase("report", _whole(lambda at: report.making(at.store))),
)
REGISTRY, CATALOGUE = "shard_registry", "catalogue"
_OURS = {"GuyotError", "SettingError", "ArrayError", "MissingError", "CorruptError", "EvaluationError"}
ASSETS = (REGISTRY, *(phase.asset for phase in PHASES))


def dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's event log inside the lake, made ready if it is new."""
    home = Path(settings.lake).expanduser().resolve() / ".dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(ROOT / "dagster.yaml", home / "dagster.yaml")
    return home


def materialize_stale(
    settings: Settings,
    recipes: list[str],
    until: str | None,
    tell: Callable[[str, int], None],
) -> list[str]:
    """Scan the sources, then materialize every stale partition up to an asset, and the catalogue.

    Parameters
    ----------
    tell : called with each asset's name and how many partitions it is about to make

    Returns
    -------
    The assets that were materialized, the scan of the sources not counted.

    Raises
    ------
    GuyotError : an asset could not be made; those before it stand.
    """
    _check(recipes, until)
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    from definitions import defs  # the graph, loaded when it is needed

    store = Store(settings=settings)
    lake = Lake(settings, store, EncoderResource(settings=settings))
    made: list[str] = []
    with dg.DagsterInstance.get() as instance:
        tell(REGISTRY, 1)
        _execute(defs, instance, settings, REGISTRY, None)
        for phase in _until(until):
            stale = phase.stale(lake, recipes)
            if stale:
                tell(phase.asset, len(stale))
                made.append(phase.asset)
            for span in _spans(stale, _partitions(defs, instance, phase.asset)):
                _execute(defs, instance, settings, phase.asset, span)
    return made


def _check(recipes: list[str], until: str | None) -> None:
    """Refuse names that are not there before any work is done."""
    known = [recipe.name for recipe in RECIPES]
    for name in recipes:
        if name not in known:
            raise SettingError(f"recipe {name!r} is not in recipes.py; choose from {', '.join(known)}")
    if until is not None and until not in ASSETS:
        raise SettingError(f"asset {until!r} is not in the graph; choose from {', '.join(ASSETS)}")


def _until(asset: str | None) -> Iterator[Phase]:
    """Yield the phases up to an asset and, so that the tables can be queried, the catalogue."""
    last = len(PHASES) if asset is None else ASSETS.index(asset)
    yield from PHASES[:last]
    yield from (phase for phase in PHASES[last:] if phase.asset == CATALOGUE)


def _partitions(defs: dg.Definitions, instance: dg.DagsterInstance, asset: str) -> list[str]:
    """List an asset's partitions in Dagster's order, which is what a range of them goes by."""
    partitions = defs.resolve_assets_def(asset).partitions_def
    return list(partitions.get_partition_keys(dynamic_partitions_store=instance)) if partitions else []


def _spans(stale: list[str | None], everything: list[str]) -> Iterator[tuple[str, str] | None]:
    """Join stale partitions that stand side by side into ranges: one run each."""
    if stale == [None]:
        yield None
        return
    begin: str | None = None
    for key, following in itertools.zip_longest(everything, everything[1:]):
        if key not in stale:
            continue
        begin = begin or key
        # Runs of recipe x seed are asked for one by one: a range of two dimensions is their product.
        if following not in stale or "|" in key:
            yield begin, key
            begin = None


def _execute(
    defs: dg.Definitions, instance: dg.DagsterInstance, settings: Settings, asset: str,
    span: tuple[str, str] | None,
) -> None:  # fmt: skip
    """Run one asset with these settings over a range of its partitions."""
    job = defs.resolve_implicit_global_asset_job_def()
    tags = {RANGE_BEGIN: span[0], RANGE_END: span[1]} if span else {}
    key = span[0] if span and span[0] == span[1] else None
    outcome = job.execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(asset)],
        partition_key=key,
        tags=None if key else tags,
        raise_on_error=False,
        run_config={**_QUIET, "resources": {"settings": {"config": settings.model_dump()}}},
    )
    if not outcome.success:
        raise _failure(asset, outcome)


def _failure(asset: str, outcome: dg.ExecuteInProcessResult) -> GuyotError:
    """Turn a failed run into one error that says what went wrong."""
    for event in outcome.all_events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        if event.is_step_failure and error is not None:
            while error.cause is not None and error.cls_name not in _OURS:
                error = error.cause
            said = error.message.strip().removeprefix(f"guyot.errors.{error.cls_name}: ")
            return GuyotError(f"{asset} failed: {said} (run {outcome.run_id})")
    return GuyotError(f"{asset} failed; the UI shows run {outcome.run_id}")

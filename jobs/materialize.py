"""Materialize in this process, asset by asset: what is stale, or what is asked for."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

from assets.graph import compaction, discover, plan
from assets.graph.asset import LakeAsset
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.shard_partitions import ShardPartitions
from guyot.errors import GuyotError, SettingError
from jobs.nothing_read import no_files, no_training_documents
from jobs.runner import Runner, runner_of
from jobs.spans import spans
from jobs.stages import Stage, stage_of
from resources.settings import Settings


class PartlyBuiltError(GuyotError):
    """Some recipes could not be built; `built` are the assets of which the others were."""

    def __init__(self, message: str, built: list[str]) -> None:
        super().__init__(message)
        self.built = built

    def __reduce__(self) -> tuple[type, tuple[str, list[str]]]:
        """Return what makes it again in another process."""
        return type(self), (str(self), self.built)


@dataclasses.dataclass(frozen=True)
class Materialized:
    """What was materialized.

    assets : the scan of the sources not counted
    look : the lake as it was afterwards
    """

    assets: list[str]
    look: LakeResources


def materialize_stale(settings: Settings, recipes: Sequence[str] | None, until: str | None) -> Materialized:
    """Scan the sources, then materialize every stale partition up to an asset, and the catalogue.

    Parameters
    ----------
    recipes : where none are given, all are cut, audited and scheduled, and those of `recipes.TRAINED` trained

    Raises
    ------
    PartlyBuiltError : some recipes could not be built; all that does not depend on them is.
    SettingError : no file of the source is read, or no document of it is for training.
    RunInterruptedError : someone pressed Ctrl-C; the assets before are built.
    GuyotError : an asset could not be built; those before it are.
    """
    _check_recipes(recipes or [])
    last = None if until is None else discover.asset(until).name
    built: list[str] = []
    failures: list[str] = []
    failed: set[str] = set()
    with runner_of(settings) as runner:
        runner.execute([plan.REGISTRY], None)
        if last != plan.REGISTRY and (said := no_files(runner.lake)):
            raise SettingError(said)
        waiting, now = tuple(plan.until(last)), runner.lake.remembered()
        while waiting:
            asset, waiting = waiting[0], waiting[1:]
            wanted = _wanted(asset, now, recipes, failed)
            stale = plan.stale(asset, now, wanted)
            if not stale:
                continue
            stage = stage_of(asset, stale, waiting, dataclasses.replace(runner, lake=now))
            waiting = stage.rest
            built += [name for name in stage.assets if name not in built]
            failures += _build(runner, stage)
            now = runner.lake.remembered()
            if asset.name in plan.per_recipe():
                failed |= _unbuilt(asset, runner.lake, wanted)
                if failures and failed.issuperset(recipes or BY_NAME):
                    break
        compaction.compact(now)
    if failures:
        raise PartlyBuiltError("; ".join(failures), built)
    return Materialized(built, now)


def _wanted(
    asset: LakeAsset, lake: LakeResources, recipes: Sequence[str] | None, failed: set[str]
) -> list[str]:
    """List the recipes that an asset is built for."""
    names = recipes if recipes is not None else plan.default_recipes(asset, lake)
    return [name for name in names if name not in failed]


def _build(runner: Runner, stage: Stage) -> list[str]:
    """Build a stage, and say which recipes' partitions could not be; any other failure is raised."""
    failures: list[str] = []
    for span in stage.spans:
        try:
            runner.execute(stage.assets, span)
        except GuyotError as error:
            if stage.assets[0] not in plan.per_recipe():
                said = ""
                with contextlib.suppress(GuyotError):  # what is told is the first error
                    said = no_training_documents(runner.lake)
                if said:
                    raise SettingError(said) from error
                raise
            failures.append(str(error))
    return failures


def _unbuilt(asset: LakeAsset, lake: LakeResources, recipes: list[str]) -> set[str]:
    """List the recipes of which an asset could not build all."""
    return {str(key).partition("|")[0] for key in plan.stale(asset, lake, recipes)}


def backfill(settings: Settings, assets: list[str], partitions: list[str]) -> list[str]:
    """Materialize assets over all their partitions, or over some, in as few runs as possible, usually one.

    Parameters
    ----------
    assets : in any order; none are the assets of the shards. A tokenizer or centroids, which stay as
        shards come and go, are trained anew on today's documents when they are named here.
    partitions : keys of the assets' partitions, or shards of them; none are all of them

    Returns
    -------
    The assets that were materialized, in the order of the graph; a partition that is live costs next to
    nothing.

    Raises
    ------
    SettingError : an asset or a partition that is not there.
    RunInterruptedError : someone pressed Ctrl-C; the assets before are built.
    GuyotError : an asset could not be built; those before it are.
    """
    for name in assets:
        discover.asset(name)
    with runner_of(settings) as runner:
        if plan.REGISTRY in assets or not assets:
            runner.execute([plan.REGISTRY], None)
        asked = assets or _shard_assets(runner.lake)
        wanted = [name for name in plan.names() if name in asked and name != plan.REGISTRY]
        for group in _groups(runner, wanted):
            everything = runner.partitions(group[0])
            chosen = _chosen(group, everything, partitions, runner.lake)
            for span in spans(list(chosen) or [None], everything):
                runner.execute(group, span)
    return wanted


def _shard_assets(lake: LakeResources) -> list[str]:
    """List the assets of the shards and, where there is none yet, what they are built with."""
    return [
        *plan.per_shard(lake),
        *(name for name in plan.fitted(lake) if lake.store.current(name) is None),
    ]


def _groups(runner: Runner, wanted: list[str]) -> Iterator[list[str]]:
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


def _chosen(group: list[str], everything: list[str], partitions: list[str], lake: LakeResources) -> list[str]:
    """Choose partitions of a group of assets, of a shard the one that holds it; others are not for it."""
    if discover.asset(group[0]).is_per_shard:
        of_shards, live = ShardPartitions(everything), set(lake.shards())
        partitions = [(of_shards.key_of(key) if key in live else None) or key for key in partitions]
    unknown = [key for key in partitions if everything and key not in everything]
    if unknown:
        raise SettingError(
            f"partition {unknown[0]!r} of {group[0]} was asked for; it has {len(everything)}, from "
            f"{everything[0]} to {everything[-1]}"
        )
    return [key for key in everything if not partitions or key in partitions]


def _check_recipes(recipes: Sequence[str]) -> None:
    """Refuse names that are not there before any work is done."""
    for name in recipes:
        if name not in BY_NAME:
            raise SettingError(f"recipe {name!r} is not in recipes.py; choose from {', '.join(BY_NAME)}")

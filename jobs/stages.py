"""Stages: neighbours in the graph that one run of Dagster's builds, since each costs half a second.

A stage begins with an asset that is stale. Those after it join, as long as all that they are built from is
built in the same run or before it, over shards that are one range.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from assets.graph import discover, plan
from assets.graph.asset import LakeAsset
from assets.graph.lake import LakeResources
from assets.graph.partitions import RUNS, SHARDS
from assets.graph.shard_partitions import ShardPartitions
from guyot.errors import MissingError
from jobs.runner import Runner
from jobs.spans import spans

Span = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Stage:
    """What is built together.

    assets : names, in the order of the graph
    spans : ranges of partitions, a run each; None is a run of assets without partitions
    rest : the assets after it that are still to be looked at
    """

    assets: tuple[str, ...]
    spans: tuple[Span | None, ...]
    rest: tuple[LakeAsset, ...]


@dataclasses.dataclass
class _Joined:
    """The assets of a stage so far, and the shards that it builds; None before its first asset of shards."""

    assets: list[LakeAsset]
    shards: list[str] | None

    def feeds(self, asset: LakeAsset, *, fitted: bool = False) -> bool:
        """Return whether an asset is built from one of them, or from a fitted one."""
        return any(one.name in asset.deps and (one.is_fitted or not fitted) for one in self.assets)


def stage_of(
    first: LakeAsset, stale: Sequence[str | None], following: Sequence[LakeAsset], runner: Runner
) -> Stage:
    """Join to a stale asset those after it that the same runs can build.

    An asset of recipes stays alone, so that a recipe that cannot be cut stops nothing else; but trainings
    side by side and their evaluations are one run.

    Parameters
    ----------
    stale : its stale partitions, as `plan.stale` names them: shards each by itself
    following : the assets after it, in the order of the graph

    Raises
    ------
    MissingError : Dagster has no partition of a shard.
    """
    found = tuple(_spans(first, stale, runner))
    if first.partitions_def is RUNS:
        beside = [one.name for one in following if one.partitions_def is RUNS and first.name in one.deps]
        return Stage((first.name, *beside), found, tuple(following))
    if first.name in plan.per_recipe() or len(found) > 1:
        return Stage((first.name,), found, tuple(following))
    joined, n_seen = _Joined([first], _covered(stale, runner) if first.is_per_shard else None), 0
    for asset in following:
        joins = _joins(asset, joined, runner.lake)
        if joins is None:
            break
        joined.assets += [asset] if joins else []
        n_seen += 1
    if joined.shards is not None and not first.is_per_shard:
        found = tuple(_spans(discover.asset(plan.per_shard()[0]), joined.shards, runner))
    return Stage(tuple(asset.name for asset in joined.assets), found, tuple(following[n_seen:]))


def _spans(asset: LakeAsset, stale: Sequence[str | None], runner: Runner) -> Iterator[Span | None]:
    """Return the ranges of Dagster's partitions that hold stale ones.

    Raises
    ------
    MissingError : Dagster has no partition of a shard.
    """
    if not asset.is_per_shard:
        return spans(list(stale), runner.partitions(asset.name))
    partitions = runner.shard_partitions()
    unknown = [shard for shard in stale if shard and partitions.key_of(shard) is None]
    if unknown:
        raise MissingError(
            f"{unknown[0]} of {asset.name} was to be built, and Dagster has no partition of it among its "
            f"{len(partitions.keys):,}: another scan gave it others meanwhile; run again"
        )
    return spans([*partitions.keys_of(shard for shard in stale if shard)], list(partitions.keys))


def _covered(stale: Sequence[str | None], runner: Runner) -> list[str]:
    """Return the live shards of the partitions that hold stale ones."""
    holding = runner.shard_partitions().keys_of(shard for shard in stale if shard)
    return ShardPartitions(holding).shards_of(runner.lake.shards())


def _joins(asset: LakeAsset, joined: _Joined, lake: LakeResources) -> bool | None:
    """Return whether an asset joins, False where it is not stale; None: it waits until the stage is built."""
    if not plan.is_wanted(asset, lake):
        return False
    if asset.partitions_def is SHARDS:
        return _joins_shards(asset, joined, lake)
    if asset.partitions_def is not None:
        return None
    if asset.is_fitted:  # it stays when what it was trained on changes
        return asset.name in plan.unfitted(lake)
    return joined.feeds(asset) or bool(plan.stale(asset, lake))


def _joins_shards(asset: LakeAsset, joined: _Joined, lake: LakeResources) -> bool | None:
    """Return the same of an asset of shards: of those that the stage leaves out it must be live."""
    shards = lake.shards()
    if joined.feeds(asset, fitted=True):
        joined.shards = joined.shards or shards
        return True if set(shards) <= set(joined.shards) else None
    covered, is_fed = set(joined.shards or ()), joined.feeds(asset)
    stale = plan.stale_among(asset, lake, [shard for shard in shards if not (is_fed and shard in covered)])
    return None if set(stale) - covered else is_fed or bool(stale)

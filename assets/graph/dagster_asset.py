"""Turns declarations into Dagster's own assets and checks, which build partitions through the engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.graph import build, dagster_internals, discover, shard_group
from assets.graph.asset import LakeAsset
from assets.graph.build import Built
from assets.graph.check import LakeCheck
from assets.graph.documents import suits
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME, ONE_RUN, RECIPE_KEYS, RUNS, dagster_key, lake_key
from assets.graph.reads import Over
from assets.graph.shard_partitions import ShardPartitions
from guyot.errors import SettingError
from resources import progress
from resources.lake.manifest import Manifest, version_of

_REUSED = {"made_by": "nothing: the lake held this version"}


def to_dagster(asset: LakeAsset) -> dg.AssetsDefinition:
    """Return the asset as Dagster knows it."""

    @dg.asset(
        name=asset.name,
        description=asset.description,
        group_name=asset.group_name,
        kinds=set(asset.kinds),
        owners=list(asset.owners),
        partitions_def=asset.partitions_def,
        backfill_policy=ONE_RUN if asset.partitions_def else None,
        deps=[_dep(asset, name) for name in asset.deps],
        code_version=asset.code_version,
        pool=asset.pool,
        metadata={"dagster/column_schema": asset.tables[0].dagster_schema()},
        required_resource_keys={"settings"},
    )
    def compute(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        lake = LakeResources(context.resources.settings)
        if not asset.fits(lake):  # a job whose assets are chosen by hand has those of all documents
            documents = f"the lake's documents are {lake.settings.reading.documents}"
            return dg.MaterializeResult(metadata={"made_by": f"nothing: {documents}"})
        if asset.look is None:
            return materialize(context, asset, lake)
        with progress.begun(asset.name, 1, "looks"):
            return _result(asset, lake, *asset.look(context, lake))

    return compute


def _dep(asset: LakeAsset, name: str) -> dg.AssetDep:
    """Return what Dagster knows of a read; where it pairs no partitions by itself, all are read."""
    own, other = asset.partitions_def, discover.asset(name).partitions_def
    pairs = own is other or own is None or other is None or (own is RUNS and other is RECIPE_KEYS)
    return dg.AssetDep(name, partition_mapping=None if pairs else dg.AllPartitionMapping())


def to_dagster_check(check: LakeCheck) -> dg.AssetChecksDefinition:
    """Return the check as Dagster knows it."""

    @dg.asset_check(
        asset=check.asset,
        name=check.name,
        description=check.description,
        blocking=check.blocking,
        additional_deps=list(check.reads),
        required_resource_keys={"settings"},
    )
    def run(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        return check.result(LakeResources(context.resources.settings))

    return run


def materialize(
    context: dg.AssetExecutionContext, asset: LakeAsset, lake: LakeResources
) -> dg.MaterializeResult[Any]:
    """Build the partitions of a run, and attach the metadata that the UI shows to each.

    Raises
    ------
    SettingError : recipes, or runs, could not be built; all others are.
    """
    keys = list(context.partition_keys) if asset.partitions_def is not None else [None]
    if asset.partitions_def is RECIPE_KEYS and len(keys) > 1:  # a job's range holds recipes that nobody named
        keys = [key for key in context.partition_keys if suits(BY_NAME[key], lake)]
    partitions = _shard_partitions(asset, keys)
    inside = partitions.shards_of(lake.shards()) if partitions else [lake_key(key) for key in keys]
    specs = asset.specs(lake, inside)
    collects = asset.partitions_def in (RECIPE_KEYS, RUNS)
    function = build.build_collecting_refusals if collects else build.build_partition
    found = lake.engine.map(function, build.tasks(asset, lake, specs), workers=asset.workers(lake))
    refusals: dict[str, str] = {}
    contents: dict[str, str] = {}
    groups: dict[str | None, dict[str, dict[str, Any]]] = {}
    for built in _counted(asset, lake, found, list(specs)):
        if built.manifest is None:
            refusals[built.key] = built.refusal
            continue
        contents[built.key] = built.manifest.content
        shown = _REUSED if built.reused else built.shown
        key = partitions.key_of(built.key) if partitions else dagster_key(built.key)
        group = groups.setdefault(key, {})
        # of a group the pictures of the first are shown
        group[built.key] = _metadata(asset, lake, built.manifest, shown, shows=not group)
    lake.encoder.unload()
    in_groups = partitions is not None and partitions.sizes != (1,)
    metadata = {
        key: shard_group.shown(of) if in_groups else next(iter(of.values())) for key, of in groups.items()
    }
    if asset.partitions_def is not None:
        dagster_internals.attach_metadata(context, metadata)
    version = next(iter(contents.values())) if len(contents) == 1 else version_of(contents, {}, "")
    if refusals:
        what = "run" if asset.partitions_def is RUNS else "recipe"
        reasons = "; ".join(f"{what} {name}: {why}" for name, why in refusals.items())
        raise SettingError(
            f"{len(refusals)} of {len(keys)} {what}s of {asset.name} cannot be built, the others are: "
            f"{reasons}"
        )
    return dg.MaterializeResult(metadata=metadata.get(None, {}), data_version=dg.DataVersion(version))


def _shard_partitions(asset: LakeAsset, keys: Sequence[str | None]) -> ShardPartitions | None:
    """Return the partitions of shards that a run builds; None of an asset that has others, or none."""
    return ShardPartitions([key for key in keys if key]) if asset.is_per_shard else None


def _result(
    asset: LakeAsset, lake: LakeResources, manifest: Manifest, shown: Mapping[str, Any]
) -> dg.MaterializeResult[Any]:
    """Describe the materialization of an asset without partitions."""
    return dg.MaterializeResult(
        metadata=_metadata(asset, lake, manifest, shown), data_version=dg.DataVersion(manifest.content)
    )


def _metadata(
    asset: LakeAsset, lake: LakeResources, manifest: Manifest, shown: Mapping[str, Any], *, shows: bool = True
) -> dict[str, Any]:
    """Return what the UI shows of a version: for every asset, of this asset, of this build."""
    lineage = asset.tables[0].dagster_lineage()
    return {
        "dagster/row_count": manifest.rows,
        **({"dagster/column_lineage": lineage} if lineage.deps_by_column else {}),
        "version": manifest.version,
        "content": manifest.content,
        "bytes": sum(file.bytes for file in manifest.files.values()),
        **(asset.shows(asset.reader(lake), manifest) if asset.shows and shows else {}),
        **shown,
    }


def _counted(
    asset: LakeAsset, lake: LakeResources, found: Iterable[Built], keys: list[str]
) -> Iterator[Built]:
    """Yield what is built, and report progress in the asset's unit, else in partitions."""
    total, unit = len(keys), "partitions"
    first = next((read.table for read in asset.reads if read.over is Over.SAME), None)
    if asset.progress_unit and first:
        total, unit = sum(lake.store.required(first, key).rows for key in keys), asset.progress_unit
    with progress.begun(asset.name, total, unit):
        for built in found:
            yield built
            if built.manifest is not None and (unit == "partitions" or built.reused):
                progress.advance(asset.name, 1 if unit == "partitions" else built.manifest.rows)

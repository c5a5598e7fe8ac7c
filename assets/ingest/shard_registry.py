"""Shard registry: every source file ever seen, its state, and the shard it belongs to for good."""

import datetime
from collections.abc import Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.asset import lake_source
from assets.graph.build_spec import BuildSpec
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.runs_under_way import is_building_shards
from assets.graph.shard_partitions import keys_named, size_now, size_wanted
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import WITHDRAWALS
from guyot.errors import CorruptError
from guyot.identity import fingerprint
from guyot.lake.manifests import manifest_fields
from resources.lake import set_aside
from resources.lake.manifest import WHOLE, Manifest
from resources.sources.registry import n_numbered
from resources.sources.scan import Listing

FILES = TableSpec(
    "shard_registry",
    "a source file",
    (
        ColumnSpec("uri", pa.string(), "where the file is, as a URI"),
        ColumnSpec(
            "path", pa.string(), "its path relative to the source root; what it is called everywhere else"
        ),
        ColumnSpec("kind", pa.string(), "jsonl, parquet, or the kind of its one document"),
        ColumnSpec("source_group", pa.string(), "first directory of the path, or the path itself"),
        ColumnSpec(
            "split_unit",
            pa.string(),
            "train or held_out for the whole file; record where each record has its own",
        ),
        ColumnSpec("bytes", pa.int64(), "its size"),
        ColumnSpec(
            "etag", pa.string(), "size and times of change; while they stay the file is not read again"
        ),
        ColumnSpec("digest", pa.string(), "hash of its bytes"),
        ColumnSpec("problem", pa.string(), "why it cannot be read at all, or empty"),
        ColumnSpec("detail", pa.string(), "more on the problem"),
        ColumnSpec("shard", pa.string(), "its shard, for good"),
        ColumnSpec("state", pa.string(), "live or removed"),
        ColumnSpec("first_seen", pa.string(), "UTC time"),
        ColumnSpec("last_changed", pa.string(), "UTC time"),
    ),
)
_TIMES = ["first_seen", "last_changed"]
_MAX_ADDED_AT_ONCE = 500  # more in one statement is too many variables for sqlite


@lake_source(
    group_name="ingest",
    tables=[FILES, WITHDRAWALS],
    settings=(
        "source",
        "reading.documents",
        "reading.kinds",
        "reading.shard_bytes",
        "reading.held_out_fraction",
        "reading.held_out_unit",
        "seed",
    ),
    code_version="1",
)
def shard_registry(context: dg.AssetExecutionContext, lake: LakeResources) -> tuple[Manifest, dict[str, Any]]:
    """One row is a source file. Read by everything that asks which shards are live."""
    before = lake.store.current("shard_registry")
    previous = lake.store.table(before) if before else None
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    rule = before.facts["held_out"] if before else _rule_set_aside(lake)
    listing = lake.sources.scan(previous, now, rule)
    manifest = record(lake, listing)
    _update_partitions(context.instance, lake, listing.registry["shard"].to_pylist())
    states, sizes = (listing.registry[name].to_pylist() for name in ("state", "bytes"))
    return manifest, {
        "live_files": states.count("live"),
        "removed_files": states.count("removed"),
        "live_bytes": sum(size for size, state in zip(sizes, states, strict=True) if state == "live"),
        "ignored_files_by_extension": listing.ignored,
        "shards": len(set(listing.registry["shard"].to_pylist())),
    }


def _rule_set_aside(lake: LakeResources) -> dict[str, Any] | None:
    """Return what a registry that was set aside as damaged held out: what was held out stays so."""
    for uri, content in set_aside.manifests(lake.store.files, "shard_registry"):
        try:
            rule: dict[str, Any] = manifest_fields(content, uri)["facts"]["held_out"]
        except (CorruptError, KeyError):
            continue
        return rule
    return None


def record(lake: LakeResources, listing: Listing) -> Manifest:
    """Write the listing and the withdrawals, unless nothing but the time of looking has changed.

    Where someone withdrew something meanwhile it is written again: the live version has all that was there
    when it became so, whatever others wrote before it.
    """
    while True:
        found = withdrawals.entries(lake.store)
        manifest = _write(lake, listing, found)
        if withdrawals.entries(lake.store) == found:
            return manifest


def record_withdrawals(lake: LakeResources) -> Manifest:
    """Write the withdrawals beside the files as they were listed last; the sources are not looked at.

    Raises
    ------
    MissingError : the sources were never scanned.
    """
    last = lake.store.required("shard_registry")
    return record(lake, Listing(lake.store.table(last), last.facts["ignored"], last.facts["held_out"]))


def _write(lake: LakeResources, listing: Listing, found: Sequence[Manifest]) -> Manifest:
    """Write a version of a listing and of withdrawals, or reuse it."""
    inputs = {"listing": fingerprint(listing.registry.drop_columns(_TIMES).to_pydict())}
    inputs |= {f"withdrawals/{entry.key}": entry.version for entry in found}
    spec = BuildSpec(
        "shard_registry", WHOLE, inputs, {"held_out": listing.held_out}, shard_registry.code_version
    )
    known = lake.store.manifest(spec.table, spec.key, spec.version)
    if known is not None:
        lake.store.publish(known)
        return known
    with lake.store.write(
        spec.table, spec.key, inputs=inputs, settings=dict(spec.settings), code=spec.code
    ) as writer:
        writer.table(listing.registry)
        writer.table(withdrawals.table_of(lake.store, found), WITHDRAWALS.file)
        writer.facts |= {"held_out": listing.held_out, "ignored": listing.ignored}
        if found:
            writer.facts["withdrawals"] = withdrawals.stamps_of(found)
    return lake.store.required(spec.table)


def _update_partitions(instance: dg.DagsterInstance, lake: LakeResources, shards: Sequence[str]) -> None:
    """Set the partitions of the graph to those of the live shards; `shards` are all there ever were.

    While a run builds some, they keep their size: it would not find its own again.
    """
    name = str(SHARDS.name)
    known = instance.get_dynamic_partitions(name)
    size = size_now(known)
    wanted_size = size_wanted(known, n_numbered(shards), lake.settings.automation.shards_per_partition)
    if wanted_size != size and not is_building_shards(instance):
        size = wanted_size
    wanted = keys_named(lake.shards(), size)
    there = set(known)
    new = [key for key in wanted if key not in there]
    for begin in range(0, len(new), _MAX_ADDED_AT_ONCE):
        instance.add_dynamic_partitions(name, new[begin : begin + _MAX_ADDED_AT_ONCE])
    for gone in sorted(there.difference(wanted)):
        instance.delete_dynamic_partition(name, gone)

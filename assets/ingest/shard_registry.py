"""Shard registry: every source file ever seen, its state, and the shard it belongs to for good."""

import datetime
from typing import Any

import dagster as dg

from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from assets.graph.partitions import SHARDS
from guyot.identity import fingerprint
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.sources.scan import Listing, Sources

CODE = "1"
_TIMES = ("first_seen", "last_changed")
_ADDED_AT_ONCE = 500  # more in one statement is too many variables for sqlite


@dg.asset(
    group_name="ingest",
    kinds={"parquet"},
    owners=["team:curation"],
    code_version=CODE,
    metadata=columns(
        uri="string: where the file is, as a URI",
        path="string: its path relative to the source root; what it is called everywhere else",
        kind="string: jsonl, parquet, or the kind of its one document",
        group="string: first directory of the path, or the path itself",
        split_by="string: train or held_out for the whole file; record where each record has its own",
        bytes="int64: its size",
        etag="string: size and time of change; while they stay the file is not read again",
        digest="string: hash of its bytes",
        problem="string: why it cannot be read at all, or empty",
        detail="string: more on the problem",
        shard="string: its shard, for good",
        state="string: live or removed",
        first_seen="string: UTC time",
        last_changed="string: UTC time",
    ),
)
def shard_registry(
    context: dg.AssetExecutionContext, store: Store, sources: Sources
) -> dg.MaterializeResult[Any]:
    """One row is a source file. Read by everything that asks which shards are live."""
    before = store.current("shard_registry")
    previous = store.table(before) if before else None
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    listing = sources.scan(previous, now, before.facts["held_out"] if before else None)
    manifest = record(store, listing)
    _follow(context.instance, snapshot.live_shards(store))
    states, sizes = (listing.registry[name].to_pylist() for name in ("state", "bytes"))
    return result(
        manifest,
        live_files=states.count("live"),
        removed_files=states.count("removed"),
        live_bytes=sum(size for size, state in zip(sizes, states, strict=True) if state == "live"),
        ignored_files_by_extension=listing.ignored,
        shards=len(set(listing.registry["shard"].to_pylist())),
    )


def record(store: Store, listing: Listing) -> Manifest:
    """Write the listing, unless nothing but the time of looking has changed."""
    spec = BuildSpec(
        "shard_registry",
        {"listing": fingerprint(listing.registry.drop_columns(list(_TIMES)).to_pydict())},
        {"held_out": listing.held_out},
        CODE,
    )

    def write(writer: Writer) -> None:
        writer.table(listing.registry)
        writer.facts |= {"held_out": listing.held_out, "ignored": listing.ignored}

    return build(store, spec, write)


def _follow(instance: dg.DagsterInstance, live: list[str]) -> None:
    """Make the live shards, and only they, the partitions of the graph."""
    name = str(SHARDS.name)
    known = set(instance.get_dynamic_partitions(name))
    new = [shard for shard in live if shard not in known]
    for begin in range(0, len(new), _ADDED_AT_ONCE):
        instance.add_dynamic_partitions(name, new[begin : begin + _ADDED_AT_ONCE])
    for gone in sorted(known.difference(live)):
        instance.delete_dynamic_partition(name, gone)

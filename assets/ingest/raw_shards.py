"""Raw shards: a shard's documents, and in quarantine every record that is none."""

import hashlib
from typing import Any

import dagster as dg

from assets.graph.build import BuildSpec, build, columns, describe_partitions
from assets.graph.partitions import ONE_RUN, SHARDS
from guyot.identity import fingerprint
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings
from resources.sources.batches import QUARANTINE, RAW_SHARDS, READ_SETTINGS, ingest
from resources.sources.registry import Entry, live_by_shard, live_entries

CODE = "1"
QUARANTINE_FILE = "quarantine.parquet"


def spec(store: Store, settings: Settings, shard: str, files: str | None = None) -> BuildSpec:
    """State what a shard is made from: its live files, by content.

    Parameters
    ----------
    files : the shard's hash in `listed`, so that many shards read the registry once
    """
    if files is None:
        files = _listed(live_entries(store.table(store.required("shard_registry")), shard))
    return BuildSpec(
        "raw_shards",
        {"shard_registry": files},
        settings.select(*READ_SETTINGS),
        CODE,
        shard,
    )


def listed(store: Store) -> dict[str, str]:
    """Hash the live files of each live shard: what its raw_shards must be made from."""
    return {shard: _listed(entries) for shard, entries in _live(store).items()}


def _live(store: Store) -> dict[str, list[Entry]]:
    """Read the live files of each live shard."""
    return live_by_shard(store.table(store.required("shard_registry")))


def _listed(entries: list[Entry]) -> str:
    """Hash what decides the documents of a shard's files."""
    return fingerprint([(e.path, e.kind, e.split_by, e.digest, e.problem, e.detail) for e in entries])


@dg.asset(
    group_name="ingest",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=SHARDS,
    backfill_policy=ONE_RUN,
    deps=["shard_registry"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: 32 hex digits of source, key and content",
        source_uri="string: the source file's path relative to the source root",
        record_key="string: the record's id or ordinal; empty for a file that is one document",
        content="string: the text",
        kind="string: such as python, markdown or text",
        meta="string: the record's other columns, as JSON",
        content_digest="string: hash of the text",
        split="string: train or held_out",
    ),
)
def raw_shards(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, engine: Engine
) -> dg.MaterializeResult[Any]:
    """One row is a document, in the order of the files; quarantine.parquet has a row per reject."""
    live = _live(store)

    def work(shard: str) -> Manifest:
        entries = live.get(shard, [])
        build_spec = spec(store, settings, shard, _listed(entries))
        return build(store, build_spec, lambda writer: _read(entries, settings, writer))

    shards = list(context.partition_keys)
    return describe_partitions(context, engine.map(work, shards), len(shards))


def read(store: Store, settings: Settings, shard: str, writer: Writer) -> None:
    """Read a shard's live files into documents and quarantine."""
    _read(live_entries(store.table(store.required("shard_registry")), shard), settings, writer)


def _read(entries: list[Entry], settings: Settings, writer: Writer) -> None:
    """Read files, batch by batch."""
    records = 0
    identity = hashlib.blake2b(digest_size=8)
    with (
        writer.parquet(RAW_SHARDS) as documents,
        writer.parquet(QUARANTINE, QUARANTINE_FILE) as quarantine,
    ):
        for batch in ingest(entries, settings):
            records += batch.n_records
            documents.write_batch(batch.documents)
            quarantine.write_batch(batch.quarantine)
            for column in ("doc_id", "kind", "split"):
                identity.update("\n".join(batch.documents[column].to_pylist()).encode())
    writer.content = identity.hexdigest()
    writer.facts["records"] = records

"""Raw shards: a shard's documents, and in quarantine every record that is none."""

import contextlib
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.listing.withdrawals import WITHDRAWALS, in_force
from guyot.identity import fingerprint
from guyot.images import decode
from resources.lake.writer import Writer
from resources.setting_groups import EPISODE, IMAGE
from resources.sources.batches import (
    EPISODE_READ_SETTINGS,
    IMAGE_READ_SETTINGS,
    READ_SETTINGS,
    SPLIT_SETTING,
    DocumentBatch,
    batches,
)
from resources.sources.image_folders import ImageFolders
from resources.sources.registry import Entry, live_by_shard
from resources.sources.unpacking import limits_set
from resources.sources.withdrawn import NOTHING, Withdrawn

DOCUMENTS = TableSpec(
    "raw_shards",
    "a document",
    (
        ColumnSpec(
            "doc_id", pa.string(), "32 hex digits of source, key and content, of an image pixels and caption"
        ),
        ColumnSpec(
            "source_path",
            pa.string(),
            "the source file's path relative to the source root",
            "shard_registry.path",
        ),
        ColumnSpec(
            "record_key", pa.string(), "the record's id or ordinal; empty for a file that is one document"
        ),
        ColumnSpec(
            "content",
            pa.string(),
            "the text; of an image its caption, which may be empty; of an episode its walk, in three lines",
        ),
        ColumnSpec("kind", pa.string(), "such as python, markdown or text; image; episode"),
        ColumnSpec("meta", pa.string(), "the record's other columns, as JSON"),
        ColumnSpec("content_digest", pa.string(), "hash of the text, or of the image's size and pixels"),
        ColumnSpec("split", pa.string(), "train or held_out: as the source states, else by the rule"),
    ),
)
IMAGES = TableSpec(
    "images",
    "a document of a lake of images, in the order of raw_shards",
    (
        ColumnSpec("doc_id", pa.string(), "the document", "raw_shards.doc_id"),
        ColumnSpec("image", pa.binary(), "the encoded image, as it was found"),
        ColumnSpec("bytes", pa.int64(), "its size"),
    ),
    file="images.parquet",
    documents=(IMAGE,),
)
QUARANTINE = TableSpec(
    "quarantine",
    "a rejected record",
    (
        ColumnSpec(
            "source_path",
            pa.string(),
            "the source file's path relative to the source root",
            "shard_registry.path",
        ),
        ColumnSpec("record_key", pa.string(), "the record's id or ordinal, where it was found"),
        ColumnSpec(
            "byte_begin", pa.int64(), "where it begins in the unpacked file; -1 where that is unknown"
        ),
        ColumnSpec("byte_end", pa.int64(), "where it ends, half open; -1 where that is unknown"),
        ColumnSpec("reason", pa.string(), "one word for what is wrong"),
        ColumnSpec("detail", pa.string(), "more on it"),
    ),
    file="quarantine.parquet",
)
_HASHED_COLUMNS = ("doc_id", "kind", "split")


@dataclasses.dataclass(frozen=True)
class _Listed:
    """A version of the registry: the live files of each shard, what is withdrawn, and whose shards."""

    live: dict[str, list[Entry]]
    withdrawn: Withdrawn
    stamps: dict[str, str]
    folders: ImageFolders

    def inputs(self, shard: str) -> dict[str, str]:
        """State what a shard is made from."""
        entries = self.live.get(shard, [])
        files = {"shard_registry": _fingerprint(entries), "image_folders": self.folders.stamp(entries)}
        files |= {"withdrawals": self.stamps[shard]} if shard in self.stamps else {}
        return {name: stamp for name, stamp in files.items() if stamp}


_PARSED: dict[str, _Listed] = {}  # by the registry's file, which never changes


def live_files(lake: LakeResources, reader: TableReader, shards: Sequence[str]) -> Mapping[str, Inputs]:
    """State what shards are made from: their live files, by content, and the withdrawals that name them."""
    listed = _listed(reader)
    return {shard: listed.inputs(shard) for shard in shards}


def further_settings(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return how images or episodes are read, in a lake of these, and what of other limits is set."""
    reading = lake.settings.reading
    found = lake.settings.select(SPLIT_SETTING) if reading.split_column else {}
    found |= limits_set(lake.settings)
    if reading.documents == EPISODE:
        return {**found, **lake.settings.select(*EPISODE_READ_SETTINGS)}
    if reading.documents != IMAGE:
        return found
    return {**found, **lake.settings.select(*IMAGE_READ_SETTINGS), "decoding": decode.version()}


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[DOCUMENTS, QUARANTINE, IMAGES],
    reads=[named("shard_registry")],
    inputs=live_files,
    settings=READ_SETTINGS,
    settings_of=further_settings,
    code_version="1",
)
def raw_shards(build: Build, writer: Writer) -> None:
    """One row is a document, in the order of the files; quarantine.parquet has a row per reject.

    In a lake of images images.parquet has the image of each document.
    """
    # every withdrawal is obeyed; the version hashes those that name this shard, so that no other is made anew
    listed = _listed_of(build)
    entries, withdrawn = listed.live.get(build.key, []), listed.withdrawn
    records = 0
    identity = hashlib.blake2b(digest_size=8)
    with contextlib.ExitStack() as stack:
        documents = stack.enter_context(writer.parquet(DOCUMENTS.schema))
        quarantine = stack.enter_context(writer.parquet(QUARANTINE.schema, QUARANTINE.file))
        images = None
        if build.settings.reading.documents == IMAGE:
            images = stack.enter_context(writer.parquet(IMAGES.schema, IMAGES.file, plain=IMAGES.names))
        for batch in batches(
            entries, build.settings, DOCUMENTS.schema, QUARANTINE.schema, withdrawn=withdrawn,
            folders=listed.folders,
        ):  # fmt: skip
            records += batch.n_records
            documents.write_batch(batch.documents)
            quarantine.write_batch(batch.quarantine)
            if images is not None:
                images.write_batch(_images(batch))
                for image in batch.images:  # of equal pixels and other bytes the signals differ
                    identity.update(hashlib.blake2b(image.as_buffer(), digest_size=8).digest())
            for column in _HASHED_COLUMNS:
                identity.update("\n".join(batch.documents[column].to_pylist()).encode())
    writer.content = identity.hexdigest()
    writer.facts["records"] = records


@lake_check(asset="raw_shards", blocking=True)
def raw_shards_conserve_records(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Every record that was read is a document or is in quarantine, in every shard."""
    wrong: dict[str, str] = {}
    records = 0
    for shard in lake.shards():
        manifest = reader.current("raw_shards", shard)
        if manifest is None:
            continue
        documents = reader.table(manifest, columns=["doc_id"]).num_rows
        rejected = reader.table(manifest, QUARANTINE.file, ["reason"]).num_rows
        records += manifest.facts["records"]
        if manifest.facts["records"] != documents + rejected:
            wrong[shard] = f"{manifest.facts['records']} != {documents} + {rejected}"
    return dg.AssetCheckResult(passed=not wrong, metadata={"records": records, "wrong": wrong})


@lake_check(asset="raw_shards", reads=["shard_registry"], blocking=True)
def raw_shards_hold_nothing_withdrawn(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No document of a live shard is one that was withdrawn."""
    withdrawn, wrong = _listed(reader).withdrawn, dict[str, int]()
    for shard in lake.shards() if withdrawn.files or withdrawn.texts else []:
        manifest = reader.current("raw_shards", shard)
        if manifest is not None:
            rows = reader.table(manifest, columns=["source_path", "content_digest"]).to_pylist()
            held = sum(withdrawn.why(row["source_path"], row["content_digest"]) is not None for row in rows)
            wrong |= {shard: held} if held else {}
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": wrong})


def _images(batch: DocumentBatch) -> pa.RecordBatch:
    """Return a batch's images, beside its documents."""
    sizes = pc.cast(pc.binary_length(batch.images), pa.int64())
    return pa.record_batch([batch.documents["doc_id"], batch.images, sizes], schema=IMAGES.schema)


def _listed_of(build: Build) -> _Listed:
    """Read the registry that a build is made from.

    Raises
    ------
    MissingError : other files are live than when the build began, or other withdrawals name the shard.
    """
    listed = _listed(build.reader)
    for name, content in listed.inputs(build.key).items():
        build.require_unchanged(name, content)
    return listed


def _fingerprint(entries: list[Entry]) -> str:
    """Hash what decides the documents of a shard's files."""
    return fingerprint([(e.path, e.kind, e.split_unit, e.digest, e.problem, e.detail) for e in entries])


def _listed(reader: TableReader) -> _Listed:
    """Read the newest registry; it is parsed once for all shards."""
    registry = reader.required("shard_registry")
    path = reader.file(registry)
    if path not in _PARSED:
        # a registry of before there were withdrawals has no such file
        has_withdrawals = WITHDRAWALS.file in registry.files
        withdrawn = in_force(reader.table(registry, WITHDRAWALS.file)) if has_withdrawals else NOTHING
        stamps = registry.facts.get("withdrawals", {})
        _PARSED.clear()
        live = live_by_shard(reader.table(registry))
        folders = ImageFolders(entry for entries in live.values() for entry in entries)
        _PARSED[path] = _Listed(live, withdrawn, stamps, folders)
    return _PARSED[path]

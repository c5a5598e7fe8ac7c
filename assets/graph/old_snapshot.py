"""The live shards at one moment, by version: what scores and mixtures are about."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph import readiness
from guyot.errors import ArrayError, MissingError
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.sources import registry

TABLES = readiness.TABLES
_ID = np.dtype("S32")
_CHUNK_IDS = 1 << 25  # an Arrow string array holds less than 2 GiB


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """Each live shard with the version of each of its tables.

    `known` are manifests that need not be read once more.
    """

    shards: dict[str, dict[str, str]]
    known: dict[tuple[str, str], Manifest] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def names(self) -> list[str]:
        """The shards in order; a shard's place among them is its number."""
        return sorted(self.shards)

    def manifest(self, store: Store, table: str, shard: str) -> Manifest:
        """Return the manifest of one shard's table."""
        version = self.shards[shard][table]
        found = self.known.get((table, shard)) or store.manifest(table, shard, version)
        if found is None:
            raise MissingError(
                f"{table}/{shard} version {version} was asked for; the lake does not hold "
                "it any more; materialize cluster_scores for a new snapshot"
            )
        return found

    def manifests(self, store: Store, table: str) -> list[Manifest]:
        """Return a table's manifests, shard by shard."""
        return [self.manifest(store, table, shard) for shard in self.names]

    def table(self, store: Store, name: str, columns: list[str]) -> pa.Table:
        """Read columns of a table over all shards, shard by shard."""
        self.require_shards()
        return pa.concat_tables([store.table(m, columns=columns) for m in self.manifests(store, name)])

    def require_shards(self) -> None:
        """Refuse a snapshot of nothing."""
        if not self.shards:
            raise MissingError(
                "the snapshot has 0 shards; point source at a folder with documents that can be read"
            )


def live_shards(store: Store) -> list[str]:
    """List the shards with a live source file, in order."""
    manifest = store.required("shard_registry")
    return registry.live_shards(store.table(manifest, columns=["shard", "state"]))


def take(store: Store, tables: tuple[str, ...] = TABLES) -> Snapshot:
    """Take a snapshot of the live shards; each must have all the tables, made from one another.

    Raises
    ------
    MissingError : shards wait for an asset: a table is missing, or made from what is no longer live.
    """
    found = readiness.look(store, tables)
    if found.waiting:
        raise MissingError(f"a snapshot of {', '.join(tables)} was asked for; {found.said}")
    known = {(t, s): manifest for s, row in found.manifests.items() for t, manifest in row.items()}
    shards = {s: {t: row[t].version for t in tables} for s, row in found.manifests.items()}
    return Snapshot(shards, known)


def waiting(store: Store, tables: tuple[str, ...] = TABLES) -> dict[str, list[str]]:
    """List the live shards that a snapshot would have to wait for, by the asset that is to be made."""
    return readiness.look(store, tables).waiting


def of(manifest: Manifest) -> Snapshot:
    """Return the snapshot that a version of cluster_scores or pruned_mixtures is about."""
    return Snapshot(manifest.facts["snapshot"])


def ids_of(column: pa.ChunkedArray | pa.Array) -> NDArray[np.bytes_]:
    """Turn a column of hex ids, none of them null, into bytes, S32[n]; empty ones stay empty."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.zeros(0, _ID), *map(_ids_of_chunk, chunks)])


def _ids_of_chunk(chunk: pa.Array) -> NDArray[np.bytes_]:
    """Read the ids where Arrow has them, side by side."""
    if not len(chunk) or chunk.type != pa.string():
        return np.asarray(chunk.to_numpy(zero_copy_only=False), _ID)
    offsets = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    sizes = np.diff(offsets)
    whole = sizes == _ID.itemsize
    if chunk.null_count or not (whole | (sizes == 0)).all():
        return np.asarray(chunk.to_numpy(zero_copy_only=False), _ID)
    ids = np.zeros(len(chunk), _ID)
    if whole.any():
        ids[whole] = np.frombuffer(chunk.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].view(_ID)
    return ids


def id_column(ids: NDArray[np.bytes_], valid: NDArray[np.bool_] | None = None) -> pa.ChunkedArray:
    """Turn ids into a column of strings, null where they are not valid.

    Raises
    ------
    ArrayError : one has not 32 digits.
    """
    valid = np.ones(len(ids), np.bool_) if valid is None else valid
    short = ids[valid & (np.ascontiguousarray(ids).view(np.uint8)[_ID.itemsize - 1 :: _ID.itemsize] == 0)]
    if len(short):
        raise ArrayError(f"doc_ids have 32 digits; {len(short)} of {len(ids)} are shorter: {short[0]!r}")
    chunks: list[pa.Array] = []
    for begin in range(0, len(ids), _CHUNK_IDS):
        some, there = ids[begin : begin + _CHUNK_IDS], valid[begin : begin + _CHUNK_IDS]
        offsets = np.zeros(len(some) + 1, np.int32)
        np.cumsum(there * np.int32(_ID.itemsize), out=offsets[1:])
        bits = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
        digits = pa.py_buffer(np.ascontiguousarray(some if bits is None else some[there]))
        chunks.append(pa.StringArray.from_buffers(len(some), pa.py_buffer(offsets), digits, bits))
    return pa.chunked_array(chunks, pa.string())


def id_bits(ids: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Read the first 64 bits of each doc_id: uint64[n]."""
    raw = bytes.fromhex(ids.astype("S16").tobytes().decode("ascii")) if len(ids) else b""
    return np.frombuffer(raw, dtype=">u8").astype(np.uint64)


def positions(sorted_ids: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find ids among sorted ones: int64[m], -1 where absent."""
    if not len(sorted_ids):
        return np.full(len(ids), -1, np.int64)
    at = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return np.where(sorted_ids[at] == ids, at, -1)


@dataclasses.dataclass(frozen=True)
class SnapshotVectors:
    """A snapshot's vectors, shard by shard, for the documents of `sorted_ids` alone."""

    store: Store
    snapshot: Snapshot
    sorted_ids: NDArray[np.bytes_]
    block_rows: int = 65_536

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows in sorted_ids, vectors), block by block."""
        for manifest in self.snapshot.manifests(self.store, "embeddings"):
            ids = ids_of(self.store.table(manifest, columns=["doc_id"])["doc_id"])
            rows = positions(self.sorted_ids, ids)
            vectors = self.store.vectors(manifest)
            for begin in range(0, len(rows), self.block_rows):
                block = rows[begin : begin + self.block_rows]
                wanted = np.flatnonzero(block >= 0)
                if len(wanted):
                    yield block[wanted], vectors[begin : begin + self.block_rows][wanted]

"""The live shards at one moment, by version: what scores and mixtures are about."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from guyot.errors import MissingError
from resources import registry
from resources.manifest import Manifest
from resources.store import Store

TABLES = ("raw_shards", "quality_signals", "embeddings", "cluster_assignments")


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """Each live shard with the version of each of its tables."""

    shards: dict[str, dict[str, str]]

    def manifests(self, store: Store, table: str) -> list[Manifest]:
        """Return a table's manifests, shard by shard."""
        found: list[Manifest] = []
        for shard, versions in sorted(self.shards.items()):
            manifest = store.manifest(table, shard, versions[table])
            if manifest is None:
                raise MissingError(
                    f"{table}/{shard} version {versions[table]} was asked for; the lake does not hold "
                    "it any more; materialize cluster_scores for a new snapshot"
                )
            found.append(manifest)
        return found

    def table(self, store: Store, name: str, columns: list[str]) -> pa.Table:
        """Read columns of a table over all shards, shard by shard."""
        manifests = self.manifests(store, name)
        if not manifests:
            raise MissingError(
                "the snapshot has 0 shards; point source at a folder with documents that can be read"
            )
        return pa.concat_tables([store.table(m, columns=columns) for m in manifests])


def live_shards(store: Store) -> list[str]:
    """List the shards with a live source file, in order."""
    manifest = store.required("shard_registry")
    return registry.live_shards(store.table(manifest, columns=["shard", "state"]))


def take(store: Store, tables: tuple[str, ...] = TABLES) -> Snapshot:
    """Take a snapshot of the live shards; each must have all the tables."""
    return Snapshot({s: {t: store.required(t, s).version for t in tables} for s in live_shards(store)})


def of(manifest: Manifest) -> Snapshot:
    """Return the snapshot that a version of cluster_scores or pruned_mixtures is about."""
    return Snapshot(manifest.facts["snapshot"])


def ids_of(column: pa.ChunkedArray) -> NDArray[np.bytes_]:
    """Turn a column of hex ids into bytes, S32[n]."""
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype="S32")


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
                    yield block[wanted], vectors[begin + wanted]


class ClusterMembers:
    """A snapshot's documents cluster by cluster: one contiguous range of each shard's sorted copy."""

    def __init__(self, store: Store, snapshot: Snapshot, sorted_ids: NDArray[np.bytes_]) -> None:
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.float16], list[int]]] = []
        for manifest in snapshot.manifests(store, "cluster_assignments"):
            ids = ids_of(store.table(manifest, columns=["doc_id"])["doc_id"])
            rows = positions(sorted_ids, ids)
            self._parts.append((rows, store.vectors(manifest), manifest.facts["offsets"]))

    def of(self, begin: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
        """Return (rows in sorted_ids, ascending; vectors) of the clusters in [begin, end)."""
        rows: list[NDArray[np.int64]] = []
        vectors: list[NDArray[np.float16]] = []
        for part_rows, part_vectors, offsets in self._parts:
            span = slice(offsets[begin], offsets[end])
            wanted = part_rows[span] >= 0
            rows.append(part_rows[span][wanted])
            vectors.append(part_vectors[span][wanted])
        joined = np.concatenate(rows)
        order = np.argsort(joined)
        return joined[order], np.concatenate(vectors)[order]

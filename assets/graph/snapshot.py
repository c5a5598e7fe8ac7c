"""The live shards at one moment, by version: what scores and mixtures are about."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph import discover, readiness
from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from guyot.errors import MissingError
from resources import progress
from resources.lake.manifest import VECTORS, Manifest
from resources.lake.vector_file import crc32_of, require_crc32

TABLES = ("raw_shards", "quality_signals", "embeddings", "cluster_assignments")
KIND_TABLES = ("image_signals", "episode_signals")  # which shards of such documents have too
_BATCH_DOCUMENTS = 512


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

    def manifest(self, reader: TableReader, table: str, shard: str) -> Manifest:
        """Return the manifest of one shard's table."""
        version = self.shards[shard][table]
        found = self.known.get((table, shard)) or reader.manifest(table, shard, version)
        if found is None:
            raise MissingError(
                f"{table}/{shard} version {version} was asked for; the lake does not hold "
                "it any more; materialize cluster_scores for a new snapshot"
            )
        return found

    def content(self, reader: TableReader, table: str, shard: str) -> str:
        """Return the content of one shard's table: sooner told than its manifest, where it is live."""
        with contextlib.suppress(MissingError):  # what was live may be gone, and this version not
            live = reader.origin(table, shard)
            if live.version == self.shards[shard][table]:
                return live.content
        return self.manifest(reader, table, shard).content

    def manifests(self, reader: TableReader, table: str) -> list[Manifest]:
        """Return a table's manifests, shard by shard."""
        return [self.manifest(reader, table, shard) for shard in self.names]

    def table(self, reader: TableReader, name: str, columns: list[str]) -> pa.Table:
        """Read columns of a table over all shards, shard by shard."""
        self.require_shards()
        return pa.concat_tables([reader.table(m, columns=columns) for m in self.manifests(reader, name)])

    def contents(self, reader: TableReader, wanted: NDArray[np.bytes_]) -> dict[bytes, str]:
        """Read the contents of some documents, batch by batch.

        Parameters
        ----------
        wanted : S32[n], sorted doc_ids

        Returns
        -------
        The contents by doc_id, of those that the snapshot has.
        """
        contents: dict[bytes, str] = {}
        known = SortedIds.of(wanted)
        for manifest in self.manifests(reader, "raw_shards") if len(wanted) else []:
            for batch in reader.batches(manifest, ["doc_id", "content"], _BATCH_DOCUMENTS):
                found = ids_of(batch["doc_id"])
                hit = known.positions(found) >= 0
                texts = batch["content"].filter(pa.array(hit)).to_pylist()
                contents.update(zip(found[hit].tolist(), texts, strict=True))
        return contents

    def require_shards(self) -> None:
        """Refuse a snapshot of nothing."""
        if not self.shards:
            raise MissingError(
                "the snapshot has 0 shards; point source at a folder with documents that can be read"
            )


def tables(lake: LakeResources) -> tuple[str, ...]:
    """Return the tables of the shards that scores and mixtures are about."""
    return (*TABLES, *(name for name in KIND_TABLES if discover.asset(name).fits(lake)))


def take(lake: LakeResources, tables: Sequence[str] = TABLES) -> Snapshot:
    """Take a snapshot of the live shards; each must have all the tables, in versions that fit together.

    Raises
    ------
    MissingError : shards wait for an asset: a table is missing, or made from what is no longer live.
    """
    found = readiness.look(lake, tables)
    if found.waiting:
        raise MissingError(f"a snapshot of {', '.join(tables)} was asked for; {found.message}")
    known = {(t, s): manifest for s, row in found.manifests.items() for t, manifest in row.items()}
    shards = {s: {t: row[t].version for t in tables} for s, row in found.manifests.items()}
    return Snapshot(shards, known)


def snapshot_of(manifest: Manifest) -> Snapshot:
    """Return the snapshot that a version of cluster_scores or pruned_mixtures is about."""
    return Snapshot(manifest.facts["snapshot"])


@dataclasses.dataclass(frozen=True)
class SnapshotVectors:
    """A snapshot's vectors, shard by shard, for the documents of `sorted_ids` alone.

    known : these documents, where they are held to be looked up already
    """

    reader: TableReader
    snapshot: Snapshot
    sorted_ids: NDArray[np.bytes_]
    block_rows: int = 16_384
    known: SortedIds | None = None

    @functools.cached_property
    def _known(self) -> SortedIds:
        """The documents, to be looked up."""
        return self.known or SortedIds.of(self.sorted_ids)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield (rows in sorted_ids, vectors), block by block.

        Raises
        ------
        CorruptError : after a shard's last block: all were read, and are not those that were written.
        """
        for manifest in self.snapshot.manifests(self.reader, "embeddings"):
            ids = ids_of(self.reader.table(manifest, columns=["doc_id"])["doc_id"])
            rows = self._known.positions(ids)
            self.reader.vectors(manifest)  # opening them requires that the file has the size it should
            vectors, crc32, n_read = self.reader.vector_location(manifest), 0, 0
            for begin in range(0, len(rows), self.block_rows):
                progress.check_stop()
                block = rows[begin : begin + self.block_rows]
                wanted = np.flatnonzero(block >= 0)
                if len(wanted):
                    found = vectors.read(begin, begin + self.block_rows)
                    crc32, n_read = crc32_of(found, crc32), n_read + len(found)
                    yield block[wanted], found if len(wanted) == len(found) else found[wanted]
            if n_read == len(rows):
                stated = manifest.facts["vectors"][VECTORS].get("crc32")
                require_crc32(self.reader.file(manifest, VECTORS), crc32, stated)

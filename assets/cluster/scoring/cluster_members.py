"""The vectors of comparison lists: of members one range of each shard's sorted copy, others gathered."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.border_documents import gather
from assets.cluster.scoring.document_locations import DocumentLocations
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.errors import CorruptError
from guyot.prune.near_duplicates.comparison_lists import Lists
from resources.lake.manifest import Manifest
from resources.lake.vector_file import VectorLocation, crc32_of, require_crc32
from resources.storage.concurrent import N_CONCURRENT, concurrent

_RANGES_AT_ONCE = 8 * N_CONCURRENT  # whose vectors are held beside the whole
_ROWS_AT_ONCE = 1 << 16


@dataclasses.dataclass(frozen=True)
class ShardRange:
    """Adjacent vectors of one shard.

    rows : int32[end - begin], the row that each is in what is read, -1 for those that are not wanted
    ends, crc32s : where each of their clusters ends, counted from `begin`, and its checksum, if it is known
    """

    vectors: VectorLocation
    begin: int
    end: int
    rows: NDArray[np.int32]
    ends: tuple[int, ...] = ()
    crc32s: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class VectorRequest:
    """The vectors of the lists of adjacent clusters, and where they are read; plain values.

    clusters : the first cluster, and the one after the last
    n_entries, width : the shape of what is read
    ranges : where the members lie
    border_rows, border_vectors : int32[b] and float16[b, d], the border documents, read already
    """

    clusters: tuple[int, int]
    n_entries: int
    width: int
    ranges: tuple[ShardRange, ...]
    border_rows: NDArray[np.int32]
    border_vectors: NDArray[np.float16]


class ClusterMembers:
    """The vectors of a snapshot's documents, as their lists order them.

    wanted : bool[m], the places that will be read; the vectors of their border documents are read at once
    """

    def __init__(
        self,
        reader: TableReader,
        snapshot: Snapshot,
        placed: DocumentLocations,
        lists: Lists,
        wanted: NDArray[np.bool_],
    ) -> None:
        manifests = snapshot.manifests(reader, "cluster_assignments")
        sizes = np.array([manifest.rows for manifest in manifests])
        begins = np.cumsum(sizes) - sizes
        everywhere = np.full(sizes.sum(), -1, np.int32)  # where no document of ours is: held out
        for begin in range(0, len(placed), _ROWS_AT_ONCE):
            some = slice(begin, begin + _ROWS_AT_ONCE)
            everywhere[begins[placed.shard[some]] + placed.row[some]] = lists.own[some]
        vectors = [_location(reader, manifest) for manifest in manifests]
        self._shards = [
            (
                location,
                everywhere[begin : begin + manifest.rows],
                manifest.facts["offsets"],
                manifest.facts.get("crc32s"),
            )
            for location, manifest, begin in zip(vectors, manifests, begins.tolist(), strict=True)
        ]
        border = lists.visiting[placed.border_documents]
        self._border_documents = np.sort(border[wanted[border]])
        self._border_vectors = gather(vectors, placed, lists.document[self._border_documents])

    @property
    def width(self) -> int:
        """Coordinates of a vector."""
        return self._shards[0][0].shape[1]

    def request(self, begin: int, end: int, first: int, n_entries: int) -> VectorRequest:
        """Return where the lists of the clusters [begin, end) are read: one range per shard for members.

        Parameters
        ----------
        first, n_entries : the place of their first entry, and how many they have
        """
        ranges: list[ShardRange] = []
        for vectors, place, offsets, crc32s in self._shards:
            here = place[offsets[begin] : offsets[end]]
            if len(here):
                rows = np.where(here >= 0, here - np.int32(first), np.int32(-1))
                ends = tuple(offset - offsets[begin] for offset in offsets[begin + 1 : end + 1])
                sums = () if crc32s is None else tuple(crc32s[begin:end])
                ranges.append(ShardRange(vectors, offsets[begin], offsets[end], rows, ends, sums))
        border = slice(*np.searchsorted(self._border_documents, [first, first + n_entries]).tolist())
        border_vectors = self._border_vectors.read(border.start, border.stop)
        return VectorRequest(
            (begin, end), n_entries, self.width, tuple(ranges),
            self._border_documents[border] - np.int32(first), border_vectors,
        )  # fmt: skip


def _location(reader: TableReader, manifest: Manifest) -> VectorLocation:
    """Return where a version's vectors are; opening them requires that the file has the size it should."""
    reader.vectors(manifest)
    return reader.vector_location(manifest)


def read_vectors(request: VectorRequest) -> NDArray[np.float16]:
    """Read the vectors of lists: float16[n_entries, d].

    Raises
    ------
    CorruptError : a shard's clusters do not lie where its manifest says, or hold other vectors than were
        written, or the list was not wanted.
    """
    found = np.zeros((request.n_entries, request.width), np.float16)
    n_read = len(request.border_rows)
    for begin in range(0, len(request.ranges), _RANGES_AT_ONCE):
        parts = request.ranges[begin : begin + _RANGES_AT_ONCE]
        for part, block in zip(parts, concurrent(_read, parts), strict=True):
            some = part.rows >= 0
            found[part.rows[some]] = block if some.all() else block[some]
            n_read += np.count_nonzero(some)
    found[request.border_rows] = request.border_vectors
    if n_read != request.n_entries:
        begin, end = request.clusters
        raise CorruptError(
            f"clusters {begin} to {end - 1} have {request.n_entries} members and border documents; the "
            f"vectors of {n_read} were found; materialize cluster_assignments again"
        )
    return found


def _read(part: ShardRange) -> NDArray[np.float16]:
    """Read adjacent vectors of one shard, and compare them with their checksums."""
    block = part.vectors.read(part.begin, part.end)
    if part.crc32s and checksums(block, (0, *part.ends)) != list(part.crc32s):
        require_crc32(part.vectors.path, 0, -1, f"vectors {part.begin} to {part.end - 1}")
    return block


def checksums(vectors: NDArray[np.float16], offsets: Sequence[int]) -> list[int]:
    """Return the checksum of the vectors of each cluster, which lie in order: float16[n, d], int[k + 1]."""
    return [crc32_of(vectors[begin:end]) for begin, end in itertools.pairwise(offsets)]

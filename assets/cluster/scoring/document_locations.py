"""The training documents of a snapshot: their clusters, and where each lies in the lake."""

import dataclasses
import functools
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import PACKED, packed_ids_of, positions, sorting_order, unpacked
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.cluster.assign import NO_CLUSTER
from guyot.errors import CorruptError, MissingError
from guyot.narrow import Rows, row_type
from guyot.prune.near_duplicates.comparison_lists import NO_VISIT, visited_clusters
from guyot.vectors.threads import in_threads


@dataclasses.dataclass(frozen=True)
class DocumentLocations:
    """Training documents, sorted by doc_id.

    ids : S16[n], packed, each once
    cluster, distance : int32[n] and float32[n], as assigned
    border_cluster : int32[n], the cluster across a near border in which it is compared too; -1 where none
    shard : int32[n], its shard's number in the snapshot
    row : int32[n], its row in that shard's cluster_assignments and their vectors
    """

    ids: NDArray[np.bytes_]
    cluster: NDArray[np.int32]
    distance: NDArray[np.float32]
    border_cluster: NDArray[np.int32]
    shard: NDArray[np.int32]
    row: NDArray[np.int32]

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.ids)

    def some(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Take some of the documents."""
        return type(self)(*(column[rows] for column in vars(self).values()))

    @property
    def border_documents(self) -> NDArray[np.int64]:
        """Find the documents that have a border cluster: int64[v], ascending."""
        return np.flatnonzero(self.border_cluster != NO_VISIT)

    @property
    def entries(self) -> Rows:
        """Name the document of each entry, see guyot.prune.near_duplicates.comparison_lists: int32[n + v].

        Where there are 2^31 documents or more int64[n + v].
        """
        narrow = row_type(len(self))
        return np.concatenate([np.arange(len(self), dtype=narrow), self.border_documents.astype(narrow)])

    def at_home(self) -> Self:
        """Drop all border assignments."""
        return dataclasses.replace(self, border_cluster=np.full_like(self.border_cluster, NO_VISIT))

    def require_once(self) -> None:
        """Require that each document occurs once.

        Raises
        ------
        CorruptError : one is.
        """
        twice = self.ids[1:][self.ids[1:] == self.ids[:-1]]
        if len(twice):
            raise CorruptError(
                f"each of {len(self)} documents must be in the snapshot once; {len(twice)} are twice, "
                f"such as {unpacked(twice[:1])[0].decode()}; materialize raw_shards again"
            )


def place(
    reader: TableReader, snapshot: Snapshot, shards: list[str], border_margin: float = 0
) -> DocumentLocations:
    """Read where the training documents of some of a snapshot's shards lie.

    Parameters
    ----------
    border_margin : which have a border cluster, see `visited_clusters`; at 0 none

    Raises
    ------
    MissingError : a training document has no cluster.
    CorruptError : a document occurs twice.
    """
    numbers = {shard: number for number, shard in enumerate(snapshot.names)}
    n_assigned = sum(snapshot.manifest(reader, "cluster_assignments", shard).rows for shard in shards)
    columns, n = [np.empty(n_assigned, dtype) for dtype in _TYPES], 0
    read = functools.partial(_of_shard, reader, snapshot, border_margin)
    for part in in_threads(read, [(shard, numbers[shard]) for shard in shards]):
        for column, values in zip(columns, vars(part).values(), strict=True):
            column[n : n + len(part)] = values
        n += len(part)
    order = sorting_order(columns[0][:n]).astype(row_type(n))
    for number, column in enumerate(columns):  # one by one, so that no two orders of all are held
        columns[number] = column[:n][order]
    found = DocumentLocations(*columns)
    found.require_once()
    return found


_TYPES = (PACKED, np.int32, np.float32, np.int32, np.int32, np.int32)
_COLUMNS = ["doc_id", "cluster", "distance"]
_SECOND = ["second_cluster", "second_distance"]


def _of_shard(
    reader: TableReader, snapshot: Snapshot, border_margin: float, numbered: tuple[str, int]
) -> DocumentLocations:
    """Join the documents of a shard of a number with their assignments, training documents alone."""
    shard, number = numbered
    raw = reader.table(snapshot.manifest(reader, "raw_shards", shard), columns=["doc_id", "split"])
    columns = _COLUMNS + (_SECOND if border_margin else [])
    assigned = reader.table(snapshot.manifest(reader, "cluster_assignments", shard), columns=columns)
    training = packed_ids_of(raw.filter(pc.equal(raw["split"], "train"))["doc_id"])
    ids = packed_ids_of(assigned["doc_id"])
    rows = np.flatnonzero(positions(training[sorting_order(training)], ids) >= 0)
    if len(rows) != len(training):
        lacking = unpacked(np.setdiff1d(training, ids))
        raise MissingError(
            f"the clusters of {len(training)} training documents of {shard} were asked for; {len(lacking)} "
            f"have none, such as {lacking[:1].tolist()}; materialize cluster_assignments again"
        )
    return DocumentLocations(
        ids[rows],
        assigned["cluster"].to_numpy()[rows],
        assigned["distance"].to_numpy()[rows],
        _border_cluster(assigned, border_margin)[rows],
        np.full(len(rows), number, np.int32),
        rows.astype(np.int32),
    )


def _border_cluster(assigned: pa.Table, border_margin: float) -> NDArray[np.int32]:
    """Find the border cluster of each assigned document, -1 where none."""
    if not border_margin:
        return np.full(len(assigned), NO_VISIT, np.int32)
    second = pc.fill_null(assigned["second_cluster"], NO_CLUSTER).to_numpy()
    farther = pc.fill_null(assigned["second_distance"], np.nan).to_numpy()
    return visited_clusters(assigned["distance"].to_numpy(), second, farther, border_margin)

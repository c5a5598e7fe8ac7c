"""The tables of cluster_scores: written from the scored documents, and read back to build upon.

    rows.parquet      a row per training document, by doc_id: what people and recipes read
    clusters.parquet  a row per cluster
    places.arrow      beside each row of rows.parquet: its shard, its row there, the cluster that it visits
    entries.arrow     highest similarity and witness of every entry
                      (guyot.prune.near_duplicates.comparison_lists); witnesses as rows

All four are functions of the snapshot alone, never of the way to it.
"""

import dataclasses
import functools
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring.document_locations import DocumentLocations
from assets.graph.doc_ids import PACKED, id_column, packed_ids_of, unpacked
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.cluster.geometry import geometry
from guyot.cut import NO_WITNESS
from guyot.narrow import row_type
from guyot.prune.near_duplicates.comparison_lists import best_of_entries
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from guyot.vectors.threads import in_threads
from resources.lake.manifest import Manifest
from resources.lake.writer import ROW_GROUP_ROWS, Writer

SCORES = TableSpec(
    "cluster_scores",
    "a training document of the snapshot",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="cluster_assignments.doc_id"),
        ColumnSpec("cluster", pa.int32(), "nearest centroid", source="cluster_assignments.cluster"),
        ColumnSpec(
            "distance",
            pa.float32(),
            "cosine distance to it; the prototype distance",
            source="cluster_assignments.distance",
        ),
        ColumnSpec(
            "max_similarity",
            pa.float32(),
            "highest cosine to an earlier-ranked document; null where none is earlier",
        ),
        ColumnSpec("witness", pa.string(), "that document", source="cluster_assignments.doc_id"),
    ),
)
CLUSTERS = TableSpec(
    "cluster_geometry",
    "a cluster",
    (
        ColumnSpec("cluster", pa.int32(), "number of the centroid", source="centroids.cluster"),
        ColumnSpec("size", pa.int64(), "training documents nearest to it"),
        ColumnSpec("spread", pa.float64(), "mean cosine distance of those to it; null where there are none"),
        ColumnSpec(
            "gap",
            pa.float64(),
            "mean cosine distance to the 20 nearest other centroids; null where there is no other",
        ),
        ColumnSpec("complexity", pa.float64(), "spread times gap"),
    ),
    file="clusters.parquet",
)
PLACES = "places.arrow"
ENTRIES = "entries.arrow"
_NO_DICTIONARY = ["doc_id", "distance", "max_similarity", "witness"]  # hardly a value comes twice
Assigned = tuple[NDArray[np.int32], NDArray[np.float32]]  # of documents: cluster and distance
_NO_IDS = np.zeros(0, "S32")


@dataclasses.dataclass(frozen=True)
class ScoredDocuments:
    """Training documents and their entries' maxima; a witness is a document's row, -1 where there is none."""

    documents: DocumentLocations
    entries: NearestPredecessors

    @property
    def maxima(self) -> NearestPredecessors:
        """Each document's highest similarity in all the lists that it is in."""
        return best_of_entries(self.entries, self.documents.distance, self.documents.border_documents)


def write(writer: Writer, scored: ScoredDocuments, centroids: NDArray[np.float16]) -> None:
    """Write the documents' and the clusters' tables, the places and the entries."""
    documents = scored.documents
    _write_rows(writer, documents, scored.maxima)
    shape = geometry(documents.cluster, documents.distance, centroids)
    values = {n: pa.array(v, from_pandas=True) for n, v in dataclasses.asdict(shape).items()}
    values["cluster"] = pa.array(range(len(centroids)), pa.int32())
    writer.table(pa.table(values).select(CLUSTERS.names).cast(CLUSTERS.schema), CLUSTERS.file)
    _write(
        writer, PLACES, {"shard": documents.shard, "row": documents.row, "visits": documents.border_cluster}
    )
    witness = scored.entries.witness.astype(np.int64, copy=False)
    _write(writer, ENTRIES, {"max_similarity": scored.entries.similarity, "witness": witness})


def _write_rows(writer: Writer, documents: DocumentLocations, maxima: NearestPredecessors) -> None:
    """Write a row per document, a few row groups at a time: digits of all would be most of what is held."""
    groups = range(0, max(1, len(documents)), ROW_GROUP_ROWS)  # of no documents a table of none
    with writer.parquet(SCORES.schema, plain=_NO_DICTIONARY) as sink:
        for table in in_threads(functools.partial(_row_group, documents, maxima), groups):
            sink.write_table(table, row_group_size=ROW_GROUP_ROWS)


def _row_group(documents: DocumentLocations, maxima: NearestPredecessors, begin: int) -> pa.Table:
    """Lay adjacent rows out."""
    some = slice(begin, begin + ROW_GROUP_ROWS)
    witness = maxima.witness[some]
    has_witness = witness != NO_WITNESS
    columns = [
        id_column(unpacked(documents.ids[some])),
        documents.cluster[some],
        documents.distance[some],
        pa.array(maxima.similarity[some], mask=~has_witness),
        id_column(unpacked(documents.ids[witness]) if len(witness) else _NO_IDS, has_witness),
    ]
    return pa.table(columns, schema=SCORES.schema)


def _write(writer: Writer, name: str, columns: dict[str, NDArray[np.generic]]) -> None:
    """Write columns of numbers as they are."""
    batch = pa.record_batch(columns)
    with writer.file(name) as file, pa.ipc.new_file(file, batch.schema) as sink:
        sink.write_batch(batch)


def read(reader: TableReader, manifest: Manifest) -> ScoredDocuments:
    """Read a version back.

    Raises
    ------
    CorruptError : its places or entries are not what was written.
    """
    locations = read_locations(reader, manifest)
    entries = _read(reader, manifest, ENTRIES)
    witness = entries["witness"].astype(row_type(len(locations)))
    return ScoredDocuments(locations, NearestPredecessors(entries["max_similarity"].copy(), witness))


def read_locations(
    reader: TableReader, manifest: Manifest, *, with_ids: bool = True, assigned: Assigned | None = None
) -> DocumentLocations:
    """Read the documents of a version back, without their entries.

    Parameters
    ----------
    with_ids : else the documents' ids are all the same, which is enough where their rows name them
    assigned : their clusters and distances, where these are held already

    Raises
    ------
    CorruptError : its places are not what was written.
    """
    n, begin = manifest.rows, 0
    ids = np.empty(n, PACKED) if with_ids else np.broadcast_to(np.zeros((), PACKED), n)
    cluster, distance = assigned or (np.empty(n, np.int32), np.empty(n, np.float32))
    columns = [*(["doc_id"] if with_ids else []), *([] if assigned else ["cluster", "distance"])]
    for batch in reader.batches(manifest, columns, ROW_GROUP_ROWS) if columns else ():
        some = slice(begin, begin + len(batch))
        if with_ids:
            ids[some] = packed_ids_of(batch["doc_id"])
        if not assigned:
            cluster[some], distance[some] = batch["cluster"].to_numpy(), batch["distance"].to_numpy()
        begin += len(batch)
    places = _read(reader, manifest, PLACES)
    return DocumentLocations(ids, cluster, distance, places["visits"], places["shard"], places["row"])


def _read(reader: TableReader, manifest: Manifest, name: str) -> dict[str, NDArray[Any]]:
    """Read columns of numbers."""
    with pa.ipc.open_file(pa.py_buffer(reader.checked(manifest, name))) as source:
        table = source.read_all()
    return {column: table[column].to_numpy() for column in table.column_names}

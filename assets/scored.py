"""The tables of cluster_scores: written from the scored documents, and read back to build upon.

    rows.parquet      a row per training document, by doc_id: what people and recipes read
    clusters.parquet  a row per cluster
    places.arrow      beside each row of rows.parquet: shard, row there and witness, as numbers

All three are functions of the snapshot alone, never of the way to it.
"""

import dataclasses

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.placed import Placed
from assets.snapshot import id_column, ids_of
from guyot.cluster.geometry import geometry
from guyot.cut import NO_WITNESS
from guyot.prune.semdedup import EarlierMaxima
from resources.manifest import Manifest
from resources.store import Store
from resources.writer import Writer

CLUSTERS = "clusters.parquet"
PLACES = "places.arrow"
_NO_DICTIONARY = ["doc_id", "distance", "max_similarity", "witness"]  # hardly a value comes twice


@dataclasses.dataclass(frozen=True)
class Scored:
    """Training documents with their highest similarities; a witness is a row, -1 where there is none."""

    documents: Placed
    maxima: EarlierMaxima


def write(writer: Writer, scored: Scored, centroids: NDArray[np.float16]) -> None:
    """Write the documents' and the clusters' tables, and the places."""
    documents, witness = scored.documents, scored.maxima.witness
    there = witness != NO_WITNESS
    writer.table(
        pa.table(
            {
                "doc_id": id_column(documents.ids),
                "cluster": documents.cluster,
                "distance": documents.distance,
                "max_similarity": pa.array(scored.maxima.similarity, mask=~there),
                "witness": id_column(documents.ids[witness], there),
            }
        ),
        plain=_NO_DICTIONARY,
    )
    shape = geometry(documents.cluster, documents.distance, centroids)
    numbers = pa.array(range(len(centroids)), pa.int32())
    values = {n: pa.array(v, from_pandas=True) for n, v in dataclasses.asdict(shape).items()}
    writer.table(pa.table({"cluster": numbers, **values}), CLUSTERS)
    places = pa.record_batch({"shard": documents.shard, "row": documents.row, "witness": witness})
    with writer.file(PLACES) as file, pa.ipc.new_file(file, places.schema) as sink:
        sink.write_batch(places)


def read(store: Store, manifest: Manifest) -> Scored:
    """Read a version back.

    Raises
    ------
    CorruptError : its places are not what was written.
    """
    table = store.table(manifest, columns=["doc_id", "cluster", "distance", "max_similarity"])
    with pa.ipc.open_file(pa.py_buffer(store.checked(manifest, PLACES))) as source:
        places = source.read_all()
    placed = Placed(
        ids_of(table["doc_id"]),
        table["cluster"].to_numpy(),
        table["distance"].to_numpy(),
        places["shard"].to_numpy(),
        places["row"].to_numpy(),
    )
    return Scored(placed, EarlierMaxima(table["max_similarity"].to_numpy(), places["witness"].to_numpy()))

"""Which documents a run read, as a table: so that a query can join runs and documents."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.doc_ids import id_column
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.train.exposure import documents_read
from guyot.train.schedule import Schedule

RUN_DOCUMENTS = TableSpec(
    "run_documents",
    "a document that a run read",
    (
        ColumnSpec("run_id", pa.string(), "the run", source="training_runs.run_id"),
        ColumnSpec("doc_id", pa.string(), "the document", source="pruned_mixtures.doc_id"),
        ColumnSpec("exposures", pa.int64(), "how often the run read it, wholly or in part"),
        ColumnSpec("tokens", pa.int64(), "tokens of it that the run read, all times together"),
        ColumnSpec(
            "first_token",
            pa.int64(),
            "tokens that the run read before it; by those of a step: the step",
        ),
    ),
    file="documents.parquet",
    key_columns=(),
)
PLAIN = ["doc_id", "first_token"]  # hardly a value comes twice


def run_documents(run_id: str, ids: NDArray[np.bytes_], schedule: Schedule) -> pa.Table:
    """List what a run read, by doc_id.

    Parameters
    ----------
    ids : S32[n], doc_ids of the schedule's rows

    Notes
    -----
    At most a row for each document that the mixture keeps, and each segment that the budget pays for.
    """
    read = documents_read(schedule)
    order = np.argsort(ids[read.rows])
    columns = [
        pa.array([run_id]).take(pa.array(np.zeros(len(order), np.int64))),
        id_column(ids[read.rows][order]),
        *(part[order] for part in (read.exposures, read.tokens, read.first_tokens)),
    ]
    return pa.table(columns, schema=RUN_DOCUMENTS.schema)

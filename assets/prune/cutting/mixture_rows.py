"""The rows of a mixture: a live document each, by doc_id, written and counted batch by batch."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_column, ids_of, unpacked
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.cut import NO_WITNESS, Cut
from guyot.prune.explanation import HELD_OUT
from guyot.vectors.threads import in_threads
from resources import progress
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

MIXTURES = TableSpec(
    "pruned_mixtures",
    "a live document in a mixture version",
    (
        ColumnSpec("doc_id", pa.string(), "a live document of the snapshot", source="raw_shards.doc_id"),
        ColumnSpec("kept", pa.bool_(), "whether the mixture holds it"),
        ColumnSpec("step", pa.string(), "the step that dropped it; null where kept"),
        ColumnSpec("reason", pa.string(), "that step's word for it; null where kept"),
        ColumnSpec("score", pa.float64(), "its score in the deciding step; higher is kept first"),
        ColumnSpec(
            "threshold",
            pa.float64(),
            "that step's limit, as a score: its own, or where a target decided the lowest that it kept, in "
            "its group where it has groups; null where no number decided",
        ),
        ColumnSpec(
            "witness", pa.string(), "the document, or the evaluation record, because of which it was dropped"
        ),
    ),
)
_NO_DICTIONARY = ["doc_id", "score", "witness"]  # hardly a value comes twice
_ROWS_AT_ONCE = 65_536
_NO_RECORDS = np.zeros(0, "S32")


@dataclasses.dataclass(frozen=True)
class MixtureCounts:
    """What a mixture's rows come to.

    rows, kept : all, and those that it keeps
    ascending : rows whose doc_id is above that of all before; all of them, if each document is there once
    unexplained : dropped without a step or a reason
    """

    rows: int
    kept: int
    ascending: int
    unexplained: int


def write(
    writer: Writer, cut: Cut, ids: NDArray[np.bytes_], held_out: NDArray[np.bytes_],
    records: NDArray[np.bytes_] = _NO_RECORDS,
) -> None:  # fmt: skip
    """Write a cut, and the held-out documents among its own: dropped by the split, before any step.

    Parameters
    ----------
    cut : of n documents
    ids : S16[n], sorted, packed
    held_out : S16[h], sorted, packed, none of them among the ids
    records : S32[m], the evaluation records that witnesses from n on mean
    """
    place = np.searchsorted(ids, held_out) + np.arange(len(held_out))  # among all rows
    n_rows = len(ids) + len(held_out)

    def batch(begin: int) -> pa.Table:
        end = min(begin + _ROWS_AT_ONCE, n_rows)
        others = slice(*np.searchsorted(place, [begin, end]).tolist())
        rows = slice(begin - others.start, end - others.stop)  # of the cut
        at = place[others] - begin - np.arange(others.stop - others.start)  # the next of them
        return _batch(cut, ids, rows, held_out[others], at, records)

    with writer.parquet(MIXTURES.schema, plain=_NO_DICTIONARY) as sink:
        for table in in_threads(batch, range(0, n_rows, _ROWS_AT_ONCE)):
            progress.check_stop()
            sink.write_table(table)


def _batch(
    cut: Cut, ids: NDArray[np.bytes_], rows: slice, held_out: NDArray[np.bytes_],
    at: NDArray[np.int64], records: NDArray[np.bytes_],
) -> pa.Table:  # fmt: skip
    """Lay adjacent rows of a cut out, with held-out documents before some of them."""

    def column(values: NDArray[Any], other: float) -> NDArray[Any]:
        return np.insert(values[rows], at, other)

    kept = column(cut.kept, False)
    is_held_out = np.insert(np.zeros(rows.stop - rows.start, np.bool_), at, True)
    steps, reasons = (*cut.steps, HELD_OUT), (*cut.reasons, HELD_OUT)
    witness = column(cut.witness, NO_WITNESS)
    columns = [
        id_column(unpacked(np.insert(ids[rows], at, held_out))),
        kept,
        _names(steps, np.where(is_held_out, len(cut.steps), column(cut.step, 0)), kept),
        _names(reasons, np.where(is_held_out, len(cut.reasons), column(cut.reason, 0)), kept),
        pa.array(column(cut.score, np.nan), pa.float64(), from_pandas=True),
        pa.array(column(cut.threshold, np.nan), pa.float64(), from_pandas=True),
        id_column(_named(witness, ids, records), witness != NO_WITNESS),
    ]
    return pa.table(columns, schema=MIXTURES.schema)


def _named(
    witness: NDArray[np.int64], ids: NDArray[np.bytes_], records: NDArray[np.bytes_]
) -> NDArray[np.bytes_]:
    """Return the doc_id of each witness, a document or an evaluation record; where there is none, empty."""
    found = np.zeros(len(witness), "S32")
    is_document, is_record = (witness >= 0) & (witness < len(ids)), witness >= len(ids)
    found[is_document] = unpacked(ids[witness[is_document]])
    found[is_record] = records[witness[is_record] - len(ids)]
    return found


def _names(names: Sequence[str], number: NDArray[np.int64], without: NDArray[np.bool_]) -> pa.Array:
    """Return the numbered name of each row, null for some rows."""
    return pa.array(names, pa.string()).take(pa.array(number, pa.int64(), mask=without))


def count(reader: TableReader, mixture: Manifest) -> MixtureCounts:
    """Read what a mixture's rows come to."""
    rows = kept = ascending = unexplained = 0
    last = b""
    for batch in reader.batches(mixture, ["doc_id", "kept", "step", "reason"], _ROWS_AT_ONCE):
        ids, is_kept = ids_of(batch["doc_id"]), batch["kept"].to_numpy(zero_copy_only=False)
        before = np.concatenate([np.array([last], "S32"), ids[:-1]])
        rows, kept, ascending = (
            rows + len(ids),
            kept + int(is_kept.sum()),
            ascending + int((ids > before).sum()),
        )
        unnamed = pc.or_(batch["step"].is_null(), batch["reason"].is_null()).to_numpy(zero_copy_only=False)
        unexplained += int((unnamed & ~is_kept).sum())
        last = ids[-1] if len(ids) else last
    return MixtureCounts(rows, kept, ascending, unexplained)

"""The held-out documents that runs are evaluated on: drawn by the seed and their doc_ids alone."""

import dataclasses

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_bits, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.errors import EvaluationError
from guyot.seeds import uniforms_of_bits
from guyot.split import HELD_OUT, HeldOutRule, unit_of
from resources.settings import Settings

_COLUMNS = ["doc_id", "source_path", "record_key", "kind", "split"]


@dataclasses.dataclass(frozen=True)
class HeldOutDocuments:
    """Held-out documents, by doc_id.

    ids : S32[n], sorted
    sizes : int64[n], bytes
    kinds : n names
    groups : n names of what was held out whole, see `guyot.split`
    """

    ids: NDArray[np.bytes_]
    sizes: NDArray[np.int64]
    kinds: list[str]
    groups: list[str]

    def take(self, rows: NDArray[np.int64]) -> "HeldOutDocuments":
        """Return some of them, in ascending rows."""
        kinds, groups = ([names[row] for row in rows] for names in (self.kinds, self.groups))
        return HeldOutDocuments(self.ids[rows], self.sizes[rows], kinds, groups)


def held_out_documents(reader: TableReader, settings: Settings, snapshot: Snapshot) -> HeldOutDocuments:
    """Draw held-out documents of a snapshot at random, as many as are to be evaluated.

    Raises
    ------
    EvaluationError : the snapshot has none.
    """
    table = snapshot.table(reader, "raw_shards", _COLUMNS)
    n_documents = table.num_rows
    table = table.filter(pc.equal(table["split"], HELD_OUT))
    ids = ids_of(table["doc_id"])
    if not len(ids):
        raise EvaluationError(
            f"reading.held_out_fraction={settings.reading.held_out_fraction} held out 0 of "
            f"{n_documents} documents; "
            "raise it, or set reading.held_out_unit=record, before the first scan of a lake, or name the key "
            "that states the split of each record in reading.split_column"
        )
    uniform = uniforms_of_bits(settings.seed, "evaluation", id_bits(ids))
    drawn = np.lexsort((ids, uniform))[: settings.training.evaluation_documents]
    drawn = drawn[np.argsort(ids[drawn])]
    rule = HeldOutRule(**reader.required("shard_registry").facts["held_out"])
    rows = table.take(drawn)
    names = zip(rows["source_path"].to_pylist(), rows["record_key"].to_pylist(), strict=True)
    groups = [unit_of(rule, path, key) for path, key in names]
    return HeldOutDocuments(
        ids[drawn], _sizes(reader, snapshot, ids[drawn]), rows["kind"].to_pylist(), groups
    )


def _sizes(reader: TableReader, snapshot: Snapshot, wanted: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Read the sizes in bytes of documents: int64[n]."""
    signals = snapshot.table(reader, "quality_signals", ["doc_id", "bytes"])
    rows = positions(wanted, ids_of(signals["doc_id"]))
    sizes = np.zeros(len(wanted), np.int64)
    sizes[rows[rows >= 0]] = signals["bytes"].to_numpy()[rows >= 0]
    return sizes

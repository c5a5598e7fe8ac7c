"""Pairs of a training document and an evaluation record: those that are kept, their table, and reading it."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.doc_ids import id_column, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.prune.decontaminate import RECORDS_PER_DOCUMENT, EvaluationPairs
from guyot.strongest import strongest as strongest_of_groups
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.sources.evaluation_files import HELD_OUT_SET

_ROWS_AT_ONCE = 65_536
SCORES = TableSpec(
    "contamination_scores",
    "a training document of the snapshot and an evaluation record that it may be a copy of",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec(
            "evaluation_set", pa.string(), f"the record's; {HELD_OUT_SET}: the lake's held-out documents"
        ),
        ColumnSpec("record", pa.string(), "doc_id of the record, in evaluation_sets or raw_shards"),
        ColumnSpec(
            "overlap", pa.float64(),
            "share of the record's distinct word n-grams that the document holds; 1 for a copy, also inside "
            "a longer document",
        ),
        ColumnSpec("jaccard", pa.float64(), "exact Jaccard similarity of their n-grams; 1 for a copy"),
        ColumnSpec("cosine", pa.float32(), "cosine of their vectors"),
    ),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class ContaminationPairs:
    """Pairs, in the order of the table: by document, evaluation set and record.

    document, record : S32[p]
    evaluation_set : int16[p], numbers of the sets' names
    overlap, jaccard : float64[p]
    cosine : float32[p]
    """

    document: NDArray[np.bytes_]
    evaluation_set: NDArray[np.int16]
    record: NDArray[np.bytes_]
    overlap: NDArray[np.float64]
    jaccard: NDArray[np.float64]
    cosine: NDArray[np.float32]

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.document)

    def select(self, some: NDArray[np.bool_] | NDArray[np.int64]) -> "ContaminationPairs":
        """Return some of the pairs."""
        return ContaminationPairs(*(column[some] for column in vars(self).values()))


@dataclasses.dataclass(frozen=True)
class Floors:
    """From where up pairs are kept: a share of the record's n-grams, or a cosine."""

    overlap: float
    cosine: float


def joined(parts: Sequence[ContaminationPairs]) -> ContaminationPairs:
    """Put pairs together."""
    none = np.zeros(0, "S32")
    empty = ContaminationPairs(
        none, np.zeros(0, np.int16), none, np.zeros(0), np.zeros(0), np.zeros(0, np.float32)
    )
    columns = zip(*(vars(part).values() for part in (empty, *parts)), strict=True)
    return ContaminationPairs(*map(np.concatenate, columns))


def strongest(pairs: ContaminationPairs, floors: Floors) -> ContaminationPairs:
    """Leave of each document and evaluation set the strongest pairs, and put them in order.

    Returns
    -------
    Those among the RECORDS_PER_DOCUMENT of the largest overlap, then Jaccard similarity, then lowest record,
    or among those of the largest cosine, then lowest record; each at or above its floor. So that what is left
    of all pairs is what is left of any pairs that have these among them.
    """
    document = np.unique(pairs.document, return_inverse=True)[1]
    order = np.lexsort((pairs.record, pairs.evaluation_set, document))
    pairs, group = pairs.select(order), (document * np.int64(1 << 16) + pairs.evaluation_set)[order]
    left = np.zeros(len(pairs), np.bool_)
    for measures, floor in (
        ((pairs.overlap, pairs.jaccard), floors.overlap), ((pairs.cosine,), np.float32(floors.cosine))
    ):  # fmt: skip
        reached = np.flatnonzero(measures[0] >= floor)
        best = strongest_of_groups(group[reached], [one[reached] for one in measures], RECORDS_PER_DOCUMENT)
        left[reached[best]] = True
    return pairs.select(left)


def may_miss(pairs: ContaminationPairs, floors: Floors, gone: NDArray[np.bool_]) -> NDArray[np.bytes_]:
    """Find the documents of which other pairs may come up where some are gone: S32[m], sorted.

    Parameters
    ----------
    pairs : what `strongest` left
    gone : bool[p], pairs whose record has left
    """
    number = np.unique(pairs.document, return_inverse=True)[1] * np.int64(1 << 16) + pairs.evaluation_set
    group = np.unique(number, return_inverse=True)[1]
    is_full = np.zeros(int(group.max(initial=-1)) + 1, np.bool_)
    for counted in (pairs.overlap >= floors.overlap, pairs.cosine >= np.float32(floors.cosine)):
        is_full |= np.bincount(group[counted], minlength=len(is_full)) >= RECORDS_PER_DOCUMENT
    return np.unique(pairs.document[gone & is_full[group]])


def write(writer: Writer, pairs: ContaminationPairs, sets: Sequence[str]) -> None:
    """Write pairs that are in order."""
    names = pa.array(sets, pa.string())
    with writer.parquet(SCORES.schema, plain=["doc_id", "record", "overlap", "jaccard", "cosine"]) as sink:
        for begin in range(0, len(pairs), _ROWS_AT_ONCE):
            some = pairs.select(np.arange(begin, min(begin + _ROWS_AT_ONCE, len(pairs))))
            columns = [
                id_column(some.document), names.take(pa.array(some.evaluation_set)), id_column(some.record),
                some.overlap, some.jaccard, some.cosine,
            ]  # fmt: skip
            sink.write_table(pa.table(columns, schema=SCORES.schema))


def read(reader: TableReader, scores: Manifest, sets: Sequence[str]) -> ContaminationPairs:
    """Read the pairs of a version; the numbers of sets that are not named are -1."""
    table = reader.table(scores)
    encoded = table["evaluation_set"].combine_chunks().dictionary_encode()
    numbers = {name: number for number, name in enumerate(sets)}
    own = np.array([numbers.get(name, -1) for name in encoded.dictionary.to_pylist()], np.int16)
    number = own[encoded.indices.to_numpy()] if len(table) else np.zeros(0, np.int16)
    columns = (table[name].to_numpy() for name in ("overlap", "jaccard", "cosine"))
    return ContaminationPairs(ids_of(table["doc_id"]), number, ids_of(table["record"]), *columns)


def pairs_of(
    reader: TableReader, scores: Manifest | None, source: Snapshot, ids: NDArray[np.bytes_]
) -> EvaluationPairs | None:
    """Return the pairs of a snapshot's training documents, by row; None where there are none of the snapshot.

    Parameters
    ----------
    scores : a version of contamination_scores; None: there is none
    ids : S16[n], sorted, packed
    """
    if scores is None or scores.facts["snapshot"] != compared_tables(source):
        return None
    sets = scores.facts["sets"]
    found = read(reader, scores, sets)
    names, record = np.unique(found.record, return_inverse=True)
    set_of = np.zeros(len(names), np.int16)
    set_of[record] = found.evaluation_set
    return EvaluationPairs(
        document=positions(ids, found.document), record=record.astype(np.int64), overlap=found.overlap,
        jaccard=found.jaccard, cosine=found.cosine, records=names, set_of=set_of, sets=tuple(sets),
        min_overlap=scores.settings["contamination.min_overlap"],
        min_cosine=scores.settings["contamination.min_cosine"],
    )  # fmt: skip


def compared_tables(source: Snapshot) -> dict[str, dict[str, str]]:
    """Return the versions of a snapshot's tables that decide the pairs."""
    return {
        shard: {name: versions[name] for name in ("raw_shards", "embeddings")}
        for shard, versions in source.shards.items()
    }

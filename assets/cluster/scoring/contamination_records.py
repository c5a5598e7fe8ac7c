"""The evaluation records that documents are compared with: held-out documents, and benchmark files."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.split import HELD_OUT
from guyot.text.ngram_overlap import ngrams
from guyot.text.shingles import Shingles, concatenate
from resources.lake.manifest import Manifest

_BATCH_RECORDS = 512
NGRAMS_AT_ONCE = 1 << 22  # of records that documents are compared with at a time: some 200 MB


@dataclasses.dataclass(frozen=True)
class RecordSource:
    """Where evaluation records are: held-out documents of a shard, or the records of a benchmark.

    evaluation_set : number of the set's name
    texts, vectors : the versions that have them, row by row
    column, value : the rows of this source have this value in this column
    """

    evaluation_set: int
    texts: Manifest
    vectors: Manifest
    column: str
    value: str


@dataclasses.dataclass(frozen=True)
class EvaluationRecords:
    """Records that documents are compared with at a time.

    ids : S32[m], ascending
    evaluation_set : int16[m], numbers of the sets' names
    ngrams : of m records, distinct
    vectors : float16[m, d]
    """

    ids: NDArray[np.bytes_]
    evaluation_set: NDArray[np.int16]
    ngrams: Shingles
    vectors: NDArray[np.float16]


def held_out_source(reader: TableReader, source: Snapshot, shard: str) -> RecordSource:
    """Return the held-out documents of a shard."""
    texts, vectors = (source.manifest(reader, table, shard) for table in ("raw_shards", "embeddings"))
    return RecordSource(0, texts, vectors, "split", HELD_OUT)


def record_ids(reader: TableReader, source: RecordSource) -> NDArray[np.bytes_]:
    """Read the doc_ids of a source's records: S32[m]."""
    return ids_of(_rows(reader, source)[1])


def records(
    reader: TableReader, sources: Sequence[RecordSource], n_words: int
) -> Iterator[EvaluationRecords]:
    """Read the records of some sources, as many at a time as memory is to hold."""
    waiting: list[EvaluationRecords] = []
    for batch in _batches(reader, sources, n_words):
        waiting.append(batch)
        if sum(len(one.ngrams.hashes) for one in waiting) >= NGRAMS_AT_ONCE:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _batches(
    reader: TableReader, sources: Iterable[RecordSource], n_words: int
) -> Iterator[EvaluationRecords]:
    """Read the records of some sources, batch by batch."""
    for source in sources:
        rows, ids = _rows(reader, source)
        if not len(rows):
            continue
        vectors, begin = reader.vectors(source.vectors), 0
        for batch in reader.batches(source.texts, ["content"], _BATCH_RECORDS):
            some = slice(*np.searchsorted(rows, [begin, begin + batch.num_rows]))
            here = rows[some] - begin
            if len(here):
                texts = batch["content"].take(pa.array(here)).to_pylist()
                yield EvaluationRecords(
                    ids_of(ids)[some], np.full(len(here), source.evaluation_set, np.int16),
                    ngrams(texts, n_words).distinct(), vectors[begin : begin + batch.num_rows][here],
                )  # fmt: skip
            begin += batch.num_rows


def _rows(reader: TableReader, source: RecordSource) -> tuple[NDArray[np.int64], pa.ChunkedArray]:
    """Return the rows of a source's records in its tables, and their doc_ids."""
    table = reader.table(source.texts, columns=["doc_id", source.column])
    rows = np.flatnonzero(pc.equal(table[source.column], source.value).to_numpy())
    return rows, table["doc_id"].take(pa.array(rows))


def _joined(parts: list[EvaluationRecords]) -> EvaluationRecords:
    """Put batches together, by id: of equally strong records the first is the lowest."""
    ids = np.concatenate([part.ids for part in parts])
    order = np.argsort(ids, kind="stable")
    return EvaluationRecords(
        ids[order],
        np.concatenate([part.evaluation_set for part in parts])[order],
        concatenate([part.ngrams for part in parts]).take(order),
        np.concatenate([part.vectors for part in parts])[order],
    )

"""Compares training documents of a shard with evaluation records: by the words they share, and by vectors."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring.contamination_pairs import ContaminationPairs, Floors, joined, strongest
from assets.cluster.scoring.contamination_records import EvaluationRecords
from assets.graph.reader import TableReader
from guyot.prune.decontaminate import RECORDS_PER_DOCUMENT
from guyot.strongest import StrongestRecords
from guyot.text.ngram_overlap import Overlaps, ngrams
from guyot.text.record_index import RecordIndex
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import pairs_with_records
from resources.lake.manifest import Manifest

_BATCH_DOCUMENTS = 512


@dataclasses.dataclass(frozen=True)
class RecordSearch:
    """Finds pairs with some evaluation records.

    n_words : of an n-gram
    """

    records: EvaluationRecords
    index: RecordIndex
    wanted: StrongestRecords
    floors: Floors
    n_words: int
    block_rows: int

    @classmethod
    def of(cls, records: EvaluationRecords, floors: Floors, n_words: int, block_rows: int) -> "RecordSearch":
        """Index records."""
        wanted = StrongestRecords(records.evaluation_set, RECORDS_PER_DOCUMENT)
        index = RecordIndex(records.ngrams, floors.overlap)
        return cls(records, index, wanted, floors, n_words, block_rows)

    def pairs(
        self,
        reader: TableReader,
        texts: Manifest,
        vectors: Manifest,
        ids: NDArray[np.bytes_],
        rows: NDArray[np.int32],
    ) -> ContaminationPairs:
        """Compare documents of a shard.

        Parameters
        ----------
        texts, vectors : the shard's versions
        ids, rows : S32[n] and int32[n], the documents, and their rows in the shard, ascending

        Returns
        -------
        The strongest pairs of each document, see `strongest`.

        Notes
        -----
        Reads the shard's texts once, batch by batch, and holds its vectors.
        """
        if not len(rows):
            return joined([])
        m = len(self.records.ids)
        both = UnitRows.measured(
            np.concatenate([self.records.vectors, reader.vectors(vectors)[: int(rows[-1]) + 1][rows]])
        )
        document, record = pairs_with_records(
            both, m, self.floors.cosine, self.wanted, block_rows=self.block_rows
        )
        found: list[ContaminationPairs] = []
        for some, contents in _texts(reader, texts, rows):
            here = slice(*np.searchsorted(document, [some.start, some.stop]))
            also = document[here] - some.start, record[here]
            overlaps = self.index.overlaps(ngrams(contents, self.n_words), also, self.wanted)
            found.append(self._measured(overlaps, both, some.start + m, ids[some]))
        return strongest(joined(found), self.floors)

    def _measured(
        self, found: Overlaps, both: UnitRows, first: int, ids: NDArray[np.bytes_]
    ) -> ContaminationPairs:
        """Add the cosines to what a batch shares.

        Parameters
        ----------
        first : row of the batch's first document among the vectors
        """
        cosine = both.pair_cosines(found.document + first, both, found.record)
        return ContaminationPairs(
            ids[found.document], self.records.evaluation_set[found.record], self.records.ids[found.record],
            found.overlap, found.jaccard, cosine,
        )  # fmt: skip


def _texts(
    reader: TableReader, texts: Manifest, rows: NDArray[np.int32]
) -> Iterator[tuple[slice, list[str]]]:
    """Read the texts of some rows of a shard, some at a time: (which of the rows, their texts)."""
    begin = 0
    for batch in reader.batches(texts, ["content"], _BATCH_DOCUMENTS):
        some = slice(*np.searchsorted(rows, [begin, begin + batch.num_rows]).tolist())
        if some.stop > some.start:
            yield some, batch["content"].take(pa.array(rows[some] - begin)).to_pylist()
        begin += batch.num_rows

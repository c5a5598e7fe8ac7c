"""Evaluation records in memory, and the documents of a corpus that share words or meaning with them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from guyot.corpus.progress import Progress
from guyot.corpus.records import readable
from guyot.errors import SettingError
from guyot.prune.decontaminate import RECORDS_PER_DOCUMENT, EvaluationPairs
from guyot.strongest import StrongestRecords
from guyot.text.ngram_overlap import NGRAM_WORDS, ngrams
from guyot.text.record_index import RecordIndex
from guyot.vectors.screen import UnitRows
from guyot.vectors.similar_pairs import pairs_with_records

DEFAULT_SET = "evaluation"
_BATCH_DOCUMENTS = 512


class EvaluationRecords:
    """Evaluation records, set by set.

    Parameters
    ----------
    given : texts, or texts by the name of their set

    Raises
    ------
    SettingError : a single text in place of a list.
    ArrayError : something that is no text.

    Examples
    --------
    >>> EvaluationRecords({"b": ["x"], "a": ["y", "z"]}).names
    ['record 0 of a', 'record 1 of a', 'record 0 of b']
    """

    def __init__(self, given: Mapping[str, Sequence[str]] | Sequence[str]) -> None:
        if isinstance(given, str):
            raise SettingError("evaluation is a text; give a list of texts, or lists of texts by name")
        by_set = given if isinstance(given, Mapping) else {DEFAULT_SET: given}
        self.sets = tuple(sorted(by_set))
        self.texts = [text for name in self.sets for text in by_set[name]]
        readable(self.texts)
        self.names = [f"record {row} of {name}" for name in self.sets for row in range(len(by_set[name]))]
        self.set_of = np.repeat(np.arange(len(self.sets)), [len(by_set[name]) for name in self.sets])


def evaluation_pairs(
    texts: list[str],
    records: EvaluationRecords,
    min_overlap: float,
    *,
    min_cosine: float | None = None,
    vectors: tuple[NDArray[np.float16], NDArray[np.float16]] | None = None,
    progress: Progress | None = None,
) -> EvaluationPairs:
    """Compare texts with evaluation records: of each text and set the 16 strongest pairs, by either measure.

    Parameters
    ----------
    min_overlap : pairs below this share of a record's n-grams are left out, unless their cosine is high
    min_cosine : None: no vectors are compared
    vectors : float16[n, d] and float16[m, d], of the texts and of the records; needed for a cosine

    Examples
    --------
    >>> found = evaluation_pairs(["To be, or not", "else"], EvaluationRecords(["to be or NOT!"]), 0.5)
    >>> found.document.tolist(), found.record.tolist(), found.overlap.tolist()
    ([0], [0], [1.0])
    """
    progress = progress or Progress()
    index = RecordIndex(ngrams(records.texts, NGRAM_WORDS).distinct(), min_overlap)
    m, strongest = len(records.texts), StrongestRecords(records.set_of, RECORDS_PER_DOCUMENT)
    near, both = (np.zeros(0, np.int64), np.zeros(0, np.int64)), None
    if min_cosine is not None and vectors is not None:
        both = UnitRows.measured(np.concatenate([vectors[1], vectors[0]]))
        near = pairs_with_records(both, m, min_cosine, strongest)
    progress.begin(f"comparing with {m:,} evaluation records", len(texts))
    columns: list[tuple[NDArray[np.generic], ...]] = []
    for begin in range(0, len(texts), _BATCH_DOCUMENTS):
        some = texts[begin : begin + _BATCH_DOCUMENTS]
        here = slice(*np.searchsorted(near[0], [begin, begin + len(some)]).tolist())
        also = near[0][here] - begin, near[1][here]
        found = index.overlaps(ngrams(some, NGRAM_WORDS), also, strongest)
        cosine = np.zeros(len(found.document), np.float32)
        if both is not None:
            cosine = both.pair_cosines(found.document + begin + m, both, found.record)
        columns.append((found.document + begin, found.record, found.overlap, found.jaccard, cosine))
        progress.advance(len(some))
    joined = [np.concatenate(column) for column in zip(*columns, strict=True)]
    return EvaluationPairs(
        joined[0].astype(np.int64), joined[1].astype(np.int64), joined[2].astype(np.float64),
        joined[3].astype(np.float64), joined[4].astype(np.float32), np.array(records.names, np.object_),
        records.set_of.astype(np.int16), records.sets, min_overlap, 1.0 if min_cosine is None else min_cosine,
    )  # fmt: skip

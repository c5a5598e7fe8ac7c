"""Planted duplicates: a sample of the lake's documents, a duplicate of each family of each, and how alike."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.audit.inputs.corruption_probes import MAX_CHARS
from assets.graph.doc_ids import id_bits, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.duplicates.synthetic import FAMILIES, synthetic_duplicate
from guyot.encoders.hashing import Encoder
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.seeds import uniforms_of_bits
from guyot.text.shingles import Shingles
from guyot.vectors.exact import pair_cosines, unit_float16
from resources.progress import WorkProgress
from resources.settings import Settings

UNRELATED = "unrelated"
PAIRS = TableSpec(
    "planted_duplicates",
    "a planted pair of documents",
    (
        ColumnSpec("doc_id", pa.string(), "the original", source="raw_shards.doc_id"),
        ColumnSpec("family", pa.string(), "what was done to it; unrelated: the other is the next original"),
        ColumnSpec("jaccard", pa.float64(), "exact Jaccard similarity of the two's shingles"),
        ColumnSpec("cosine", pa.float32(), "of the two's vectors"),
    ),
    file="pairs.parquet",
)
_DOCUMENTS_AT_ONCE = 32
_PAIRS_AT_ONCE = 4096


@dataclasses.dataclass(frozen=True)
class Planted:
    """Originals and their duplicates, the originals first.

    ids : S32, of the originals
    original : int64[n], the number of each one's original
    family : int64[n], place in FAMILIES; -1 for an original
    """

    ids: NDArray[np.bytes_]
    texts: list[str]
    original: NDArray[np.int64]
    family: NDArray[np.int64]


def plant(reader: TableReader, snapshot: Snapshot, settings: Settings) -> Planted:
    """Draw originals at random, by their doc_ids, and make a duplicate of each family of each."""
    documents = snapshot.table(reader, "raw_shards", ["doc_id", "kind", "split"])
    training = documents.filter(pc.equal(documents["split"], "train"))
    ids = ids_of(training["doc_id"])
    uniform = uniforms_of_bits(settings.seed, "duplicate-sample", id_bits(ids))
    chosen = np.lexsort((ids, uniform))[: settings.audit.duplicate_sample_size]
    chosen = chosen[np.argsort(ids[chosen])]
    kinds = training["kind"].take(chosen).to_pylist()
    contents = snapshot.contents(reader, ids[chosen])
    originals = [contents[doc_id] for doc_id in ids[chosen].tolist()]
    short = [row for row, text in enumerate(originals) if len(text) <= MAX_CHARS]
    texts = [originals[row] for row in short]
    original, family = list(range(len(texts))), [-1] * len(texts)
    for number, (text, kind) in enumerate([(originals[row], kinds[row]) for row in short]):
        for place, name in enumerate(FAMILIES):
            duplicate = synthetic_duplicate(text, kind, name)
            if duplicate is not None:
                texts.append(duplicate)
                original.append(number)
                family.append(place)
    return Planted(ids[chosen[short]], texts, np.array(original, np.int64), np.array(family, np.int64))


def encode(texts: list[str], encoder: Encoder) -> NDArray[np.float16]:
    """Encode texts, one or more, and report the progress: float16[n, d], unit rows."""
    progress = WorkProgress("duplicate_truth: encoding", len(texts), "documents")
    blocks: list[NDArray[np.float32]] = []
    for begin in range(0, len(texts), _DOCUMENTS_AT_ONCE):
        block = texts[begin : begin + _DOCUMENTS_AT_ONCE]
        blocks.append(encoder.encode(block))
        progress.advance(len(block))
    return unit_float16(np.concatenate(blocks))


def compare_words(
    distinct: Shingles, one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of pairs, float64[p], and report the progress."""
    progress = WorkProgress("duplicate_truth: comparing", len(one), "pairs")
    found = [np.zeros(0)]
    for begin in range(0, len(one), _PAIRS_AT_ONCE):
        some = slice(begin, begin + _PAIRS_AT_ONCE)
        found.append(jaccards(distinct, one[some], other[some]))
        progress.advance(len(one[some]))
    return np.concatenate(found)


def alikeness(made: Planted, vectors: NDArray[np.float16], distinct: Shingles) -> pa.Table:
    """Compute the similarity of each planted pair, and of each original and the next as a control.

    Parameters
    ----------
    vectors : float16[n, d]
    distinct : the distinct shingles of the n documents
    """
    duplicates = np.flatnonzero(made.family >= 0)
    n_unrelated = len(made.ids) if len(made.ids) > 1 else 0
    one = np.concatenate([made.original[duplicates], np.arange(n_unrelated)])
    other = np.concatenate([duplicates, np.roll(np.arange(n_unrelated), -1)])
    names = [FAMILIES[place] for place in made.family[duplicates]] + [UNRELATED] * n_unrelated
    columns = [
        pa.array(made.ids[one].astype(str), pa.string()),
        names,
        jaccards(distinct, one, other),
        pa.array(pair_cosines(vectors[one], vectors[other])).cast(pa.float32()),
    ]
    return pa.table(columns, schema=PAIRS.schema)

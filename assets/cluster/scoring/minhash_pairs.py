"""The tables of the pairs of documents whose shingles were compared exactly."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_column, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.columns import MinHashPairs
from guyot.errors import MissingError
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

PAIRS = TableSpec(
    "minhash_pairs",
    "a pair of documents that was compared",
    (
        ColumnSpec("doc_id", pa.string(), "the document of the lower doc_id", source="raw_shards.doc_id"),
        ColumnSpec("other", pa.string(), "the other", source="raw_shards.doc_id"),
        ColumnSpec(
            "jaccard",
            pa.float64(),
            "exact Jaccard similarity of their shingles; also of pairs that turned out to be below the "
            "floor. The pairs at or above it connect each family; they are not every pair of it",
        ),
    ),
    file="pairs.parquet",
)
INCOMPLETE = TableSpec(
    "minhash_incomplete",
    "a document in a crowded group of near-copies, of which not all pairs are stored",
    (ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),),
    file="incomplete.parquet",
)


@dataclasses.dataclass(frozen=True)
class Known:
    """Pairs that were compared before: their doc_ids, S32[p], and Jaccard similarities, float64[p]."""

    one: NDArray[np.bytes_]
    other: NDArray[np.bytes_]
    jaccard: NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class CandidatePairs:
    """The training documents and their candidate pairs.

    ids : S32[n], sorted
    one, other : int64[p], rows, the lower first
    jaccard : float64[p], exact
    compared_anew : how many of the pairs were not known
    incomplete : bool[n], documents in a group of which not all pairs are here
    """

    ids: NDArray[np.bytes_]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    compared_anew: int
    incomplete: NDArray[np.bool_]


def reusable(reader: TableReader, settings: Mapping[str, Any], code: str) -> Manifest | None:
    """Return the live scores, if these were made the same way; a lower floor has more pairs."""
    live = reader.current("minhash_scores")
    return None if live is None or (live.settings, live.code) != (dict(settings), code) else live


def known_of(reader: TableReader, scores: Manifest | None) -> Known:
    """Read all pairs of a version of minhash_scores, those below its floor too; None: no pairs."""
    if scores is None:
        none = np.zeros(0, "S32")
        return Known(none, none, np.zeros(0))
    table = reader.table(scores, PAIRS.file)
    return Known(ids_of(table["doc_id"]), ids_of(table["other"]), table["jaccard"].to_numpy())


def incomplete_of(reader: TableReader, scores: Manifest) -> NDArray[np.bytes_]:
    """Read the documents of groups of which not all pairs are in a version of minhash_scores: S32[m].

    Raises
    ------
    MissingError : the version was made before incomplete groups were stored.
    """
    if INCOMPLETE.file not in scores.files:
        raise MissingError(
            f"minhash_scores {scores.version} has no {INCOMPLETE.file}, it has "
            f"{', '.join(sorted(scores.files))}; materialize minhash_scores anew"
        )
    return ids_of(reader.table(scores, INCOMPLETE.file)["doc_id"])


def write(writer: Writer, found: CandidatePairs) -> None:
    """Write the pairs, and the documents of groups that are incomplete."""
    columns = [id_column(found.ids[found.one]), id_column(found.ids[found.other]), found.jaccard]
    writer.table(pa.table(columns, schema=PAIRS.schema), PAIRS.file, plain=PAIRS.names)
    hidden = [id_column(found.ids[found.incomplete])]
    writer.table(pa.table(hidden, schema=INCOMPLETE.schema), INCOMPLETE.file, plain=INCOMPLETE.names)


def pairs_of(reader: TableReader, scores: Manifest, ids: NDArray[np.bytes_]) -> MinHashPairs:
    """Read the pairs of a version of minhash_scores at or above its floor, as rows among sorted ids."""
    table = reader.table(scores, PAIRS.file)
    floor = scores.facts["floor"]
    table = table.filter(pc.greater_equal(table["jaccard"], floor))
    one, other = (positions(ids, ids_of(table[name])) for name in ("doc_id", "other"))
    return MinHashPairs(one, other, table["jaccard"].to_numpy(), floor)

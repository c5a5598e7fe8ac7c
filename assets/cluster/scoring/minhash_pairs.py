"""The pairs of documents whose shingles are compared exactly, and what they have in common."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_column, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.columns import MinHashPairs
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.lsh import candidates, incomplete
from guyot.text.minhash_signatures import N_PERMUTATIONS
from guyot.text.shingles import Shingles, Unit, shingles
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.progress import tracked

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
_BATCH_DOCUMENTS = 512
_PAIRS_AT_ONCE = 4096


@dataclasses.dataclass(frozen=True)
class Shingling:
    """What documents are cut into: runs of `size` words or characters."""

    unit: Unit
    size: int


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


def reusable(reader: TableReader, settings: Mapping[str, Any], code: str) -> Known:
    """Read the pairs of the live scores, if these were made the same way; a lower floor has more of them."""
    live = reader.current("minhash_scores")
    if live is None or (live.settings, live.code) != (dict(settings), code):
        none = np.zeros(0, "S32")
        return Known(none, none, np.zeros(0))
    return known_of(reader, live)


def known_of(reader: TableReader, scores: Manifest) -> Known:
    """Read all pairs of a version of minhash_scores, those below its floor too."""
    table = reader.table(scores, PAIRS.file)
    return Known(ids_of(table["doc_id"]), ids_of(table["other"]), table["jaccard"].to_numpy())


def compare(
    reader: TableReader, shingling: Shingling, min_jaccard: float, signed: dict[str, Manifest],
    snapshot: Snapshot, known: Known, among: NDArray[np.bytes_] | None = None,
) -> CandidatePairs:  # fmt: skip
    """Find the candidate pairs of a snapshot's training documents and compare those not known.

    Parameters
    ----------
    among : S32[n], sorted: these documents alone; None: all training documents
    """
    with reader.scratch_folder() as folder:
        ids = _training(reader, signed, snapshot) if among is None else among
        gathered = _signatures(reader, signed, ids, folder)
        pairs = candidates(gathered, min_jaccard)
        jaccard = _known_similarities(ids, pairs, known)
        anew = np.isnan(jaccard)
        jaccard[anew] = _similarities(reader, shingling, snapshot, ids, pairs[anew], folder)
        hidden = incomplete(gathered, pairs, jaccard, min_jaccard)
        del gathered
    return CandidatePairs(ids, pairs[:, 0], pairs[:, 1], jaccard, int(anew.sum()), hidden)


def _training(reader: TableReader, signed: dict[str, Manifest], snapshot: Snapshot) -> NDArray[np.bytes_]:
    """Return the training documents of a snapshot, sorted."""
    training = [np.zeros(0, "S32")]
    for shard in signed:
        raw = reader.table(snapshot.manifest(reader, "raw_shards", shard), columns=["doc_id", "split"])
        training.append(ids_of(raw.filter(pc.equal(raw["split"], "train"))["doc_id"]))
    return np.sort(np.concatenate(training))


def _signatures(
    reader: TableReader, signed: dict[str, Manifest], ids: NDArray[np.bytes_], folder: Path
) -> NDArray[np.uint32]:
    """Gather the signatures of sorted documents, in a file of this writer: uint32[n, 128]."""
    if not len(ids):
        return np.zeros((0, N_PERMUTATIONS), np.uint32)
    gathered = np.memmap(folder / "signatures", np.uint32, "w+", shape=(len(ids), N_PERMUTATIONS))
    for manifest in signed.values():
        rows = positions(ids, ids_of(reader.table(manifest, columns=["doc_id"])["doc_id"]))
        if (rows >= 0).any():
            lists = reader.table(manifest, columns=["signature"])["signature"].combine_chunks()
            gathered[rows[rows >= 0]] = lists.flatten().to_numpy().reshape(-1, N_PERMUTATIONS)[rows >= 0]
    return gathered


def _known_similarities(
    ids: NDArray[np.bytes_], pairs: NDArray[np.int64], known: Known
) -> NDArray[np.float64]:
    """Look pairs up among those compared before: float64[p], nan where it is not there."""
    one, other = positions(ids, known.one), positions(ids, known.other)
    stays = (one >= 0) & (other >= 0)
    keys = one[stays] * len(ids) + other[stays]
    order = np.argsort(keys)
    at = np.searchsorted(keys, pairs[:, 0] * len(ids) + pairs[:, 1], sorter=order)
    found = np.full(len(pairs), np.nan)
    if len(keys):
        at = order[np.minimum(at, len(keys) - 1)]
        same = keys[at] == pairs[:, 0] * len(ids) + pairs[:, 1]
        found[same] = known.jaccard[stays][at[same]]
    return found


def _similarities(
    reader: TableReader, shingling: Shingling, snapshot: Snapshot, ids: NDArray[np.bytes_],
    pairs: NDArray[np.int64], folder: Path,
) -> NDArray[np.float64]:  # fmt: skip
    """Compare pairs of documents, float64[p]; two of one text are alike without a look at it."""
    wanted, place = np.unique(pairs, return_inverse=True)
    digests = _digests(reader, snapshot, ids[wanted])
    first, text = np.unique(digests, return_index=True, return_inverse=True)[1:]
    pairs = wanted[first[text[place]]].reshape(-1, 2)  # of documents of one text the first stands for all
    similarity, differ = np.ones(len(pairs)), np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    rows, at = np.unique(pairs[differ], return_inverse=True)
    sets, place = _sets(reader, shingling, snapshot, ids[rows], folder)
    one, other = place[at].reshape(-1, 2).T
    parts = range(0, len(differ), _PAIRS_AT_ONCE)
    for begin in tracked(parts, "minhash_scores", len(parts), f"times {_PAIRS_AT_ONCE:,} pairs"):
        some = slice(begin, begin + _PAIRS_AT_ONCE)
        similarity[differ[some]] = jaccards(sets, one[some], other[some])
    return similarity


def _digests(reader: TableReader, snapshot: Snapshot, wanted: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Read the digests of sorted documents' contents: S32[n]."""
    digests = np.zeros(len(wanted), "S32")
    for source in snapshot.manifests(reader, "raw_shards") if len(wanted) else ():
        raw = reader.table(source, columns=["doc_id", "content_digest"])
        at = positions(wanted, ids_of(raw["doc_id"]))
        digests[at[at >= 0]] = ids_of(raw["content_digest"])[at >= 0]
    return digests


def _sets(
    reader: TableReader, shingling: Shingling, snapshot: Snapshot,
    wanted: NDArray[np.bytes_], folder: Path,
) -> tuple[Shingles, NDArray[np.int64]]:  # fmt: skip
    """Read the wanted documents once, shard by shard, and put their distinct shingles into a file.

    Returns
    -------
    The shingles in the order of the file, and int64[m], each wanted document's place in it.
    """
    place, counts = np.empty(len(wanted), np.int64), [np.zeros(1, np.int64)]
    n_documents = 0
    with (folder / "shingles").open("wb") as sink:
        for shard in snapshot.names:
            source = snapshot.manifest(reader, "raw_shards", shard)
            ids = ids_of(reader.table(source, columns=["doc_id"])["doc_id"])
            at, begin = positions(wanted, ids), 0
            for batch in reader.batches(source, ["content"], _BATCH_DOCUMENTS) if (at >= 0).any() else ():
                here = at[begin : begin + batch.num_rows]
                chosen = np.flatnonzero(here >= 0)
                texts = batch["content"].take(chosen).to_pylist()
                sets = shingles(texts, shingling.unit, shingling.size).distinct()
                sets.hashes.tofile(sink)
                counts.append(np.diff(sets.offsets))
                place[here[chosen]] = n_documents + np.arange(len(chosen))
                n_documents, begin = n_documents + len(chosen), begin + batch.num_rows
    offsets = np.cumsum(np.concatenate(counts))
    hashes = np.memmap(folder / "shingles", np.uint64, "r") if offsets[-1] else np.zeros(0, np.uint64)
    return Shingles(hashes, offsets), place


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

"""The exact Jaccard similarity of pairs of a snapshot's documents, from their texts."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring.minhash_documents import SignedDocuments
from assets.cluster.scoring.minhash_scratch import mapped_numbers, release
from assets.graph.doc_ids import ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.text.shingles import Shingles, Unit, shingles
from resources.lake.manifest import Manifest
from resources.progress import tracked

_BATCH_DOCUMENTS = 512
_PAIRS_AT_ONCE = 4096


@dataclasses.dataclass(frozen=True)
class Shingling:
    """What documents are cut into: runs of `size` words or characters."""

    unit: Unit
    size: int


@dataclasses.dataclass(frozen=True)
class TextReader:
    """Reads texts of a snapshot by their places: the shard's number and the row in it, int32[n] each."""

    reader: TableReader
    snapshot: Snapshot
    shard: NDArray[np.int32]
    row: NDArray[np.int32]

    def digests(self) -> NDArray[np.bytes_]:
        """Read the digests of all texts: S32[n]."""
        found = np.zeros(len(self.row), "S32")
        for name, here in self._by_shard():
            raw = self.reader.table(self._raw(name), columns=["content_digest"])
            found[here] = ids_of(raw["content_digest"].take(pa.array(self.row[here])))
        return found

    def batches(self) -> Iterator[tuple[NDArray[np.int64], list[str]]]:
        """Read all texts, some at a time, shard by shard: (their numbers, the texts)."""
        for name, here in self._by_shard():
            begin, rows = 0, self.row[here]
            for batch in self.reader.batches(self._raw(name), ["content"], _BATCH_DOCUMENTS):
                some = slice(*np.searchsorted(rows, [begin, begin + batch.num_rows]))
                if some.stop > some.start:
                    texts = batch["content"].take(pa.array(rows[some] - begin))
                    yield here[some], texts.to_pylist()
                begin += batch.num_rows

    def _by_shard(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield each shard that has some of the texts, with their numbers, in the order of its rows."""
        order = np.lexsort((self.row, self.shard))
        begins = np.flatnonzero(np.diff(self.shard[order], prepend=-1))
        for here in np.split(order, begins[1:]) if len(order) else ():
            yield self.snapshot.names[self.shard[here[0]]], here

    def _raw(self, name: str) -> Manifest:
        """Return the manifest of a shard's documents."""
        return self.snapshot.manifest(self.reader, "raw_shards", name)


def similarities(
    reader: TableReader, shingling: Shingling, snapshot: Snapshot, documents: SignedDocuments,
    pairs: NDArray[np.int64], folder: Path,
) -> NDArray[np.float64]:  # fmt: skip
    """Compare pairs of documents, float64[p]; two of one text are alike without a look at it.

    Parameters
    ----------
    pairs : int64[p, 2], rows of the documents
    folder : where the shingles of the documents are put into a file
    """
    wanted, place = np.unique(pairs, return_inverse=True)
    texts = TextReader(reader, snapshot, documents.shard[wanted], documents.row[wanted])
    first, text = np.unique(texts.digests(), return_index=True, return_inverse=True)[1:]
    pairs = first[text[place]].reshape(-1, 2)  # of documents of one text the first stands for all
    similarity, differ = np.ones(len(pairs)), np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    used, at = np.unique(pairs[differ], return_inverse=True)
    some = TextReader(reader, snapshot, texts.shard[used], texts.row[used])
    offsets, place = _write_sets(some, shingling, folder / "shingles")
    hashes, mapped = mapped_numbers(folder / "shingles", int(offsets[-1]))
    sets = Shingles(hashes, offsets)
    one, other = place[at].reshape(-1, 2).T
    parts = range(0, len(differ), _PAIRS_AT_ONCE)
    for begin in tracked(parts, "minhash_scores", len(parts), f"times {_PAIRS_AT_ONCE:,} pairs"):
        part = slice(begin, begin + _PAIRS_AT_ONCE)
        similarity[differ[part]] = jaccards(sets, one[part], other[part])
        release(mapped)
    return similarity


def _write_sets(
    texts: TextReader, shingling: Shingling, path: Path
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put the distinct shingles of texts into a file.

    Returns
    -------
    Where each text's begin in the file, int64[n + 1], and int64[n], each text's place in it.
    """
    place, counts, n_texts = np.empty(len(texts.row), np.int64), [np.zeros(1, np.int64)], 0
    with path.open("wb") as sink:
        for numbers, contents in texts.batches():
            sets = shingles(contents, shingling.unit, shingling.size).distinct()
            sets.hashes.tofile(sink)
            counts.append(np.diff(sets.offsets))
            place[numbers] = n_texts + np.arange(len(numbers))
            n_texts += len(numbers)
    return np.cumsum(np.concatenate(counts)), place

"""MinHash pairs among the documents that a recipe's earlier steps left, found again from the lake.

Not all pairs of a crowded group are stored. Where a document of one is dropped, the candidates among those
that are left are found from their signatures, and those not stored are compared exactly, on the texts.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_compare, minhash_pairs
from assets.cluster.scoring.minhash_similarities import Shingling
from assets.graph.doc_ids import positions, unpacked
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from resources.lake.manifest import Manifest


@dataclasses.dataclass(frozen=True)
class LakePairSearch:
    """Finds pairs among some of the documents of incomplete groups; see `guyot.documents.PairSearch`.

    scores : a version of minhash_scores
    source : the snapshot that it is of
    ids : S16[n], sorted, packed
    rows : int64[m], sorted
    """

    reader: TableReader
    scores: Manifest
    source: Snapshot
    ids: NDArray[np.bytes_]
    rows: NDArray[np.int64]

    def among(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Compare the candidates among some documents: (one, other, jaccard), at or above the floor."""
        shingling = shingling_of(self.scores)
        min_jaccard = self.scores.settings["minhash.jaccard"]
        known = minhash_pairs.known_of(self.reader, self.scores)
        found = minhash_compare.compare(
            self.reader,
            shingling,
            min_jaccard,
            self._signed(),
            self.source,
            known,
            among=unpacked(self.ids[rows]),
        )
        linked = found.jaccard >= self.scores.facts["floor"]
        return rows[found.one[linked]], rows[found.other[linked]], found.jaccard[linked]

    def _signed(self) -> dict[str, Manifest]:
        """Return the signatures that the scores were made from, by shard."""
        versions: dict[str, dict[str, str]] = self.scores.facts["snapshot"]
        return {
            shard: self.reader.pinned("minhash_signatures", shard, tables["minhash_signatures"])
            for shard, tables in versions.items()
        }


def shingling_of(scores: Manifest) -> Shingling:
    """Return what a version of minhash_scores cut documents into."""
    return Shingling(scores.settings["minhash.shingle_unit"], scores.settings["minhash.shingle_size"])


def search_of(
    reader: TableReader, scores: Manifest, source: Snapshot, ids: NDArray[np.bytes_]
) -> LakePairSearch:
    """Return the search of a version of minhash_scores.

    Raises
    ------
    MissingError : the version was made before incomplete groups were stored.
    """
    stored = minhash_pairs.incomplete_of(reader, scores)
    return LakePairSearch(reader, scores, source, ids, positions(ids, stored))

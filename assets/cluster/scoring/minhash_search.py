"""MinHash pairs among the documents that a recipe's earlier steps left, found again from the lake.

Not all pairs of a crowded group are stored. Where a document of one is dropped, the candidates among those
that are left are found from their signatures, and those not stored are compared exactly, on the texts.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import minhash_pairs
from assets.graph import snapshot
from guyot.errors import MissingError
from resources.lake.manifest import Manifest
from resources.lake.store import Store

_SETTINGS = ("minhash.shingle_unit", "minhash.shingle_size", "minhash.jaccard")


@dataclasses.dataclass(frozen=True)
class LakePairSearch:
    """Finds pairs among some of the documents of incomplete groups; see `guyot.documents.PairSearch`.

    scores : a version of minhash_scores
    source : the snapshot that it is of
    ids : S32[n], sorted
    rows : int64[m], sorted
    """

    store: Store
    scores: Manifest
    source: snapshot.Snapshot
    ids: NDArray[np.bytes_]
    rows: NDArray[np.int64]

    def among(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Compare the candidates among some documents: (one, other, jaccard), at or above the floor."""
        made_with = {name: self.scores.settings[name] for name in _SETTINGS}
        settings = self.store.settings.changed(**made_with)
        known = minhash_pairs.known_of(self.store, self.scores)
        found = minhash_pairs.compare(
            self.store, settings, self._signed(), self.source, known, among=self.ids[rows]
        )
        linked = found.jaccard >= self.scores.facts["floor"]
        return rows[found.one[linked]], rows[found.other[linked]], found.jaccard[linked]

    def _signed(self) -> dict[str, Manifest]:
        """Return the signatures that the scores were made from, by shard."""
        versions: dict[str, dict[str, str]] = self.scores.facts["snapshot"]
        return {
            shard: self.store.pinned("minhash_signatures", shard, tables["minhash_signatures"])
            for shard, tables in versions.items()
        }


def search_of(
    store: Store, scores: Manifest, source: snapshot.Snapshot, ids: NDArray[np.bytes_]
) -> LakePairSearch:
    """Return the search of a version of minhash_scores.

    Raises
    ------
    MissingError : the version was made before incomplete groups were stored.
    """
    if minhash_pairs.INCOMPLETE not in scores.files:
        raise MissingError(
            f"minhash_scores {scores.version} has no {minhash_pairs.INCOMPLETE}, it has "
            f"{', '.join(sorted(scores.files))}; materialize minhash_scores anew"
        )
    stored = store.table(scores, minhash_pairs.INCOMPLETE)["doc_id"]
    return LakePairSearch(store, scores, source, ids, snapshot.positions(ids, snapshot.ids_of(stored)))

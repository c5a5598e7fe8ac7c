"""Compares the candidate pairs of documents, found from the signatures of all of them."""

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.minhash_documents import gather
from assets.cluster.scoring.minhash_pairs import CandidatePairs, Known
from assets.cluster.scoring.minhash_similarities import Shingling, similarities
from assets.graph.doc_ids import positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.text.lsh import candidates, incomplete
from resources.lake.manifest import Manifest


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
        documents = gather(reader, signed, snapshot, folder, among)
        ids = documents.ids
        found = candidates(documents.signed, min_jaccard)
        one, other = positions(ids, known.one), positions(ids, known.other)
        stays = (one >= 0) & (other >= 0)
        keys, values = one[stays] * len(ids) + other[stays], known.jaccard[stays]
        jaccard = known_similarities(packed(found.pairs, len(ids)), keys, values)
        anew = np.isnan(jaccard)
        jaccard[anew] = similarities(reader, shingling, snapshot, documents, found.pairs[anew], folder)
        hidden = incomplete(documents.signed, found, jaccard, min_jaccard)
    return CandidatePairs(ids, found.pairs[:, 0], found.pairs[:, 1], jaccard, int(anew.sum()), hidden)


def packed(pairs: NDArray[np.int64], n_documents: int) -> NDArray[np.int64]:
    """Turn pairs of rows, int64[p, 2], into a number each, in the order of the pairs."""
    return pairs[:, 0] * n_documents + pairs[:, 1]


def known_similarities(
    wanted: NDArray[np.int64], keys: NDArray[np.int64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Look packed pairs up among known ones in any order: float64[p], nan where it is not there."""
    found = np.full(len(wanted), np.nan)
    if len(keys):
        order = np.argsort(keys, kind="stable")  # as a rule they are sorted already
        at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
        same = keys[at] == wanted
        found[same] = values[at[same]]
    return found

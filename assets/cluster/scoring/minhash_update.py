"""Brings the candidate pairs of the last scores up to date: what is made anew is in a bucket that changed.

A bucket changes where a document came or went that is in it. Pairs of which not both are in such a bucket
stay, and so does what is known of documents in none: whether two documents are a pair is decided by the
buckets that both are in, and by nothing else.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.minhash_changes import GONE, MinHashChanges, since
from assets.cluster.scoring.minhash_compare import known_similarities, packed
from assets.cluster.scoring.minhash_documents import SignedDocuments, documents_in, joined
from assets.cluster.scoring.minhash_pairs import CandidatePairs, incomplete_of, known_of
from assets.cluster.scoring.minhash_similarities import Shingling, similarities
from assets.graph.doc_ids import positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.text.buckets import Buckets
from guyot.text.lsh import bands_for, candidates, incomplete
from resources.lake.manifest import Manifest

MOST_CHANGED = 0.1  # share of the documents above which all are looked at, which then takes less


@dataclasses.dataclass(frozen=True)
class _Stored:
    """What the last scores have of documents that stayed, by their rows now.

    keys : int64[p], packed pairs, ascending
    jaccard : float64[p]
    incomplete : bool[n], of all documents now
    """

    keys: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    incomplete: NDArray[np.bool_]


def update(
    reader: TableReader, shingling: Shingling, min_jaccard: float, signed: Mapping[str, Manifest],
    snapshot: Snapshot, previous: Manifest,
) -> CandidatePairs | None:  # fmt: skip
    """Find the candidate pairs of a snapshot from those of the last scores, made in the same way.

    Returns
    -------
    What `compare` returns; None where most is to be made anew, or the last scores' signatures are gone.

    Notes
    -----
    Reads all signatures once, and once more where a crowded group changed; texts only of new pairs.
    """
    changes = since(reader, previous, signed, snapshot, MOST_CHANGED)
    if changes is None:
        return None
    bands, n = bands_for(min_jaccard), len(changes.ids)
    stored = _stored(reader, previous, changes)
    near = documents_in(Buckets(changes.signed, bands), reader, signed, snapshot, changes.ids)
    rows = positions(changes.ids, near.ids)
    was_incomplete = stored.incomplete[rows]
    around = near
    if was_incomplete.any():  # of their other buckets too all documents are needed
        others = Buckets(near.signed[:][was_incomplete], bands)
        around = joined([near, documents_in(others, reader, signed, snapshot, changes.ids)])
    is_near = np.zeros(n, np.bool_)
    is_near[rows] = True
    return _made_anew(reader, shingling, min_jaccard, snapshot, changes.ids, stored, around, is_near)


def _stored(reader: TableReader, previous: Manifest, changes: MinHashChanges) -> _Stored:
    """Read the last scores, without the pairs of documents that went."""
    known = known_of(reader, previous)
    one, other = (changes.row_now[positions(changes.ids_before, ids)] for ids in (known.one, known.other))
    stays = (one != GONE) & (other != GONE)
    hidden = changes.row_now[positions(changes.ids_before, incomplete_of(reader, previous))]
    is_incomplete = np.zeros(len(changes.ids), np.bool_)
    is_incomplete[hidden[hidden != GONE]] = True
    return _Stored(one[stays] * len(changes.ids) + other[stays], known.jaccard[stays], is_incomplete)


def _made_anew(
    reader: TableReader, shingling: Shingling, min_jaccard: float, snapshot: Snapshot,
    ids: NDArray[np.bytes_], stored: _Stored, around: SignedDocuments, is_near: NDArray[np.bool_],
) -> CandidatePairs:  # fmt: skip
    """Replace what is stored of the documents in changed buckets.

    Parameters
    ----------
    around : with these, all documents of the buckets by which one of them is decided
    is_near : bool[n], the documents in changed buckets
    """
    n, rows = len(ids), positions(ids, around.ids)
    found = candidates(around.signed, min_jaccard)
    both = is_near[rows[found.pairs]].all(axis=1)
    keys = packed(rows[found.pairs], n)
    jaccard = known_similarities(keys, stored.keys, stored.jaccard)
    anew = np.isnan(jaccard) & both
    with reader.scratch_folder() as folder:
        jaccard[anew] = similarities(reader, shingling, snapshot, around, found.pairs[anew], folder)
    hidden, near = incomplete(around.signed, found, jaccard, min_jaccard), is_near[rows]
    stored.incomplete[rows[near]] = hidden[near]
    one, other = np.divmod(stored.keys, n or 1)
    stays = ~(is_near[one] & is_near[other])
    keys, jaccard = np.append(stored.keys[stays], keys[both]), np.append(stored.jaccard[stays], jaccard[both])
    order = np.argsort(keys, kind="stable")
    one, other = np.divmod(keys[order], n or 1)
    return CandidatePairs(ids, one, other, jaccard[order], int(anew.sum()), stored.incomplete)

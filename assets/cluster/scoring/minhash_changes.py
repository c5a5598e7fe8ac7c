"""What changed since the last MinHash scores: which documents came and went, and their signatures."""

import dataclasses
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring.minhash_documents import signature_blocks, training_rows
from assets.graph.doc_ids import ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.text.minhash_signatures import N_PERMUTATIONS
from resources.lake.manifest import Manifest

GONE = -1


@dataclasses.dataclass(frozen=True)
class MinHashChanges:
    """The training documents before and now.

    ids_before : S32[n], sorted
    ids : S32[m], sorted
    row_now : int64[n], where each of those before is now; GONE
    signed : uint32[k, 128], the signatures of those that came or went
    """

    ids_before: NDArray[np.bytes_]
    ids: NDArray[np.bytes_]
    row_now: NDArray[np.int64]
    signed: NDArray[np.uint32]


def since(
    reader: TableReader, previous: Manifest, signed: Mapping[str, Manifest], snapshot: Snapshot, most: float
) -> MinHashChanges | None:
    """Compare a snapshot with that of the last scores, reading only the shards that changed.

    A doc_id is a hash of the content too, so a document that stayed has the signature that it had.

    Parameters
    ----------
    most : of the documents before, the share that may come and go

    Returns
    -------
    The changes; None where they are more, or the lake does not hold a changed shard's old signatures.
    """
    ids_before = ids_of(reader.table(previous, columns=["doc_id"])["doc_id"])
    versions: dict[str, dict[str, str]] = previous.facts["snapshot"]
    same = {shard for shard in versions if shard in signed and _is_same(previous, shard, signed[shard])}
    old: list[Manifest] = []
    for shard in versions.keys() - same:
        found = reader.manifest("minhash_signatures", shard, versions[shard]["minhash_signatures"])
        if found is None:
            return None
        old.append(found)
    new = [shard for shard in snapshot.names if shard not in same]
    was = _concatenated(ids_of(reader.table(manifest, columns=["doc_id"])["doc_id"]) for manifest in old)
    was = was[positions(ids_before, was) >= 0]
    now = _concatenated(
        training_rows(reader, snapshot.manifest(reader, "raw_shards", shard))[0] for shard in new
    )
    went, came = np.setdiff1d(was, now), np.setdiff1d(now, was)
    if len(went) + len(came) > most * len(ids_before):
        return None
    blocks = [_signatures(reader, old, went), _signatures(reader, [signed[shard] for shard in new], came)]
    return _merged(ids_before, went, came, np.concatenate(blocks))


def _is_same(previous: Manifest, shard: str, signed: Manifest) -> bool:
    """Return whether a shard's documents, their splits and their signatures are what they were."""
    tables = {"minhash_signatures": signed.content, "raw_shards": signed.inputs["raw_shards"]}
    return all(previous.inputs.get(f"{table}/{shard}") == content for table, content in tables.items())


def _concatenated(ids: Iterable[NDArray[np.bytes_]]) -> NDArray[np.bytes_]:
    """Put doc_ids of several shards together."""
    return np.concatenate([np.zeros(0, "S32"), *ids])


def _signatures(
    reader: TableReader, shards: list[Manifest], wanted: NDArray[np.bytes_]
) -> NDArray[np.uint32]:
    """Read the signatures of some documents, in the order of their shards: uint32[m, 128]."""
    found = [np.zeros((0, N_PERMUTATIONS), np.uint32)]
    for shard in shards if len(wanted) else ():
        is_wanted = positions(wanted, ids_of(reader.table(shard, columns=["doc_id"])["doc_id"])) >= 0
        for begin, block in signature_blocks(reader, shard) if is_wanted.any() else ():
            found.append(block[is_wanted[begin : begin + len(block)]])
    return np.concatenate(found)


def _merged(
    ids_before: NDArray[np.bytes_],
    went: NDArray[np.bytes_],
    came: NDArray[np.bytes_],
    signed: NDArray[np.uint32],
) -> MinHashChanges:
    """Take out what went and put in what came; both are sorted."""
    stays = np.ones(len(ids_before), np.bool_)
    stays[positions(ids_before, went)] = False
    staying = ids_before[stays]
    at = np.searchsorted(staying, came)
    is_new = np.zeros(len(staying) + len(came), np.bool_)
    is_new[at + np.arange(len(came))] = True
    ids = np.empty(len(is_new), "S32")
    ids[is_new], ids[~is_new] = came, staying
    row_now = np.full(len(ids_before), GONE, np.int64)
    row_now[stays] = np.flatnonzero(~is_new)
    return MinHashChanges(ids_before, ids, row_now, signed)

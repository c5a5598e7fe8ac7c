"""What changed since the last scores: which documents came, which went, and whose witness went."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.cluster.scoring import scored_documents
from assets.cluster.scoring.document_locations import DocumentLocations, place
from assets.cluster.scoring.scored_documents import ScoredDocuments
from assets.graph.build_spec import BuildSpec
from assets.graph.doc_ids import positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot, snapshot_of
from guyot.cut import NO_WITNESS
from guyot.narrow import row_type
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from resources.lake.manifest import Manifest

_ASSIGNED = "cluster_assignments"
_DECIDE = ("raw_shards", _ASSIGNED)  # the tables that decide a document's part in the scores


@dataclasses.dataclass(frozen=True)
class Changes:
    """The documents of a new snapshot, with the parts of the last scores that are still valid.

    scored : all documents of the new snapshot; nothing is known of entries that are fresh or orphaned
    fresh : bool[n], documents that the last scores did not know, or knew otherwise
    orphaned : bool[m], entries whose witness has left
    removed : documents of the last scores that are not in the snapshot, or are in it otherwise
    """

    scored: ScoredDocuments
    fresh: NDArray[np.bool_]
    orphaned: NDArray[np.bool_]
    removed: int

    @property
    def n_orphaned(self) -> int:
        """Count the documents that lost a witness."""
        return len(np.unique(self.scored.documents.entries[self.orphaned]))


def unusable(previous: Manifest | None, build_spec: BuildSpec) -> str:
    """Return why scores cannot be updated incrementally; empty if they can."""
    if previous is None:
        return "there are no scores yet"
    if previous.code != build_spec.code:
        return "the code of the asset changed"
    if previous.inputs["centroids"] != build_spec.inputs["centroids"]:
        return "the centroids changed"
    was, margin = (
        settings["clustering.border_margin"] for settings in (previous.settings, build_spec.settings)
    )
    return "" if was == margin else f"clustering.border_margin changed from {was} to {margin}"


def from_nothing(documents: DocumentLocations) -> Changes:
    """Take every document as fresh."""
    m = len(documents.entries)
    unknown = NearestPredecessors(
        np.broadcast_to(np.float32(np.nan), m), np.broadcast_to(row_type(len(documents))(NO_WITNESS), m)
    )  # of one value each: nothing is held
    return Changes(
        ScoredDocuments(documents, unknown),
        np.broadcast_to(np.True_, len(documents)),
        np.broadcast_to(np.False_, m),
        0,
    )


def since(reader: TableReader, previous: Manifest, snapshot: Snapshot, border_margin: float) -> Changes:
    """Compare a snapshot with that of the last scores, reading only the shards that changed.

    A document is the same if its cluster, its distance, the cluster that it visits and every bit of its
    vector are. Where the lake does not hold a shard's old vectors any more, all documents of that shard
    count as others.

    Parameters
    ----------
    border_margin : that of the last scores, and 0 where they are of all pairs
    """
    old, before = scored_documents.read(reader, previous), snapshot_of(previous)
    same = {s for s in before.names if s in snapshot.shards and _is_same(reader, before, snapshot, s)}
    numbers = {shard: number for number, shard in enumerate(snapshot.names)}
    number_now = np.array([*(numbers[s] if s in same else -1 for s in before.names), -1], np.int32)
    shard, row = number_now[old.documents.shard], old.documents.row.copy()
    arrived = place(reader, snapshot, [s for s in snapshot.names if s not in same], border_margin)
    changed = [s for s in before.names if s in snapshot.shards and s not in same]
    was, now = _unchanged(reader, before, snapshot, changed, old.documents, arrived)
    shard[was], row[was] = arrived.shard[now], arrived.row[now]
    others = np.ones(len(arrived), np.bool_)
    others[now] = False
    kept = ScoredDocuments(dataclasses.replace(old.documents, shard=shard, row=row), old.entries)
    return _merged(kept, shard >= 0, arrived.some(others))


def _is_same(reader: TableReader, before: Snapshot, snapshot: Snapshot, shard: str) -> bool:
    """Return whether a shard's documents and assignments are unchanged."""
    for table in _DECIDE:
        if before.shards[shard][table] != snapshot.shards[shard][table]:
            old = reader.manifest(table, shard, before.shards[shard][table])
            if old is None or old.content != snapshot.manifest(reader, table, shard).content:
                return False
    return True


def _unchanged(
    reader: TableReader,
    before: Snapshot,
    snapshot: Snapshot,
    changed: list[str],
    old: DocumentLocations,
    arrived: DocumentLocations,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair the documents of changed shards that are what they were: rows of old, rows of arrived."""
    was = positions(old.ids, arrived.ids)
    now = np.flatnonzero(was >= 0)
    was = was[now]
    alike = old.cluster[was] == arrived.cluster[now]
    alike &= old.distance[was] == arrived.distance[now]
    alike &= old.border_cluster[was] == arrived.border_cluster[now]
    equal = np.zeros(len(was), np.bool_)
    for shard in changed:
        manifest = reader.manifest(_ASSIGNED, shard, before.shards[shard][_ASSIGNED])
        here = old.shard[was] == before.names.index(shard)
        here &= arrived.shard[now] == snapshot.names.index(shard)
        pairs = np.flatnonzero(alike & here)
        if len(pairs) and manifest is not None:
            one = reader.vectors(manifest)[:][old.row[was[pairs]]]
            other = reader.vectors(snapshot.manifest(reader, _ASSIGNED, shard))[:][arrived.row[now[pairs]]]
            equal[pairs] = (one.view(np.uint16) == other.view(np.uint16)).all(axis=1)
    return was[equal], now[equal]


def _merged(old: ScoredDocuments, stays: NDArray[np.bool_], others: DocumentLocations) -> Changes:
    """Put the documents that stay and the others in order, and renumber the witnesses."""
    staying = old.documents.some(stays)
    at = np.searchsorted(staying.ids, others.ids)
    n = len(staying) + len(others)
    fresh = np.zeros(n, np.bool_)
    fresh[at + np.arange(len(others))] = True
    known = np.flatnonzero(~fresh)
    columns: list[NDArray[Any]] = []
    for mine, theirs in zip(vars(staying).values(), vars(others).values(), strict=True):
        column = np.empty(n, mine.dtype)
        column[known], column[fresh] = mine, theirs
        columns.append(column)
    documents = DocumentLocations(*columns)
    documents.require_once()
    row_now = np.full(len(stays), NO_WITNESS, row_type(n))
    row_now[stays] = known
    entries, orphaned = _renumbered(old, stays[old.documents.entries], row_now, ~fresh[documents.entries])
    return Changes(ScoredDocuments(documents, entries), fresh, orphaned, len(stays) - len(staying))


def _renumbered(
    old: ScoredDocuments, stays: NDArray[np.bool_], row_now: NDArray[Any], known: NDArray[np.bool_]
) -> tuple[NearestPredecessors, NDArray[np.bool_]]:
    """Bring what is known of entries that stay, in their order, to where they are now; find orphans."""
    had = old.entries.witness[stays]
    witness, orphaned = np.full(len(known), NO_WITNESS, row_now.dtype), np.zeros(len(known), np.bool_)
    witness[known] = np.where(had == NO_WITNESS, NO_WITNESS, row_now[had])
    orphaned[known] = (had != NO_WITNESS) & (witness[known] == NO_WITNESS)
    similarity = np.full(len(known), np.nan, np.float32)
    similarity[known] = old.entries.similarity[stays]
    return NearestPredecessors(similarity, witness), orphaned

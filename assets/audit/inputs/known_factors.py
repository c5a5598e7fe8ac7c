"""The training documents of the snapshot with the factors that their metadata states, and their vectors."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.audit.inputs import mixtures_under_audit
from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import Snapshot, snapshot_of
from guyot.audit.factors.factor import Factor
from guyot.audit.factors.metadata import MetadataReader
from guyot.prune.explanation import HELD_OUT
from resources.audit_settings import AuditSettings
from resources.lake.manifest import Manifest

AUTO = "auto"
READS = (one("cluster_scores"), named("pruned_mixtures"), named("raw_shards"), named("embeddings"))
_ROWS_AT_ONCE = 4096


@dataclasses.dataclass(frozen=True)
class KnownFactors:
    """Training documents, sorted by doc_id, and what is known of them.

    known : their ids
    factors : those that can be audited
    left_out : why others cannot, by name
    group : what known copies have in common
    variant : what a copy differs by
    snapshot : that they are of
    """

    known: SortedIds
    factors: list[Factor]
    left_out: dict[str, str]
    group: Factor
    variant: Factor
    snapshot: Snapshot

    @property
    def is_original(self) -> NDArray[np.bool_]:
        """Whether no variant is stated of a document: bool[n]."""
        empty = np.array([name == "" for name in self.variant.levels] + [True])
        return empty[self.variant.level]  # the last is that of -1

    def summary(self) -> str:
        """Say in a sentence what there is."""
        n = len(self.known.ids)
        left = "".join(f"; {name} is left out: {why}" for name, why in self.left_out.items())
        if not self.factors:
            return f"the meta of {n:,} training documents states no factor{left}"
        factors = f"{len(self.factors)} factor{'s' if len(self.factors) > 1 else ''}"
        return f"{factors} of {n:,} training documents{left}"


@dataclasses.dataclass(frozen=True)
class Removed:
    """What a recipe drops.

    removed : bool[n]
    dropped, witness : int64[p], rows of dropped documents whose witness is a document too, and of that
    """

    removed: NDArray[np.bool_]
    dropped: NDArray[np.int64]
    witness: NDArray[np.int64]


def load(reader: TableReader, settings: AuditSettings) -> KnownFactors:
    """Read the metadata of the training documents, batch by batch."""
    scores = reader.required("cluster_scores")
    known = SortedIds.of(ids_of(reader.table(scores, columns=["doc_id"])["doc_id"]))
    names = _split(settings.factor_columns)
    labels = (settings.duplicate_group_column, settings.duplicate_variant_column)
    found = MetadataReader(len(known.ids), [] if names == [AUTO] else names, labels)
    snapshot = snapshot_of(scores)
    for manifest in snapshot.manifests(reader, "raw_shards"):
        for batch in reader.batches(manifest, ["doc_id", "meta"], _ROWS_AT_ONCE):
            found.add(known.positions(ids_of(batch["doc_id"])), batch["meta"].to_pylist())
    group, variant = (found.label(name) for name in labels)
    return KnownFactors(known, found.factors(), found.left_out(), group, variant, snapshot)


def removals(reader: TableReader, known: SortedIds) -> Iterator[tuple[str, Removed]]:
    """Yield what each live mixture drops, in the order of recipes.py."""
    for recipe, mixture in mixtures_under_audit.mixtures(reader).items():
        removed = np.zeros(len(known.ids), np.bool_)
        dropped, witness = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for batch in reader.batches(mixture, ["doc_id", "kept", "step", "witness"], 16 * _ROWS_AT_ONCE):
            gone = pc.and_(pc.invert(batch["kept"]), pc.not_equal(batch["step"], HELD_OUT))
            own = pa.Table.from_batches([batch]).filter(gone)
            rows = known.positions(ids_of(own["doc_id"]))
            removed[rows] = True
            by = known.positions(ids_of(pc.fill_null(own["witness"], "")))
            dropped.append(rows[by >= 0])
            witness.append(by[by >= 0])
        yield recipe, Removed(removed, np.concatenate(dropped), np.concatenate(witness))


def nearest_earlier(
    reader: TableReader, known: SortedIds
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Read each document's nearest earlier one: rows, rows of the others, cosine distances."""
    columns = ["max_similarity", "witness"]
    table = reader.table(reader.required("cluster_scores"), columns=columns)
    witness = known.positions(ids_of(pc.fill_null(table["witness"], "")))
    rows = np.flatnonzero(witness >= 0)
    distance = 1 - table["max_similarity"].to_numpy().astype(np.float64)
    return rows, witness[rows], distance[rows]


def vectors_of(reader: TableReader, found: KnownFactors, rows: NDArray[np.int64]) -> NDArray[np.float16]:
    """Read the vectors of documents, shard by shard.

    Parameters
    ----------
    rows : int64[m], sorted and distinct

    Returns
    -------
    float16[m, d]; of no width where there are none
    """
    vectors: NDArray[np.float16] | None = None
    for manifest in found.snapshot.manifests(reader, "embeddings") if len(rows) else []:
        at = found.known.positions(ids_of(reader.table(manifest, columns=["doc_id"])["doc_id"]))
        mine = np.flatnonzero(np.isin(at, rows))
        if len(mine):
            block = reader.whole_vectors(manifest)
            vectors = np.zeros((len(rows), block.shape[1]), np.float16) if vectors is None else vectors
            vectors[np.searchsorted(rows, at[mine])] = block[mine]
    return np.zeros((len(rows), 0), np.float16) if vectors is None else vectors


def images_of(
    reader: TableReader, found: KnownFactors, rows: NDArray[np.int64], file: str
) -> dict[int, bytes]:
    """Read the encoded images of some documents, by row.

    Parameters
    ----------
    file : of raw_shards, with the columns doc_id and image
    """
    images: dict[int, bytes] = {}
    wanted = np.unique(rows)
    for manifest in found.snapshot.manifests(reader, "raw_shards"):
        images |= _images(reader, found.known, wanted, manifest, file)
    return images


def _images(
    reader: TableReader, known: SortedIds, wanted: NDArray[np.int64], manifest: Manifest, file: str
) -> dict[int, bytes]:
    """Read those of one shard, a few at a time."""
    images: dict[int, bytes] = {}
    for batch in reader.batches(manifest, ["doc_id", "image"], 32, file):
        at = known.positions(ids_of(batch["doc_id"]))
        for place in np.flatnonzero(np.isin(at, wanted)).tolist():
            images[int(at[place])] = batch["image"][place].as_py()
    return images


def _split(names: str) -> list[str]:
    """Return the names of a setting; `auto` where there are none."""
    return [name.strip() for name in names.split(",") if name.strip()] or [AUTO]

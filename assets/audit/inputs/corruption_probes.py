"""Probes: Python documents of the snapshot, their corrupted copies, and where both lie."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.doc_ids import id_bits, ids_of, positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.corruption.edits import FAMILIES, Corrupted, Normalised, corrupt, normalised
from guyot.audit.corruption.sensitivity import ClusterPositions, Copies
from guyot.cluster.assign import assign
from guyot.cluster.centroid_groups import CentroidGroups
from guyot.seeds import uniforms_of_bits
from guyot.vectors.exact import unit_float16
from resources.encoder import EncoderResource
from resources.progress import WorkProgress
from resources.settings import Settings

MAX_CHARS = 100_000  # a longer document would take too long; it is skipped
PROBES = TableSpec(
    "corruption_probes",
    "a corrupted copy of a document; it is no document itself",
    (
        ColumnSpec(
            "doc_id", pa.string(), "the parent, which is encoded as `ast.unparse` writes it",
            "raw_shards.doc_id",
        ),
        ColumnSpec("family", pa.string(), "what was done to the copy"),
        ColumnSpec(
            "edits", pa.string(),
            "JSON list of what was replaced: begin, in code points of the parent as it is written, before, "
            "after",
        ),
        ColumnSpec("cluster_before", pa.int32(), "the parent's nearest centroid"),
        ColumnSpec("distance_before", pa.float32(), "its cosine distance to it, 0-2"),
        ColumnSpec("cluster_after", pa.int32(), "the copy's nearest centroid"),
        ColumnSpec("distance_after", pa.float32(), "its cosine distance to it, 0-2"),
    ),
    file="probes.parquet",
)  # fmt: skip
_PARENTS_AT_ONCE = 16


@dataclasses.dataclass(frozen=True)
class Sample:
    """Documents drawn at random, by ascending id, and the clusters that they came from.

    ids : S32[n]
    contents : n texts
    sizes : int64[k], training documents of each cluster: those that a recipe may drop
    """

    ids: NDArray[np.bytes_]
    contents: list[str]
    sizes: NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Probes:
    """Parents and their copies, and where they lie."""

    ids: list[str]
    made: list[Corrupted]
    parents: ClusterPositions
    copies: Copies

    def table(self) -> pa.Table:
        """Lay the copies out, a row each."""
        before, after = self.copies.parent, self.copies.placed
        edits = [json.dumps([dataclasses.asdict(edit) for edit in copy.edits]) for copy in self.made]
        values = [
            [self.ids[row] for row in before.tolist()], [copy.family for copy in self.made], edits,
            self.parents.cluster[before], self.parents.distance[before], after.cluster, after.distance,
        ]  # fmt: skip
        return pa.table(values, schema=PROBES.schema)


def sample(reader: TableReader, snapshot: Snapshot, settings: Settings) -> Sample:
    """Draw training documents of Python, each by its doc_id alone."""
    documents = snapshot.table(reader, "raw_shards", ["doc_id", "kind", "split"])
    training = documents.filter(pc.equal(documents["split"], "train"))
    known = np.sort(ids_of(training["doc_id"]))
    assigned = snapshot.table(reader, "cluster_assignments", ["doc_id", "cluster"])
    own = positions(known, ids_of(assigned["doc_id"])) >= 0
    n_clusters = reader.required("centroids").rows
    sizes = np.bincount(assigned["cluster"].to_numpy()[own], minlength=n_clusters)
    ids = ids_of(training.filter(pc.equal(training["kind"], "python"))["doc_id"])
    uniform = uniforms_of_bits(settings.seed, "corruption-sample", id_bits(ids))
    wanted = np.sort(ids[np.lexsort((ids, uniform))[: settings.audit.corruption_sample_size]])
    contents = snapshot.contents(reader, wanted)
    return Sample(wanted, [contents[doc_id] for doc_id in wanted.tolist()], sizes)


def probe(
    drawn: Sample, trained: NDArray[np.float16], encoder: EncoderResource, settings: Settings,
    groups: CentroidGroups | None = None,
) -> Probes:  # fmt: skip
    """Corrupt, encode and assign documents; one that does not parse, is too long or empty is skipped.

    Parameters
    ----------
    trained : float16[k, d], the centroids
    groups : of the centroids, where there are many
    """
    written = ((i.decode(), _written(text)) for i, text in zip(drawn.ids, drawn.contents, strict=True))
    parents = [(doc_id, document) for doc_id, document in written if document is not None]
    progress = WorkProgress("corruption_sensitivity", len(parents), "documents")
    loaded = encoder.load() if parents else None
    vectors = [np.zeros((0, trained.shape[1]), np.float16)]
    made: list[Corrupted] = []
    row_of: list[int] = []  # the parent of each vector, or for a parent -1
    for begin in range(0, len(parents), _PARENTS_AT_ONCE):
        block = parents[begin : begin + _PARENTS_AT_ONCE]
        copies = [(row, c) for row, (i, d) in enumerate(block, begin) for c in _copies(d, i, settings)]
        texts = [document.text for _, document in block] + [copy.text for _, copy in copies]
        if loaded is not None:
            vectors.append(unit_float16(loaded.encode(texts)))
        row_of += [-1] * len(block) + [row for row, _ in copies]
        made += [dataclasses.replace(copy, parent="", text="") for _, copy in copies]  # texts are let go
        progress.advance(len(block))
    placed = assign(np.concatenate(vectors), trained, groups=groups, block_rows=settings.block_rows)
    rows = np.array(row_of, np.int64)
    before, after = (
        ClusterPositions(placed.cluster[own], placed.distance[own]) for own in (rows < 0, rows >= 0)
    )
    families = np.array([FAMILIES.index(copy.family) for copy in made], np.int64)
    return Probes([i for i, _ in parents], made, before, Copies(rows[rows >= 0], families, after))


def _written(content: str) -> Normalised | None:
    """Normalise a document that is not too long and of which something is left."""
    found = normalised(content) if len(content) <= MAX_CHARS else None
    return found if found is not None and found.text else None


def _copies(document: Normalised, doc_id: str, settings: Settings) -> list[Corrupted]:
    """Corrupt a document by each family that has a place in it."""
    found = (corrupt(document, family, seed=settings.seed, key=doc_id) for family in FAMILIES)
    return [copy for copy in found if copy is not None]

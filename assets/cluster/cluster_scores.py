"""Cluster scores: each document's nearest earlier one and its distance; each cluster's shape.

Scores are stored, decisions are not: any threshold or target is a query over them. They are built upon
the last ones where these are of the same centroids: only what came and went is compared, and the tables
are byte for byte those of a full rebuild.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow.compute as pc

from assets.cluster.scoring import score_changes
from assets.cluster.scoring.comparison_lists import ALL_PAIRS, PER_CLUSTER
from assets.cluster.scoring.document_locations import place
from assets.cluster.scoring.score_changes import Changes
from assets.cluster.scoring.score_update import update
from assets.cluster.scoring.scored_documents import CLUSTERS, SCORES, ScoredDocuments, write
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import one, shards
from assets.graph.snapshot import Snapshot, snapshot_of, tables
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.settings import Settings

REBUILD, INCREMENT = "rebuild", "increment"
_ROWS_AT_ONCE = 65_536
_SETTINGS = ("clustering.all_pairs_max_documents", "clustering.border_margin")


@dataclasses.dataclass(frozen=True)
class UpdateSummary:
    """How scores were updated. It does not affect them: every way gives the same scores.

    made : rebuild or increment; why : why not an increment, or empty
    fresh, removed, orphaned : documents that came, that went, and whose witness went
    touched : groups in which documents were compared: clusters with their border documents, or with all
        pairs all
    """

    made: str
    why: str
    fresh: int
    removed: int
    orphaned: int
    touched: int

    @property
    def shown(self) -> dict[str, Any]:
        """What the UI shows."""
        return {
            "made_by": self.made,
            **({"rebuilt_because": self.why} if self.why else {}),
            "fresh_documents": self.fresh,
            "removed_documents": self.removed,
            "orphaned_documents": self.orphaned,
            "groups_touched": self.touched,
        }


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the similarities and the clusters' sizes."""
    from assets.charts import charts, drawing

    similarity = reader.table(manifest, columns=["max_similarity"])["max_similarity"].drop_null().to_numpy()
    histogram = charts.similarities(charts.similarity_counts(similarity), {}, [])
    sizes = reader.table(manifest, CLUSTERS.file, ["size"])["size"].to_numpy()
    return {
        "mode": manifest.facts["mode"],
        "shards": len(manifest.facts["snapshot"]),
        "visitors": manifest.facts["visitors"],
        "visitors_share": manifest.facts["visitors"] / max(1, manifest.rows),
        "similarities": dg.MetadataValue.md(drawing.markdown_picture(histogram)),
        "cluster_sizes": dg.MetadataValue.md(drawing.markdown_picture(charts.cluster_sizes(sizes))),
    }


@lake_asset(
    group_name="cluster",
    tables=[SCORES, CLUSTERS],
    reads=[
        shards("raw_shards"),
        shards("cluster_assignments"),
        shards("quality_signals"),
        shards("image_signals"),
        shards("episode_signals"),
        shards("embeddings", is_input=False),  # the snapshot names their versions, for mixtures
        one("centroids"),
    ],
    settings=_SETTINGS,
    shows=show,
    code_version="3",
    pool="memory",
)
def cluster_scores(build: Build, writer: Writer) -> Mapping[str, Any]:
    """One row is a training document of the snapshot; clusters.parquet beside has a row per cluster."""
    reader, settings = build.reader, build.settings
    snapshot = build.snapshot(*tables(build.lake))
    snapshot.require_shards()
    writer.content = build.spec.version  # mixtures also read the snapshot's signals, which it hashes
    centroids = reader.whole_vectors(reader.required("centroids"))
    changes, why = _changes(build, snapshot)
    documents = changes.scored.documents
    mode = _mode(settings, len(documents))
    entries, touched = update(
        reader, build.lake.engine, snapshot, changes, len(centroids), mode, settings.block_rows
    )
    write(writer, ScoredDocuments(documents, entries), centroids)
    writer.facts |= {"mode": mode, "visitors": len(documents.border_documents), "snapshot": snapshot.shards}
    counts = (int(changes.fresh.sum()), changes.removed, changes.n_orphaned, touched)
    return UpdateSummary(REBUILD if why else INCREMENT, why, *counts).shown


@lake_check(asset="cluster_scores", reads=["raw_shards"], blocking=True)
def cluster_scores_cover_documents(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Every training document of the snapshot has exactly one score."""
    manifest = reader.required("cluster_scores")
    expected = distinct = 0
    for shard in snapshot_of(manifest).manifests(reader, "raw_shards"):
        splits = reader.table(shard, columns=["split"])["split"]
        expected += pc.sum(pc.equal(splits, "train")).as_py() or 0
    last = b""
    for batch in reader.batches(manifest, ["doc_id"], _ROWS_AT_ONCE):  # in order: each is above all before
        ids = ids_of(batch["doc_id"])
        distinct += int((ids > np.concatenate([np.array([last], "S32"), ids[:-1]])).sum())
        last = ids[-1] if len(ids) else last
    passed = expected == manifest.rows == distinct
    counts: dict[str, Any] = {"documents": expected, "rows": manifest.rows, "distinct": distinct}
    return dg.AssetCheckResult(passed=passed, metadata=counts)


def _mode(settings: Settings, n_documents: int) -> str:
    """Return what each document is compared with: all others, or its cluster's and border documents."""
    return ALL_PAIRS if n_documents <= settings.clustering.all_pairs_max_documents else PER_CLUSTER


def _changes(build: Build, snapshot: Snapshot) -> tuple[Changes, str]:
    """Find what changed since the live scores, and why all counts as changed, if so."""
    reader, settings = build.reader, build.settings
    previous = reader.current("cluster_scores")
    why = score_changes.unusable(previous, build.spec)
    if previous is not None and not why:
        before = previous.facts["mode"]
        margin = settings.clustering.border_margin if before == PER_CLUSTER else 0
        changes = score_changes.since(reader, previous, snapshot, margin)
        mode = _mode(settings, len(changes.scored.documents))
        if mode == before:
            return changes, ""
        why = f"the mode changed from {before} to {mode}"
    documents = place(reader, snapshot, snapshot.names, settings.clustering.border_margin)
    all_pairs = _mode(settings, len(documents)) == ALL_PAIRS
    return score_changes.from_nothing(documents.at_home() if all_pairs else documents), why

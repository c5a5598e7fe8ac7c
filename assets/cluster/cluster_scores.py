"""Cluster scores: each document's nearest earlier one and its distance; each cluster's shape.

Scores are stored, decisions are not: any threshold or target is a query over them. They are built upon
the last ones where these are of the same centroids: only what came and went is compared, and the tables
are byte for byte those of a full rebuild.
"""

import dataclasses
from typing import Any

import dagster as dg

from assets.cluster.scoring import score_changes, scored_documents
from assets.cluster.scoring.comparison_lists import ALL_PAIRS, PER_CLUSTER
from assets.cluster.scoring.document_locations import place
from assets.cluster.scoring.score_changes import Changes
from assets.cluster.scoring.score_update import update
from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "3"
CLUSTERS = scored_documents.CLUSTERS
REBUILD, INCREMENT = "rebuild", "increment"
_SETTINGS = ("clustering.all_pairs_max_documents", "clustering.border_margin")
_INPUTS = ("raw_shards", "cluster_assignments", "quality_signals")


def spec(store: Store, settings: Settings) -> BuildSpec:
    """State what the scores are made from: every live shard's documents and assignments."""
    shards = snapshot.live_shards(store)
    contents = {f"{t}/{s}": store.required(t, s).content for s in shards for t in _INPUTS}
    return _spec(settings, contents, store.required("centroids"))


def _spec(settings: Settings, contents: dict[str, str], trained: Manifest) -> BuildSpec:
    """State what the scores are made from, given the contents of the shards' tables."""
    inputs = {**contents, "centroids": trained.content}
    return BuildSpec("cluster_scores", inputs, settings.select(*_SETTINGS), CODE)


@dg.asset(
    group_name="cluster",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["cluster_assignments", "quality_signals", "raw_shards"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        doc_id="string: a training document of the snapshot",
        cluster="int32: nearest centroid",
        distance="float: cosine distance to it; the prototype distance",
        max_similarity="float: highest cosine to an earlier-ranked document; null where none is earlier",
        witness="string: that document",
    ),
)
def cluster_scores(settings: Settings, store: Store, engine: Engine) -> dg.MaterializeResult[Any]:
    """One row is a training document of the snapshot; clusters.parquet beside has a row per cluster."""
    manifest, way = build_scores(store, settings, engine)
    from assets.charts import charts

    table = store.table(manifest, columns=["max_similarity"])
    similarity = table["max_similarity"].drop_null().to_numpy()
    histogram = charts.similarities(charts.similarity_counts(similarity), {}, [])
    sizes = store.table(manifest, CLUSTERS, ["size"])["size"].to_numpy()
    return result(
        manifest,
        mode=manifest.facts["mode"],
        shards=len(manifest.facts["snapshot"]),
        visitors=manifest.facts["visitors"],
        visitors_share=manifest.facts["visitors"] / max(1, manifest.rows),
        similarities=dg.MetadataValue.md(charts.markdown_picture(histogram)),
        cluster_sizes=dg.MetadataValue.md(charts.markdown_picture(charts.cluster_sizes(sizes))),
        **way.shown,
    )


@dataclasses.dataclass(frozen=True)
class UpdateSummary:
    """How scores were made. It is no part of them: they are the same whichever way.

    made : rebuild or increment; why : why not an increment, or empty
    fresh, removed, orphaned : documents that came, that went, and whose witness went
    touched : groups in which documents were compared: clusters with their visitors, or with all pairs all
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


_REUSED = UpdateSummary("nothing: the lake held this version", "", 0, 0, 0, 0)


def build_scores(store: Store, settings: Settings, engine: Engine) -> tuple[Manifest, UpdateSummary]:
    """Score the live shards' training documents, or find that it was done.

    Raises
    ------
    MissingError : the tables of some shards do not belong together, see `snapshot.take`.
    """
    taken, trained = snapshot.take(store), store.required("centroids")
    contents = {f"{t}/{s}": taken.manifest(store, t, s).content for s in taken.names for t in _INPUTS}
    build_spec = _spec(settings, contents, trained)
    ways = [_REUSED]

    def score(writer: Writer) -> None:
        taken.require_shards()
        writer.content = build_spec.version  # mixtures also read the snapshot's signals, which it hashes
        centroids = store.vectors(trained)[:]
        changes, why = _changes(store, settings, taken, build_spec)
        documents = changes.scored.documents
        mode = _mode(settings, len(documents))
        touched = update(store, settings, engine, taken, changes, len(centroids), mode)
        scored_documents.write(writer, changes.scored, centroids)
        writer.facts |= {"mode": mode, "visitors": len(documents.border_documents), "snapshot": taken.shards}
        counts = (int(changes.fresh.sum()), changes.removed, changes.n_orphaned, touched)
        ways.append(UpdateSummary(REBUILD if why else INCREMENT, why, *counts))

    return build(store, build_spec, score), ways[-1]


def _mode(settings: Settings, n_documents: int) -> str:
    """Say what each document is compared with: all others, or those in its cluster and near its border."""
    return ALL_PAIRS if n_documents <= settings.clustering.all_pairs_max_documents else PER_CLUSTER


def _changes(
    store: Store, settings: Settings, taken: snapshot.Snapshot, build_spec: BuildSpec
) -> tuple[Changes, str]:
    """Find what changed since the live scores, and why all had to be taken as changed, if so."""
    previous = store.current("cluster_scores")
    why = score_changes.unusable(previous, build_spec)
    if previous is not None and not why:
        before = previous.facts["mode"]
        margin = settings.clustering.border_margin if before == PER_CLUSTER else 0
        changes = score_changes.since(store, previous, taken, margin)
        mode = _mode(settings, len(changes.scored.documents))
        if mode == before:
            return changes, ""
        why = f"the mode changed from {before} to {mode}"
    documents = place(store, taken, taken.names, settings.clustering.border_margin)
    all_pairs = _mode(settings, len(documents)) == ALL_PAIRS
    return score_changes.from_nothing(documents.at_home() if all_pairs else documents), why

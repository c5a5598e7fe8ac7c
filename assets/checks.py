"""The laws, as checks that stop what is downstream of a broken one."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster import centroids
from assets.graph import snapshot
from assets.graph.partitions import BY_NAME
from guyot.cluster.drift import N_BINS, distance_counts, largest_gap
from resources.lake.store import Store
from resources.settings import Settings

MIN_NEW_DOCUMENTS = 100  # the gap of fewer is mostly chance


@dg.asset_check(asset="raw_shards", blocking=True)
def raw_shards_conserve_records(store: Store) -> dg.AssetCheckResult:
    """Every record that was read is a document or is in quarantine, in every shard."""
    wrong: dict[str, str] = {}
    records = 0
    for shard in snapshot.live_shards(store):
        manifest = store.current("raw_shards", shard)
        if manifest is None:
            continue
        documents = store.table(manifest, columns=["doc_id"]).num_rows
        rejected = store.table(manifest, "quarantine.parquet", ["reason"]).num_rows
        records += manifest.facts["records"]
        if manifest.facts["records"] != documents + rejected:
            wrong[shard] = f"{manifest.facts['records']} != {documents} + {rejected}"
    return dg.AssetCheckResult(passed=not wrong, metadata={"records": records, "wrong": wrong})


@dg.asset_check(asset="cluster_assignments")
def cluster_assignments_have_not_drifted(store: Store, settings: Settings) -> dg.AssetCheckResult:
    """Documents that came after the centroids lie as far from them as those that they were made of."""
    from assets.charts import charts
    from assets.charts.drift_chart import drift

    trained = store.required("centroids")
    before = store.table(trained, centroids.DISTANCES)["documents"].to_numpy()
    after = _distances_since(store, trained.inputs)
    counts = {"documents_at_training": int(before.sum()), "new_documents": int(after.sum())}
    if after.sum() < MIN_NEW_DOCUMENTS or not before.sum():
        said = f"fewer than {MIN_NEW_DOCUMENTS} documents came since the centroids were trained"
        return dg.AssetCheckResult(passed=True, description=said, metadata=counts)
    gap = largest_gap(before, after)
    passed = gap <= settings.clustering.drift_threshold
    advice = "" if passed else "; train new ones: guyot backfill centroids"
    said = (
        f"largest gap of cumulative shares {gap:.3f}, threshold {settings.clustering.drift_threshold}{advice}"
    )
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={
            **counts,
            "largest_gap": gap,
            "distances": dg.MetadataValue.md(charts.markdown_picture(drift(before, after, gap))),
        },
    )


def _distances_since(store: Store, trained_on: dict[str, str]) -> NDArray[np.int64]:
    """Count the distances of documents in shards whose embeddings the centroids were not made of."""
    counts = np.zeros(N_BINS, np.int64)
    for shard in snapshot.live_shards(store):
        embedded, assigned = store.current("embeddings", shard), store.current("cluster_assignments", shard)
        if embedded is None or assigned is None or trained_on.get(f"embeddings/{shard}") == embedded.content:
            continue
        counts += distance_counts(store.table(assigned, columns=["distance"])["distance"].to_numpy())
    return counts


@dg.asset_check(asset="cluster_scores", blocking=True)
def cluster_scores_cover_documents(store: Store) -> dg.AssetCheckResult:
    """Every training document of the snapshot has exactly one score."""
    manifest = store.required("cluster_scores")
    splits = snapshot.of(manifest).table(store, "raw_shards", ["split"])["split"]
    expected = pc.sum(pc.equal(splits, "train")).as_py() or 0
    distinct = pc.count_distinct(store.table(manifest, columns=["doc_id"])["doc_id"]).as_py()
    passed = expected == manifest.rows == distinct
    counts: dict[str, Any] = {"documents": expected, "rows": manifest.rows, "distinct": distinct}
    return dg.AssetCheckResult(passed=passed, metadata=counts)


@dg.asset_check(asset="pruned_mixtures", blocking=True)
def pruned_mixtures_account_for_all(store: Store) -> dg.AssetCheckResult:
    """Live documents = kept + dropped; each drop has a step and a reason; each target is met."""
    wrong: dict[str, str] = {}
    for name in BY_NAME:
        manifest = store.current("pruned_mixtures", name)
        if manifest is None:
            continue
        rows = store.table(manifest, columns=["doc_id", "kept", "step", "reason"])
        live = sum(m.rows for m in snapshot.of(manifest).manifests(store, "raw_shards"))
        distinct = pc.count_distinct(rows["doc_id"]).as_py()
        if not live == rows.num_rows == distinct:
            wrong[name] = f"{live} live documents, {rows.num_rows} rows, {distinct} distinct"
        dropped = rows.filter(pc.invert(rows["kept"]))
        if dropped["step"].null_count or dropped["reason"].null_count:
            wrong[name] = "a dropped document has no step or no reason"
        facts = manifest.facts
        if rows.num_rows - dropped.num_rows != facts["n_kept"]:
            wrong[name] = f"{rows.num_rows - dropped.num_rows} kept, not the {facts['n_kept']} of the cut"
        if facts["target"] is not None and (
            facts["kept"] > facts["target"]
            or (facts["unit"] == "documents" and facts["kept"] != facts["target"])
        ):
            wrong[name] = f"kept {facts['kept']} for a target of {facts['target']} {facts['unit']}"
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": wrong})

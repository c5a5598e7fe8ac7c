"""Pruned mixtures: what a recipe keeps of a snapshot, to the document, and why the rest went."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets import centroids, snapshot
from assets.making import Making, columns, describe_partitions, make
from assets.partitions import BY_NAME, ONE_RUN, RECIPE_KEYS
from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents
from guyot.prune import prune, weights_of
from guyot.recipe import Recipe
from resources.engine import Engine
from resources.manifest import Manifest
from resources.settings import Settings
from resources.store import Store
from resources.writer import Writer

CODE = "1"
HELD_OUT = "held_out"


def making(store: Store, settings: Settings, name: str) -> Making:
    """State what a mixture is made from."""
    recipe = BY_NAME[name].to_dict()
    clustering = settings.some("n_clusters", "kmeans_iterations", "kmeans_points_per_cluster", "seed")
    reclusters = any(step.get("recluster") for step in recipe["steps"])
    return Making(
        "pruned_mixtures",
        {"cluster_scores": store.required("cluster_scores").content},
        {"recipe": recipe, **(clustering if reclusters else {})},
        CODE,
        name,
    )


@dg.asset(
    group_name="prune",
    kinds={"parquet"},
    owners=["team:curation"],
    partitions_def=RECIPE_KEYS,
    backfill_policy=ONE_RUN,
    deps=["cluster_scores"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: a live document of the snapshot",
        kept="bool: whether the mixture holds it",
        step="string: the step that dropped it; null where kept",
        reason="string: that step's word for it; null where kept",
        score="double: its score in the deciding step; higher is kept first",
        threshold="double: the lowest score that this step kept",
        witness="string: the document because of which it was dropped",
    ),
)
def pruned_mixtures(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, engine: Engine
) -> dg.MaterializeResult[Any]:
    """One row is a live document: kept, or dropped by a step for a reason, held-out ones included."""
    names = list(context.partition_keys)
    source = snapshot.of(store.required("cluster_scores"))
    loaded: list[tuple[Documents, NDArray[np.bytes_]]] = []

    def work(name: str) -> Manifest:
        def cut(writer: Writer) -> None:
            if not loaded:
                loaded.append(load(store, source))
            cut_recipe(store, settings, source, BY_NAME[name], *loaded[0], writer)

        return make(store, making(store, settings, name), cut)

    return describe_partitions(context, map(work, names), len(names))


def load(store: Store, source: snapshot.Snapshot) -> tuple[Documents, NDArray[np.bytes_]]:
    """Align a snapshot's columns by doc_id, for its training documents."""
    scores = store.table(store.required("cluster_scores"))
    ids = snapshot.ids_of(scores["doc_id"])
    raw = source.table(store, "raw_shards", ["doc_id", "content_digest"])
    signals = source.table(store, "quality_signals", ["doc_id", "tokens", "bytes", "lines"])
    at_raw = _order(ids, snapshot.ids_of(raw["doc_id"]))
    at_signal = _order(ids, snapshot.ids_of(signals["doc_id"]))
    witness = snapshot.ids_of(scores["witness"].fill_null(""))
    documents = Documents(
        id_bits=snapshot.id_bits(ids),
        content_digest=snapshot.ids_of(raw["content_digest"])[at_raw],
        tokens=signals["tokens"].to_numpy()[at_signal],
        bytes=signals["bytes"].to_numpy()[at_signal],
        lines=signals["lines"].to_numpy()[at_signal],
        distance=scores["distance"].to_numpy(),
        max_similarity=scores["max_similarity"].to_numpy(),
        witness=snapshot.positions(ids, witness),
        vectors=snapshot.SnapshotVectors(store, source, ids),
    )
    return documents, ids


def _order(wanted: NDArray[np.bytes_], ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """Find where each wanted id stands among unsorted ids that hold them all."""
    order = np.argsort(ids)
    return order[np.searchsorted(ids, wanted, sorter=order)]


def cut_recipe(
    store: Store,
    settings: Settings,
    source: snapshot.Snapshot,
    recipe: Recipe,
    documents: Documents,
    ids: NDArray[np.bytes_],
    writer: Writer,
) -> None:
    """Cut one mixture and write it, held-out documents included."""
    cut = prune(
        documents,
        recipe.steps,
        target_fraction=recipe.target_fraction,
        unit=recipe.unit,
        clustering=centroids.clustering(settings, len(documents)),
    )
    everything = source.table(store, "raw_shards", ["doc_id", "split"])
    held_out = everything.filter(pa.compute.not_equal(everything["split"], "train"))["doc_id"]
    table = pa.concat_tables([_table(cut, ids), _held_out(held_out)])
    writer.table(table.sort_by("doc_id"))
    weights = weights_of(documents, recipe.unit)
    writer.facts |= {
        "recipe": recipe.to_dict(),
        "unit": recipe.unit,
        "target_fraction": recipe.target_fraction,
        "total": int(weights.sum()),
        "target": recipe.target(int(weights.sum())),
        "kept": int(weights[cut.kept].sum()),
        "n_eligible": len(documents),
        "n_kept": int(cut.kept.sum()),
        "snapshot": source.shards,
    }


def _table(cut: Cut, ids: NDArray[np.bytes_]) -> pa.Table:
    """Write a cut as a table."""
    names = ids.astype(str)
    steps, reasons = np.array(cut.steps), np.array(cut.reasons)
    return pa.table(
        {
            "doc_id": pa.array(names, pa.string()),
            "kept": cut.kept,
            "step": pa.array(steps[np.maximum(cut.step, 0)], pa.string(), mask=cut.kept),
            "reason": pa.array(reasons[np.maximum(cut.reason, 0)], pa.string(), mask=cut.kept),
            "score": pa.array(cut.score, from_pandas=True),
            "threshold": pa.array(cut.threshold, from_pandas=True),
            "witness": pa.array(
                names[np.maximum(cut.witness, 0)], pa.string(), mask=cut.witness == NO_WITNESS
            ),
        }
    )


def _held_out(doc_ids: pa.ChunkedArray) -> pa.Table:
    """Account for the held-out documents: dropped by the split, before any step."""
    count = len(doc_ids)
    word = pa.array([HELD_OUT] * count, pa.string())
    return pa.table(
        {
            "doc_id": doc_ids,
            "kept": pa.array([False] * count, pa.bool_()),
            "step": word,
            "reason": word,
            "score": pa.nulls(count, pa.float64()),
            "threshold": pa.nulls(count, pa.float64()),
            "witness": pa.nulls(count, pa.string()),
        }
    )

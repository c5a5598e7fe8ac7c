"""Pruned mixtures: what a recipe keeps of a snapshot, to the document, and why the rest went."""

import dataclasses
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster import centroids
from assets.graph.build import (
    BuildSpec,
    build,
    collect_failures,
    columns,
    describe_partitions,
    raise_failures,
)
from assets.graph.partitions import BY_NAME, ONE_RUN, RECIPE_KEYS
from assets.prune import training_documents
from assets.prune.training_documents import TrainingDocuments
from guyot.cut import NO_WITNESS, Cut
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import prune, weights_of
from guyot.prune.account import account, opposed
from guyot.prune.minhash import MinHash
from guyot.prune.modes import count_uncovered
from guyot.prune.scip import SCIP
from guyot.prune.semdedup import NEVER, SemDeDup
from guyot.recipe import Recipe
from resources.engines.threads import Engine
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "3"
HELD_OUT = "held_out"
STEPS = "steps.parquet"
STEP_SCHEMA = pa.schema(
    [("number", pa.int64()), ("step", pa.string())]
    + [(name, pa.int64()) for name in ("dropped", "dropped_tokens", "alone", "shared")]
)


def spec(store: Store, settings: Settings, name: str) -> BuildSpec:
    """State what a mixture is made from."""
    recipe = BY_NAME[name].to_dict()
    clustering = settings.select(
        "clustering.n_clusters", "clustering.iterations", "clustering.points_per_cluster", "seed"
    )
    reclusters = any(step.get("recluster") for step in recipe["steps"])
    inputs = {"cluster_scores": store.required("cluster_scores").content}
    if any(step["method"] == MinHash.method for step in recipe["steps"]):
        inputs["minhash_scores"] = store.required("minhash_scores").content
    if any(step["method"] == SCIP.method for step in recipe["steps"]):
        audit = store.current("corruption_sensitivity")
        inputs["corruption_sensitivity"] = "" if audit is None else audit.content
    return BuildSpec(
        "pruned_mixtures",
        inputs,
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
    deps=["cluster_scores", "minhash_scores", "corruption_sensitivity"],
    code_version=CODE,
    metadata=columns(
        doc_id="string: a live document of the snapshot",
        kept="bool: whether the mixture holds it",
        step="string: the step that dropped it; null where kept",
        reason="string: that step's word for it; null where kept",
        score="double: its score in the deciding step; higher is kept first",
        threshold="double: that step's limit, as a score: its own, or where a target decided the lowest that "
        "it kept, in its group where it has groups; null where no number decided",
        witness="string: the document because of which it was dropped",
    ),
)
def pruned_mixtures(
    context: dg.AssetExecutionContext, settings: Settings, store: Store, engine: Engine
) -> dg.MaterializeResult[Any]:
    """One row is a live document: kept, or dropped by a step for a reason, held-out ones included."""
    names = list(context.partition_keys)
    loaded: list[TrainingDocuments] = []
    refused: dict[str, str] = {}

    def work(name: str) -> Manifest:
        def cut(writer: Writer) -> None:
            if not loaded:
                live = store.required("cluster_scores"), store.required("minhash_scores")
                loaded.append(training_documents.load(store, *live))
            doubts = warnings(store, BY_NAME[name])
            cut_recipe(settings, BY_NAME[name], loaded[0], writer)
            if not writer.facts["n_kept"]:
                doubts.append(f"It keeps none of {writer.facts['n_eligible']:,} documents.")
            writer.facts["warning"] = " ".join(doubts)

        return build(store, spec(store, settings, name), cut)

    made = collect_failures(names, work, refused)
    told = describe_partitions(context, made, len(names), describe=lambda found: shown(store, found))
    raise_failures("cut", refused, len(names))
    return told


def shown(store: Store, manifest: Manifest) -> dict[str, Any]:
    """Say what the UI shows of a mixture: what was met, and each step's part in it."""
    facts = manifest.facts
    rows = store.table(manifest, STEPS).to_pylist()
    names = [name for name in rows[0] if name != "number"]
    lines = [names, ["---"] * len(names), *([row[name] for name in names] for row in rows)]
    table = "\n".join("| " + " | ".join("" if v is None else str(v) for v in line) + " |" for line in lines)
    told = {name: facts[name] for name in ("unit", "target", "kept", "n_eligible", "n_kept")}
    told |= {name: facts[name] for name in ("uncovered", "warning") if facts[name] not in (None, "")}
    return {**told, "steps": dg.MetadataValue.md(table)}


def warnings(store: Store, recipe: Recipe) -> list[str]:
    """Say what speaks against a recipe in this lake.

    Raises
    ------
    SettingError : a step refuses an encoder that does not feel corruptions, and this one does not.
    """
    doubts = [opposed(recipe)] if opposed(recipe) else []
    gates = [step.gate for step in recipe.steps if isinstance(step, SCIP)]
    if not gates:
        return doubts
    live = store.current("corruption_sensitivity")
    audit = {"passes": None, "said": "that was not audited yet"} if live is None else live.facts
    if audit["passes"] is True:
        return doubts
    if "refuse" in gates:
        raise SettingError(
            f"scip refuses this encoder: {audit['said']}; choose another encoder, or gate='warn'"
        )
    return [*doubts, f"scip rests on an encoder that feels corruptions: {audit['said']}."]


def cut_recipe(settings: Settings, recipe: Recipe, taken: TrainingDocuments, writer: Writer) -> None:
    """Cut one mixture and write it, held-out documents included."""
    documents = taken.documents
    clustering = centroids.clustering(settings, len(documents))
    cut = prune(
        documents,
        recipe.steps,
        target_fraction=recipe.target_fraction,
        unit=recipe.unit,
        clustering=clustering,
    )
    table = pa.concat_tables([_table(cut, taken.ids), _held_out(taken.held_out)])
    writer.table(table.sort_by("doc_id"))
    told = account(documents, recipe, cut, clustering)
    steps = [{"number": number, **dataclasses.asdict(step)} for number, step in enumerate(told)]
    writer.table(pa.Table.from_pylist(steps, STEP_SCHEMA), STEPS)
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
        "uncovered": _uncovered(documents, recipe, cut),
        "snapshot": taken.source.shards,
    }


def _uncovered(documents: Documents, recipe: Recipe, cut: Cut) -> int | None:
    """Count what SemDeDup dropped with no document of the mixture near it; None where it is no step."""
    found = None
    for number, step in enumerate(recipe.steps):
        if isinstance(step, SemDeDup):
            dropped = (cut.step == number) & (cut.witness != NO_WITNESS)
            by_target = number == len(recipe.steps) - 1 and recipe.target_fraction is not None
            limit = None if by_target else step.duplicate_distance
            if limit is None:
                told = cut.threshold[dropped]
                limit = float(np.where(np.isnan(told), NEVER, told).min(initial=np.inf))
            near = step.mode != "components"
            found = (found or 0) + count_uncovered(
                documents, dropped, cut.kept, cut.witness, 1 - limit, witness_is_near=near
            )
    return found


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

"""Pruned mixtures: what a recipe keeps of a snapshot, to the document, and why the rest was dropped."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.cluster.centroids import KMEANS_SETTINGS, clustering
from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME, RECIPE_KEYS
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune.cutting import mixture_rows, training_documents
from assets.prune.cutting.obeyed_withdrawals import require_obeyed
from guyot.decision import without_scores
from guyot.errors import SettingError
from guyot.prune import account, prune
from guyot.recipe import Recipe
from resources import memory
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

STEPS = TableSpec(
    "mixture_steps",
    "a step of a mixture version",
    (
        ColumnSpec("number", pa.int64(), "place in the recipe, from 0"),
        ColumnSpec("step", pa.string(), "the method; of several of a method the second is -2"),
        ColumnSpec("dropped", pa.int64(), "documents that it dropped, after the steps before it"),
        ColumnSpec("dropped_tokens", pa.int64(), "their tokens"),
        ColumnSpec(
            "alone", pa.int64(),
            "documents that it would drop from the whole by itself; null where it could not",
        ),
        ColumnSpec(
            "shared", pa.int64(), "of these, how many another step of the recipe would drop by itself too"
        ),
    ),
    file="steps.parquet",
)  # fmt: skip

SUMMARY = TableSpec(
    "mixtures",
    "a mixture version: what was asked and what was met",
    (
        ColumnSpec("unit", pa.string(), "what the target is counted in: documents, tokens or bytes"),
        ColumnSpec(
            "target_fraction", pa.float64(),
            "share of the eligible documents' units to keep; null where steps go by their own limits",
        ),
        ColumnSpec("total", pa.int64(), "units of all eligible documents"),
        ColumnSpec(
            "target", pa.int64(),
            "units to keep: the fraction of the total, rounded down; null where steps go by their own limits",
        ),
        ColumnSpec("kept_units", pa.int64(), "units that are kept, at most the target"),
        ColumnSpec("n_eligible", pa.int64(), "documents that are not held out"),
        ColumnSpec("n_kept", pa.int64(), "documents that are kept"),
        ColumnSpec(
            "uncovered", pa.int64(),
            "documents that semdedup dropped with no document of the final mixture nearer than its limit; "
            "null where it is no step",
        ),
        ColumnSpec(
            "warning", pa.string(), "what speaks against the order of the steps; empty where nothing does"
        ),
    ),
    file="mixture.parquet",
)  # fmt: skip

_BYTES_PER_DOCUMENT = 150  # of the columns of one recipe; what it searches holds some lists beside
_BYTES_BESIDE = 1 << 29  # of the columns of several recipes that are cut at a time


def recipe_settings(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return the recipe, and the settings of clusterings where it has one made."""
    recipe = BY_NAME[key]
    clusters = lake.settings.select(*KMEANS_SETTINGS) if recipe.reclusters else {}
    return {"recipe": recipe.to_dict(), **clusters}


def mixtures_at_once(lake: LakeResources) -> int:
    """Return how many mixtures are cut at a time: what uses one core is done beside what uses all."""
    if lake.engine.has_own_cores:
        return 0
    scores, workers = lake.store.current("cluster_scores"), lake.engine.workers
    n_bytes = _BYTES_PER_DOCUMENT * (scores.rows if scores else 0)
    # more than cores: some wait for what another computes for them too
    most = 1 if workers == 1 else 2 * workers
    return max(1, min(most, _BYTES_BESIDE // max(1, n_bytes)))


def inputs_of_methods(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State what the methods of recipes read beside cluster_scores."""
    return {key: _inputs_of_steps(reader, BY_NAME[key]) for key in keys}


def _inputs_of_steps(reader: TableReader, recipe: Recipe) -> Inputs:
    """Return the contents of the tables that a recipe's steps need, and of the audits that they look at."""
    absent = sorted(set(recipe.tables) & reader.absent)
    if absent:
        raise SettingError(
            f"recipe {recipe.name} was asked for; it needs {', '.join(absent)}, which this lake's documents "
            "do not have (reading.documents); leave the recipe out"
        )
    inputs = {table: reader.origin(table).content for table in recipe.tables if table != "cluster_scores"}
    audits = {table: reader.current(table) for table in recipe.audits}
    return inputs | {table: "" if audit is None else audit.content for table, audit in audits.items()}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show how far a mixture met its target, and each step's part in it."""
    facts = manifest.facts
    shown = {name: facts[name] for name in ("unit", "target", "kept_units", "n_eligible", "n_kept")}
    shown |= {name: facts[name] for name in ("uncovered", "warning") if facts[name] not in (None, "")}
    names = STEPS.names[1:]
    steps = reader.table(manifest, STEPS.file).to_pylist()
    lines = [names, ["---"] * len(names), *([step[name] for name in names] for step in steps)]
    table = "\n".join("| " + " | ".join("" if v is None else str(v) for v in line) + " |" for line in lines)
    return {**shown, "steps": dg.MetadataValue.md(table)}


@lake_asset(
    group_name="prune",
    partitions_def=RECIPE_KEYS,
    tables=[mixture_rows.MIXTURES, STEPS, SUMMARY],
    reads=[
        one("cluster_scores"), named("corruption_sensitivity"), named("shard_registry"),
        *training_documents.READS,
    ],
    inputs=inputs_of_methods,
    settings_of=recipe_settings,
    shows=show,
    at_once=mixtures_at_once,
    code_version="7",
)  # fmt: skip
def pruned_mixtures(build: Build, writer: Writer) -> None:
    """One row is a live document: kept, or dropped by a step for a reason, held-out ones included."""
    recipe = BY_NAME[build.key]
    audits = {table: build.reader.current(table) for table in recipe.audits}
    facts = {table: None if audit is None else audit.facts for table, audit in audits.items()}
    warnings = account.warnings(recipe, facts)
    snapshot = training_documents.live(build.reader)
    require_obeyed(build.reader, snapshot.source)
    documents = snapshot.documents(recipe)
    clusters = clustering(build.settings, len(documents))
    cut = prune(
        documents,
        recipe.steps,
        target_fraction=recipe.target_fraction,
        unit=recipe.unit,
        clustering=clusters,
    )
    _give_back(len(documents))
    mixture_rows.write(writer, cut, snapshot.ids, snapshot.held_out, snapshot.witnesses)
    cut = without_scores(cut)
    _give_back(len(documents))
    accounts = account.account(documents, recipe, cut, clusters)
    steps = [{"number": number, **dataclasses.asdict(step)} for number, step in enumerate(accounts)]
    writer.table(pa.Table.from_pylist(steps, STEPS.schema), STEPS.file)
    if not cut.kept.any():
        warnings.append(f"It keeps none of {len(documents):,} documents.")
    weights = documents.weights(recipe.unit)
    summary = {
        "unit": recipe.unit,
        "target_fraction": recipe.target_fraction,
        "total": int(weights.sum()),
        "target": recipe.target(int(weights.sum())),
        "kept_units": int(weights[cut.kept].sum()),
        "n_eligible": len(documents),
        "n_kept": int(cut.kept.sum()),
        "uncovered": account.count_uncovered(documents, recipe, cut),
        "warning": " ".join(warnings),
    }
    writer.table(pa.Table.from_pylist([summary], SUMMARY.schema), SUMMARY.file)
    writer.facts |= {"recipe": recipe.to_dict(), "snapshot": snapshot.source.shards, **summary}
    n_documents = len(documents)
    del documents, cut, weights
    _give_back(n_documents)


def _give_back(n_documents: int) -> None:
    """Give free memory back where there is much: it must be had anew, for which a small one is too short."""
    if n_documents * _BYTES_PER_DOCUMENT > _BYTES_BESIDE:
        memory.give_back()


@lake_check(asset="pruned_mixtures", reads=["raw_shards"], blocking=True)
def pruned_mixtures_account_for_all(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Live documents = kept + dropped; each drop has a step and a reason; each target is met."""
    live = {name: reader.current("pruned_mixtures", name) for name in BY_NAME}
    found = {name: _what_is_wrong(reader, mixture) for name, mixture in live.items() if mixture}
    wrong = {name: message for name, message in found.items() if message}
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": wrong})


def _what_is_wrong(reader: TableReader, mixture: Manifest) -> str:
    """Return what does not add up in a mixture; empty where all does."""
    found, facts = mixture_rows.count(reader, mixture), mixture.facts
    n_live = sum(shard.rows for shard in snapshot_of(mixture).manifests(reader, "raw_shards"))
    target, kept, unit = facts["target"], facts["kept_units"], facts["unit"]
    if target is not None and (kept > target or (unit == "documents" and kept != target)):
        return f"kept {kept} for a target of {target} {unit}"
    if found.kept != facts["n_kept"]:
        return f"{found.kept} kept, not the {facts['n_kept']} of the cut"
    if found.unexplained:
        return "a dropped document has no step or no reason"
    if not n_live == found.rows == found.ascending:
        return f"{n_live} live documents, {found.rows} rows, {found.ascending} of them after all before"
    return ""

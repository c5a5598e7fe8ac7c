"""Explains one document: kept or dropped, by which step, why, its witness, and the runs that read it."""

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.graph.lake import LakeResources
from assets.publish.database import Catalogue
from assets.publish.page.explained import explained_page
from assets.publish.page.shown import PICTURED
from guyot.errors import MissingError
from guyot.prune import ExplanationInputs, names_of
from guyot.prune import explain as explanation
from guyot.recipe import Recipe
from jobs.cli.documents import DOCUMENT, asking, documents_of, nothing_of, source_of
from jobs.cli.exposures import Exposure, exposures, runs_of
from resources.lake.store import Store
from resources.models.model_cache import cache_folder
from resources.setting_groups import EPISODE, IMAGE

if TYPE_CHECKING:
    import duckdb

_SIGNALS_OF_KIND = {IMAGE: ("image_signals",), EPISODE: ("episode_signals",)}
_CLUSTER_SIZE = (
    "SELECT count(*) AS size FROM cluster_scores s JOIN pruned_mixtures m USING (doc_id) "
    "WHERE s.cluster = ? AND m.recipe = ? AND m.version = ? AND (m.kept OR list_contains(?, m.step))"
)
_EVALUATION = "evaluation"  # in place of a split
_RECORD = (
    "SELECT doc_id, evaluation_set AS source_path, record_key, 'evaluation record' AS kind, "
    f"'{_EVALUATION}' AS split, evaluation_set AS shard, content FROM evaluation_sets WHERE doc_id = ?"
)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one recipe did to the document; the witness is a row as of raw_shards."""

    recipe: str
    version: str
    kept: bool
    step: str | None
    reason: str | None
    score: float | None
    threshold: float | None
    witness: dict[str, Any] | None
    similarity: float | None
    sentence: str
    seen: list[Exposure]


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A document (a row of raw_shards) with its verdicts, or the rejects of a source file.

    page : of an image or a walk, a page that shows it beside its witnesses
    """

    document: dict[str, Any] | None
    verdicts: list[Verdict]
    quarantined: list[dict[str, Any]]
    page: Path | None = None


def explain(lake: LakeResources, what: str, recipe: str | None) -> Explanation:
    """Find a document by doc_id, path or URI (with #record_key in a file of many) or record_key; explain it.

    Raises
    ------
    MissingError : nothing by that name, or several documents; the message lists what is near.
    """
    with Catalogue(lake.store).connect() as connection:
        rows = asking(connection)
        path, key = source_of(rows, what)
        quarantined = rows(
            "SELECT * FROM quarantine WHERE source_path = ? AND (? = '' OR record_key = ?)", path, key, key
        )
        found = documents_of(rows, what, path, key)
        if not found and not quarantined:
            raise MissingError(nothing_of(rows, what))
        if not found:
            return Explanation(None, [], quarantined)
        verdicts = [
            _verdict(rows, lake, found[0], row)
            for row in rows(
                "SELECT * FROM pruned_mixtures WHERE live AND doc_id = ? AND (? IS NULL OR recipe = ?) "
                "ORDER BY recipe", found[0]["doc_id"], recipe, recipe,
            )
        ]  # fmt: skip
        if recipe is not None and not verdicts:
            raise MissingError(f"recipe {recipe!r} has no mixture in this lake; run it first")
        page = _page(connection, found[0], verdicts) if found[0]["kind"] in PICTURED else None
        return Explanation(found[0], verdicts, [], page)


def _page(connection: "duckdb.DuckDBPyConnection", document: dict[str, Any], verdicts: list[Verdict]) -> Path:
    """Write the page of a document into the cache folder, not into the lake, which is only read."""
    page = explained_page(connection, document, verdicts)
    path = cache_folder() / "explained" / f"{document['doc_id']}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(page)
    beside.replace(path)
    return path


def _verdict(rows: Any, lake: LakeResources, document: dict[str, Any], row: dict[str, Any]) -> Verdict:
    """Gather what a recipe did to a document."""
    doc_id = document["doc_id"]
    witness = rows(DOCUMENT + "doc_id = ?", row["witness"]) if row["witness"] else []
    if row["witness"] and not witness:
        witness = rows(_RECORD, row["witness"])
    similarity = rows(
        "SELECT max_similarity FROM cluster_scores WHERE doc_id = ? AND witness = ?", doc_id, row["witness"]
    )
    return Verdict(
        recipe=row["recipe"], version=row["version"], kept=row["kept"], step=row["step"],
        reason=row["reason"], score=row["score"], threshold=row["threshold"],
        witness=witness[0] if witness else None,
        similarity=similarity[0]["max_similarity"] if similarity else None,
        sentence=_sentence(rows, lake.store, document, row, witness),
        seen=exposures(lake, runs_of(rows, row["recipe"]), doc_id),
    )  # fmt: skip


def _sentence(
    rows: Any,
    store: Store,
    document: dict[str, Any],
    row: dict[str, Any],
    witness: list[dict[str, Any]],
) -> str:
    """Return the reason, in a sentence."""
    doc_id, version = document["doc_id"], row["version"]
    manifest = store.manifest("pruned_mixtures", row["recipe"], version)
    if manifest is None:
        return ""
    kept = rows(
        "SELECT kept FROM pruned_mixtures WHERE doc_id = ? AND version = ? AND recipe = ?",
        row["witness"], version, row["recipe"],
    )  # fmt: skip
    recipe = Recipe.from_json(json.dumps(manifest.facts["recipe"]))
    scores = _first(rows("SELECT * FROM cluster_scores WHERE doc_id = ?", doc_id))
    facts = ExplanationInputs(
        **{name: row[name] for name in ("kept", "step", "reason", "score", "threshold")},
        values={**_signals(rows, document), **scores},
        kind=document["kind"],
        witness=_name(witness[0]) if witness else "a document that is no longer in the lake",
        witness_kept=bool(kept and kept[0]["kept"]),
        cluster_size=_cluster_size(rows, recipe, row, scores),
    )
    return explanation(recipe.steps, facts)


def _signals(rows: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Return what is measured of a document, by the name of the signal."""
    found: dict[str, Any] = {}
    for table in ("quality_signals", *_SIGNALS_OF_KIND.get(document["kind"], ())):
        found |= _first(rows(f"SELECT * FROM {table} WHERE doc_id = ?", document["doc_id"]))
    return found


def _cluster_size(
    rows: Any,
    recipe: Recipe,
    row: dict[str, Any],
    scores: dict[str, Any],
) -> int | None:
    """Count the documents of a cluster that reached the step which dropped one of them."""
    names = names_of(recipe.steps)
    if row["step"] not in names or not scores:
        return None
    if not recipe.steps[names.index(row["step"])].explains_with_cluster_size:
        return None
    not_before = list(names[names.index(row["step"]) :])
    return int(rows(_CLUSTER_SIZE, scores["cluster"], row["recipe"], row["version"], not_before)[0]["size"])


def _first(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the one row, or nothing."""
    return found[0] if found else {}


def _name(row: dict[str, Any]) -> str:
    """Name a document as a person would ask for it, or an evaluation record."""
    if row["split"] == _EVALUATION:
        return " of ".join(name for name in (row["record_key"], row["source_path"]) if name)
    return f"{row['source_path']}#{row['record_key']}" if row["record_key"] else str(row["source_path"])

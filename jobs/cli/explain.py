"""Explains one document: kept or dropped, by which step, why, its witness, and the runs that read it."""

import dataclasses
import json
import os
import re
from typing import Any

import numpy as np

from assets.graph.doc_ids import positions
from assets.graph.lake import LakeResources
from assets.prune.epoch_schedules import epoch_schedules, schedule_of
from assets.publish.database import Catalogue
from guyot.errors import MissingError
from guyot.prune import ExplanationInputs, names_of
from guyot.prune import explain as explanation
from guyot.recipe import Recipe
from guyot.train.schedule import steps_that_saw
from resources.lake.store import Store
from resources.sources.local_listing import location_of, uri_of

_CLUSTER_SIZE = (
    "SELECT count(*) AS size FROM cluster_scores s JOIN pruned_mixtures m USING (doc_id) "
    "WHERE s.cluster = ? AND m.recipe = ? AND m.version = ? AND (m.kept OR list_contains(?, m.step))"
)
_ID = re.compile(r"[0-9a-f]{8,32}")
_DOCUMENT = "SELECT doc_id, source_path, record_key, kind, split, shard, content FROM raw_shards WHERE "


@dataclasses.dataclass(frozen=True)
class Exposure:
    """A training run that saw the document, and at which steps."""

    run_id: str
    mixture_version: str
    steps: list[int]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one recipe did to the document; the witness is a row of raw_shards."""

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
    """A document (a row of raw_shards) with its verdicts, or the rejects of a source file."""

    document: dict[str, Any] | None
    verdicts: list[Verdict]
    quarantined: list[dict[str, Any]]


def explain(lake: LakeResources, what: str, recipe: str | None) -> Explanation:
    """Find a document by doc_id, path or URI (with #record_key in a file of many) or record_key; explain it.

    Raises
    ------
    MissingError : nothing by that name, or several documents; the message lists what is near.
    """
    with Catalogue(lake.store).connect() as connection:

        def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
            return connection.sql(sql, params=list(values)).to_arrow_table().to_pylist()

        path, key = _source(rows, what)
        quarantined = rows(
            "SELECT * FROM quarantine WHERE source_path = ? AND (? = '' OR record_key = ?)", path, key, key
        )
        found = _documents(rows, what, path, key)
        if not found and not quarantined:
            raise MissingError(_nothing(rows, what))
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
        return Explanation(found[0], verdicts, [])


def _documents(rows: Any, what: str, path: str, key: str) -> list[dict[str, Any]]:
    """Find the one document that is meant."""
    if _ID.fullmatch(what):
        found = rows(_DOCUMENT + "starts_with(doc_id, ?) ORDER BY doc_id LIMIT 6", what)
    else:
        found = rows(
            _DOCUMENT + "source_path = ? AND (? = '' OR record_key = ?) ORDER BY record_key LIMIT 6",
            path, key, key,
        )  # fmt: skip
    if not found and what:
        found = rows(_DOCUMENT + "record_key = ? ORDER BY source_path LIMIT 6", what)
    if len(found) > 1:
        names = ", ".join(f"{row['source_path']}#{row['record_key']} ({row['doc_id']})" for row in found)
        raise MissingError(f"{what!r} means several documents; name one of them: {names}")
    return found


def _source(rows: Any, what: str) -> tuple[str, str]:
    """Split a name into the registry's path and a record's key; a path may have a # of its own."""
    first, _, rest = what.partition("#")
    if first.startswith("file://"):
        return _path(rows, location_of(first)) or first, rest
    for end in (len(what), *(at for at, character in enumerate(what) if character == "#")):
        path = _path(rows, what[:end])
        if path is not None:
            return path, what[end + 1 :]
    return first, rest


def _path(rows: Any, given: str) -> str | None:
    """Turn a path of any form into the registry's path, or None."""
    found = rows(
        "SELECT path FROM shard_registry WHERE path = ? OR uri = ? ORDER BY state LIMIT 1",
        given, uri_of(os.path.abspath(given)),
    )  # fmt: skip
    return found[0]["path"] if found else None


def _nothing(rows: Any, what: str) -> str:
    """Return the error for a document that was not found, with similar names."""
    near = rows(
        "SELECT source_path FROM (SELECT DISTINCT source_path FROM raw_shards) "
        "ORDER BY jaccard(source_path, ?) DESC, source_path LIMIT 3",
        what or " ",  # jaccard takes no empty text
    )
    names = ", ".join(row["source_path"] for row in near) or "none"
    return (
        f"{what!r} was asked for; the lake has no document of that doc_id, source or record_key; "
        f"the nearest sources are {names}"
    )


def _verdict(rows: Any, lake: LakeResources, document: dict[str, Any], row: dict[str, Any]) -> Verdict:
    """Gather what a recipe did to a document."""
    doc_id = document["doc_id"]
    witness = rows(_DOCUMENT + "doc_id = ?", row["witness"]) if row["witness"] else []
    similarity = rows(
        "SELECT max_similarity FROM cluster_scores WHERE doc_id = ? AND witness = ?", doc_id, row["witness"]
    )
    return Verdict(
        recipe=row["recipe"], version=row["version"], kept=row["kept"], step=row["step"],
        reason=row["reason"], score=row["score"], threshold=row["threshold"],
        witness=witness[0] if witness else None,
        similarity=similarity[0]["max_similarity"] if similarity else None,
        sentence=_sentence(rows, lake.store, document, row, witness),
        seen=_exposures(rows, lake, doc_id, row["recipe"]),
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
        values={**_first(rows("SELECT * FROM quality_signals WHERE doc_id = ?", doc_id)), **scores},
        kind=document["kind"],
        witness=_name(witness[0]) if witness else "a document that is no longer in the lake",
        witness_kept=bool(kept and kept[0]["kept"]),
        cluster_size=_cluster_size(rows, recipe, row, scores),
    )
    return explanation(recipe.steps, facts)


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
    """Name a document as a person would ask for it."""
    return f"{row['source_path']}#{row['record_key']}" if row["record_key"] else str(row["source_path"])


def _exposures(rows: Any, lake: LakeResources, doc_id: str, recipe: str) -> list[Exposure]:
    """Compute at which steps of which runs of a recipe a document was seen."""
    seen: list[Exposure] = []
    for run in rows("SELECT * FROM training_runs WHERE recipe = ? ORDER BY run_id", recipe):
        schedule = lake.store.manifest("epoch_schedules", recipe, run["schedule_version"])
        if schedule is None:
            continue
        config = json.loads(run["config"])
        ids, planned = schedule_of(epoch_schedules.reader(lake), schedule, config.get("order_seed"))
        at = int(positions(ids, np.array([doc_id], "S32"))[0])
        per_step = config["window_tokens"] * config["batch_windows"]
        steps = steps_that_saw(planned, at, per_step).tolist() if at >= 0 else []
        seen.append(Exposure(run["run_id"], run["mixture_version"], steps))
    return seen

"""What the verbs of lineage answer: a line for a person, and rows."""

import dataclasses
import json
from typing import Any

import duckdb
import pyarrow as pa

from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.prune.pruned_mixtures import pruned_mixtures
from assets.publish.database import Catalogue
from guyot.errors import MissingError
from jobs.cli.documents import asking, document_of
from jobs.cli.exposures import exposures, runs_of

_SAW = pa.schema(
    [("run_id", pa.string()), ("recipe", pa.string()), ("seed", pa.int64()), ("epoch", pa.int64()),
     ("first_step", pa.int64()), ("last_step", pa.int64()), ("tokens", pa.int64()),
     ("mixture_version", pa.string())]
)  # fmt: skip
_INPUTS = pa.schema([("input", pa.string()), ("name", pa.string()), ("value", pa.string())])
_RUNS = pa.schema(
    [("run_id", pa.string()), ("recipe", pa.string()), ("seed", pa.int64()), ("mixture_version", pa.string()),
     ("tokens", pa.int64()), ("unit", pa.string()), ("steps", pa.int64()), ("weights", pa.string()),
     ("reported_by", pa.string())]
)  # fmt: skip
_DIFFERENCE = """
WITH one AS (
    SELECT doc_id, kept, step, reason FROM pruned_mixtures WHERE recipe = $one AND version = $one_version),
other AS (
    SELECT doc_id, kept, step, reason FROM pruned_mixtures WHERE recipe = $other AND version = $other_version)
SELECT doc_id, coalesce(one.kept, false) AS one_keeps, coalesce(other.kept, false) AS other_keeps,
       one.doc_id IS NOT NULL AS in_one, other.doc_id IS NOT NULL AS in_other,
       one.step AS one_step, one.reason AS one_reason, other.step AS other_step, other.reason AS other_reason
FROM one FULL JOIN other USING (doc_id)
"""


_ROWS = """
SELECT CASE WHEN one_keeps THEN $one ELSE $other END AS kept_by, doc_id, source_path, record_key,
       CASE WHEN one_keeps AND in_other THEN 'dropped by ' || other_step || ', ' || other_reason
            WHEN other_keeps AND in_one THEN 'dropped by ' || one_step || ', ' || one_reason
            ELSE 'not in its snapshot' END AS by_the_other
FROM difference LEFT JOIN raw_shards USING (doc_id) WHERE one_keeps <> other_keeps
ORDER BY kept_by, source_path, record_key, doc_id LIMIT $limit
"""
_COUNTS = """
SELECT count(*) FILTER (one_keeps AND other_keeps) AS both,
       count(*) FILTER (one_keeps AND NOT other_keeps) AS only_one,
       count(*) FILTER (other_keeps AND NOT one_keeps) AS only_other FROM difference
"""
_VERSION = """
SELECT DISTINCT version, live FROM lake_files
WHERE "table" = 'pruned_mixtures' AND key = ? AND CASE WHEN ? = '' THEN live ELSE version = ? END
"""
_HELD = "SELECT DISTINCT key FROM lake_files WHERE \"table\" = 'pruned_mixtures' ORDER BY key"
_ALL_ROWS, _SHOWN = 2**62, 10


@dataclasses.dataclass(frozen=True)
class Answer:
    """A line for a person, and rows."""

    summary: str
    rows: pa.Table


def runs_that_saw(lake: LakeResources, what: str) -> Answer:
    """List the runs that read a document: a row for each stretch of adjacent steps of an epoch.

    Raises
    ------
    MissingError : there is no such document, or several are meant.
    """
    with Catalogue(lake.store).connect() as connection:
        document = document_of(asking(connection), what)
        runs = runs_of(asking(connection))
    found = exposures(lake, runs, document["doc_id"])
    rows = [
        {"run_id": one.run_id, "recipe": one.recipe, "seed": one.seed, "mixture_version": one.mixture_version,
         **dataclasses.asdict(visit)}
        for one in found for visit in one.visits or ()
    ]  # fmt: skip
    key = f"#{document['record_key']}" if document["record_key"] else ""
    readers, unknown = sum(bool(one.visits) for one in found), sum(one.visits is None for one in found)
    summary = (
        f"{document['source_path']}{key} ({document['doc_id']}, {document['split']}): "
        f"read by {readers} of {len(found)} runs"
    )
    if unknown:
        summary += f"; of {unknown} others the order was planned by an older version and is not known here"
    return Answer(summary, pa.Table.from_pylist(rows, _SAW))


def inputs_of_run(lake: LakeResources, name: str) -> Answer:
    """List what a run consumed, each with its version or value.

    Parameters
    ----------
    name : a run_id, or recipe/seed for the newest run of these

    Raises
    ------
    MissingError : there is no such run; the message lists those that there are.
    """
    with Catalogue(lake.store).connect() as connection:
        run = _run_of(runs_of(asking(connection)), name)
    about = "of the initial weights"
    rows = [
        ("run", "run_id", run["run_id"]),
        ("seed", about, str(run["seed"])),
        ("init", f"digest {about}", run["init"]),
        ("pruned_mixtures", run["recipe"], run["mixture_version"]),
        ("epoch_schedules", run["recipe"], run["schedule_version"]),
        ("tokenizer", "all", run["tokenizer_version"]),
        (
            "code",
            "version of the run's code" if run.get("reads") else "version of training_runs",
            run["code_version"],
        ),
        *_reported(run),
    ]
    rows += [("config", key, json.dumps(value)) for key, value in sorted(json.loads(run["config"]).items())]
    mixture = pruned_mixtures.reader(lake).manifest("pruned_mixtures", run["recipe"], run["mixture_version"])
    if mixture is not None:
        rows += [
            (table, shard, version)
            for shard, versions in sorted(snapshot_of(mixture).shards.items())
            for table, version in sorted(versions.items())
        ]
    summary = (
        f"{run['run_id']}: {run['tokens']:,} {run.get('unit') or 'tokens'} in {run['steps']:,} steps of "
        f"mixture {run['recipe']} {run['mixture_version']}; its weights are {_weights_of(run)}"
    )
    columns = dict(zip(_INPUTS.names, map(list, zip(*rows, strict=True)), strict=True))
    return Answer(summary, pa.table(columns, schema=_INPUTS))


def difference(lake: LakeResources, one: str, other: str, limit: int) -> Answer:
    """List the documents that one of two mixtures keeps, with what the other did to them.

    Parameters
    ----------
    one, other : recipe, or recipe@version; without a version the live one
    limit : rows at most; 0: all

    Raises
    ------
    MissingError : the lake has no such mixture.
    """
    with Catalogue(lake.store).connect() as connection:
        names = [_mixture_of(connection, name) for name in (one, other)]
        keys = ("one", "one_version", "other", "other_version")
        asked = dict(zip(keys, (part for name in names for part in name), strict=True))
        connection.execute(f"CREATE TEMP TABLE difference AS {_DIFFERENCE}", asked)
        (counts,) = asking(connection)(_COUNTS)
        shown = {"one": one, "other": other, "limit": limit or _ALL_ROWS}
        rows = connection.sql(_ROWS, params=shown).to_arrow_table()
    summary = (
        f"{counts['both']:,} documents are kept by both, {counts['only_one']:,} by {one} alone, "
        f"{counts['only_other']:,} by {other} alone"
    )
    more = counts["only_one"] + counts["only_other"] - rows.num_rows
    return Answer(f"{summary}; {more:,} rows are not shown (--limit)" if more else summary, rows)


def all_runs(lake: LakeResources) -> Answer:
    """List all runs: Guyot's own, and those that were done elsewhere and reported."""
    with Catalogue(lake.store).connect() as connection:
        found = runs_of(asking(connection))
    n_reported = sum(bool(run.get("reads")) for run in found)
    rows = [
        {
            **run,
            "reported_by": run.get("by"),
            "unit": run.get("unit") or "tokens",
            "weights": _weights_of(run),
        }
        for run in found
    ]
    summary = f"{len(found)} runs, {n_reported} of them done elsewhere and reported"
    return Answer(summary, pa.Table.from_pylist(rows, _RUNS))


def _weights_of(run: dict[str, Any]) -> str:
    """Name the files of a run's weights."""
    if not run.get("reads"):
        return str(run["checkpoint"])
    return ", ".join(one["path"] for one in json.loads(run["checkpoint"])) or "not reported"


def _reported(run: dict[str, Any]) -> list[tuple[str, str, str]]:
    """List what a run that was done elsewhere reported beyond what one of Guyot's records."""
    if not run.get("reads"):
        return []
    said = {
        name: str(run[name]) for name in ("unit", "first_position", "end_position", "batch_size", "by", "at")
    }
    reads = {name: json.dumps(value) for name, value in json.loads(run["reads"]).items()}
    files = [("checkpoint", one["path"], one["digest"]) for one in json.loads(run["checkpoint"])]
    return [
        *(("reported", *pair) for pair in said.items()),
        *(("order", *pair) for pair in reads.items()),
        *files,
    ]


def _run_of(runs: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Find a run by its id, or by recipe/seed."""
    found = [run for run in runs if name == run["run_id"]]
    # recipe/seed is a name of the graph's own runs alone
    found += [r for r in runs if name == f"{r['recipe']}/{r['seed']}" and not r.get("reads")]
    if not found:
        held = ", ".join(run["run_id"] for run in runs[:_SHOWN]) or "none"
        raise MissingError(f"run {name!r} was asked for; the lake has {len(runs)} runs: {held}")
    return found[-1]


def _mixture_of(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, str]:
    """Return the recipe and the version of a mixture."""
    recipe, _, version = name.partition("@")
    found = connection.execute(_VERSION, [recipe, version, version]).fetchall()
    if not found:
        held = ", ".join(key for (key,) in connection.execute(_HELD).fetchall()) or "nothing"
        raise MissingError(f"mixture {name!r} was asked for; the lake has those of {held}")
    return recipe, found[0][0]

# pyright: standard, reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# (pyarrow has no types)
"""Why a document of a lake was kept or dropped, in a sentence."""

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from guyot.errors import MissingError
from guyot.lake.mixture import LakeMixture
from guyot.lake.names import (
    CLUSTER,
    DOC_ID,
    DOCUMENTS,
    EVALUATION_RECORDS,
    EVALUATION_SET,
    KEPT,
    KIND,
    RECORD_KEY,
    SCORES,
    SIGNALS,
    SOURCE,
    STEP,
    WITNESS,
)
from guyot.lake.versions import Versions
from guyot.prune import ExplanationInputs, explain, names_of

_DOC_ID = re.compile(r"[0-9a-f]{8,32}")
_SHOWN = 6


@dataclass(frozen=True)
class FoundDocument:
    """A document and its shard."""

    shard: str
    doc_id: str
    name: str
    kind: str


def find(versions: Versions, document: str) -> FoundDocument:
    """Find a document by its path, path#record_key or doc_id.

    Raises
    ------
    MissingError : there is none, or several are meant; the message lists some of them.
    """
    matches: list[FoundDocument] = []
    for shard in versions.keys(DOCUMENTS):
        rows = versions.rows(versions.version(DOCUMENTS, shard), [DOC_ID, SOURCE, RECORD_KEY, KIND])
        matches += [_found(shard, row) for row in rows.filter(_matches(rows, document)).to_pylist()]
    if not matches:
        raise MissingError(
            f"document {document!r} was asked for; the lake {versions.place} has none of that path or "
            "doc_id; give a path relative to the source, with #record_key in a file of many"
        )
    if len(matches) > 1:
        names = ", ".join(f"{one.name} ({one.doc_id})" for one in matches[:_SHOWN])
        raise MissingError(
            f"{document!r} means {len(matches):,} documents; name one of them, such as {names}"
        )
    return matches[0]


def explanation(versions: Versions, mixture: LakeMixture, document: FoundDocument) -> str:
    """Explain what a mixture did with a document, and why."""
    row = _row(mixture.decisions, document.doc_id)
    if row is None:
        return "it came after the snapshot that this mixture is of"
    witness = _row(mixture.decisions, row[WITNESS]) if row[WITNESS] else None
    signals = _row(versions.rows(versions.version(SIGNALS, document.shard)), document.doc_id)
    scores = _row(versions.rows(versions.version(SCORES)), document.doc_id) or {}
    facts = ExplanationInputs(
        **{name: row[name] for name in (KEPT, STEP, "reason", "score", "threshold")},
        values={**(signals or {}), **scores},
        kind=document.kind,
        witness=_name_of(versions, mixture, row[WITNESS]) if row[WITNESS] else "",
        witness_kept=bool(witness and witness[KEPT]),
        cluster_size=_cluster_size(versions, mixture, row, scores),
    )
    fate = "kept" if row[KEPT] else f"dropped by {row[STEP]}"
    return f"{fate}: {explain(mixture.recipe.steps, facts)}"


def _matches(rows: pa.Table, document: str) -> pa.ChunkedArray:
    """Return the mask of matching rows: by path, by path and key, or by the start of a doc_id."""
    named = pc.equal(rows[SOURCE], document)
    for place in (place for place, character in enumerate(document) if character == "#"):
        of_file = pc.equal(rows[SOURCE], document[:place])
        named = pc.or_(named, pc.and_(of_file, pc.equal(rows[RECORD_KEY], document[place + 1 :])))
    if _DOC_ID.fullmatch(document):
        named = pc.or_(named, pc.starts_with(rows[DOC_ID], document))
    return named


def _found(shard: str, row: dict[str, Any]) -> FoundDocument:
    """Name a document as a person would ask for it."""
    name = f"{row[SOURCE]}#{row[RECORD_KEY]}" if row[RECORD_KEY] else row[SOURCE]
    return FoundDocument(shard, row[DOC_ID], name, row[KIND])


def _row(table: pa.Table, doc_id: str) -> dict[str, Any] | None:
    """Return the row of a document."""
    rows = table.filter(pc.equal(table[DOC_ID], doc_id)).to_pylist()
    return rows[0] if rows else None


def _cluster_size(
    versions: Versions, mixture: LakeMixture, row: dict[str, Any], scores: dict[str, Any]
) -> int | None:
    """Count the documents of a cluster that reached the step which dropped one of them, if that matters."""
    steps = mixture.recipe.steps
    names = list(names_of(steps))
    if not scores or row[STEP] not in names or not steps[names.index(row[STEP])].explains_with_cluster_size:
        return None
    clusters = versions.rows(versions.version(SCORES), [DOC_ID, CLUSTER])
    of_cluster = clusters.filter(pc.equal(clusters[CLUSTER], scores[CLUSTER]))[DOC_ID]
    decisions = mixture.decisions
    reached = pc.or_(decisions[KEPT], pc.is_in(decisions[STEP], pa.array(names[names.index(row[STEP]) :])))
    left = decisions.filter(pc.fill_null(reached, False))
    return int(pc.sum(pc.is_in(left[DOC_ID], of_cluster)).as_py() or 0)


def _name_of(versions: Versions, mixture: LakeMixture, doc_id: str) -> str:
    """Name a document of a mixture's snapshot, or an evaluation record."""
    rows = mixture.rows
    found = rows.filter(pc.equal(rows[DOC_ID], doc_id)).to_pylist()
    if found:
        return _found("", found[0]).name
    if versions.keys(EVALUATION_RECORDS):
        columns = [DOC_ID, EVALUATION_SET, RECORD_KEY]
        record = _row(versions.rows(versions.version(EVALUATION_RECORDS), columns), doc_id)
        if record:
            return " of ".join(name for name in (record[RECORD_KEY], record[EVALUATION_SET]) if name)
    return "a document that is no longer in the lake"

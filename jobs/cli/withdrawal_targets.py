"""What a person means who withdraws: a document or a source file, by the names that other verbs take."""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.compute as pc

from assets.graph.lake import LakeResources
from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import FILE, TEXT, WITHDRAWN, Withdrawal
from assets.publish.database import Catalogue
from guyot.errors import MissingError
from guyot.identity import content_digest
from jobs.cli.documents import asking, document_of, source_of

_SHOWN = 10
_MIN_DIGITS = 8  # of an id, as where documents are asked for


def targets_of(lake: LakeResources, names: Sequence[str], *, reason: str, by: str) -> list[Withdrawal]:
    """Find the documents and source files that are meant; what is withdrawn already is one of them too.

    Raises
    ------
    MissingError : a name means nothing, or several documents; the message lists what is near.
    """
    known = in_force(lake)
    with Catalogue(lake.store).connect() as connection:
        return [_joined(known, _target(lake, asking(connection), known, name, reason, by)) for name in names]


def in_force(lake: LakeResources) -> list[Withdrawal]:
    """List what is withdrawn today, the oldest first."""
    found = [withdrawals.read(lake.store, entry) for entry in withdrawals.entries(lake.store)]
    return sorted((one for one in found if one.state == WITHDRAWN), key=lambda one: (one.at, one.name))


def to_restore(lake: LakeResources, names: Sequence[str]) -> list[Withdrawal]:
    """Find the withdrawals that are meant, among those in force.

    Raises
    ------
    MissingError : a name means none of them.
    """
    known, found = in_force(lake), dict[str, Withdrawal]()
    for name in names:
        meant = _named(known, name)
        if not meant:
            what = ", ".join(f"{label(one)} ({one.name})" for one in known[-_SHOWN:]) or "nothing"
            raise MissingError(
                f"{name!r} was to be restored; {len(known)} withdrawals are in force: {what}; "
                "name one of these"
            )
        found |= {one.name: one for one in meant}
    return list(found.values())


def label(one: Withdrawal) -> str:
    """Name what is withdrawn: the path of a file, path#key of a record."""
    first = one.rows[0]
    return f"{first['source_path']}#{first['record_key']}" if first["record_key"] else first["source_path"]


def now() -> str:
    """Return the time, finer than two commands can follow one another."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def _target(
    lake: LakeResources, rows: Any, known: Sequence[Withdrawal], name: str, reason: str, by: str
) -> Withdrawal:
    """Find what is meant in the catalogue or, where it has gone from there, among what is withdrawn."""
    try:
        return Withdrawal(_rows_of(lake, rows, name), reason, by, now())
    except MissingError:
        meant = _named(known, name)
        if not meant:
            raise
        return meant[0]


def _joined(known: Sequence[Withdrawal], one: Withdrawal) -> Withdrawal:
    """Return a withdrawal with what it has already; where nothing is new, as it is."""
    before = next((other for other in known if other.name == one.name), None)
    if before is None:
        return one
    more = tuple(row for row in one.rows if row not in before.rows)
    whole = dataclasses.replace(one, rows=(*before.rows, *more), shards=before.shards)
    return whole if more and one.is_file else before


def _named(known: Sequence[Withdrawal], name: str) -> list[Withdrawal]:
    """Find withdrawals in force by id, by their document's doc_id or by the source that they name."""
    found: list[Withdrawal] = []
    for one in known:
        ids = [one.name, *(row["doc_id"] for row in one.rows if not one.is_file)]
        is_meant = len(name) >= _MIN_DIGITS and any(digits.startswith(name) for digits in ids)
        if is_meant or name == label(one):
            found.append(one)
    return found


def _rows_of(lake: LakeResources, rows: Any, name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a withdrawal: of a file and its documents, or of one document."""
    path, key = source_of(rows, name)
    if not key and rows("SELECT path FROM shard_registry WHERE path = ?", path):
        return tuple(_rows_of_file(lake, path))
    document = document_of(rows, name)
    digest = content_digest(document["content"].encode())
    return (_row(TEXT, document["source_path"], document["record_key"], document["doc_id"], digest),)


def _rows_of_file(lake: LakeResources, path: str) -> Iterator[dict[str, str]]:
    """Yield the row of a file, and one for each document that it has or had in any version of the lake."""
    yield _row(FILE, path, "", "", "")
    columns = ["source_path", "record_key", "doc_id", "content_digest"]
    found: dict[str, dict[str, str]] = {}
    for manifest in lake.store.versions("raw_shards"):
        table = lake.store.table(manifest, columns=columns)
        for row in table.filter(pc.equal(table["source_path"], path)).to_pylist():
            found[row["doc_id"]] = _row(TEXT, *(row[name] for name in columns))
    yield from (found[doc_id] for doc_id in sorted(found))


def _row(kind: str, source_path: str, record_key: str, doc_id: str, digest: str) -> dict[str, str]:
    """Return a row of a withdrawal."""
    return {
        "kind": kind, "source_path": source_path, "record_key": record_key, "doc_id": doc_id,
        "content_digest": digest,
    }  # fmt: skip

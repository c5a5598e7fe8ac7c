"""Withdrawals: texts and source files that must be in no mixture any more, with who said so, when and why.

Each lies in the lake as a partition of its own, so that two people who withdraw at the same moment never
overwrite one another; the shard registry's next version holds them all, as a table.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.graph.tables import ColumnSpec, TableSpec
from guyot.identity import fingerprint
from resources.lake.manifest import ROWS, Manifest
from resources.lake.store import Store
from resources.sources.withdrawn import Withdrawn
from resources.storage.concurrent import concurrent

WITHDRAWN, RESTORED = "withdrawn", "restored"
FILE, TEXT = "file", "text"
_CODE = "1"
WITHDRAWALS = TableSpec(
    "withdrawals",
    "a withdrawn text, or a source file that is withdrawn whatever it holds",
    (
        ColumnSpec("withdrawal", pa.string(), "16 hex digits of the text's hash or of the file's path"),
        ColumnSpec("state", pa.string(), "withdrawn, or restored"),
        ColumnSpec("kind", pa.string(), "file, or text: a document of that file, or the one document"),
        ColumnSpec("source_path", pa.string(), "the source file in which it was", "shard_registry.path"),
        ColumnSpec("record_key", pa.string(), "the record's id or ordinal, where it was one"),
        ColumnSpec("doc_id", pa.string(), "the document that held the text; empty of a file"),
        ColumnSpec("content_digest", pa.string(), "hash of the text; empty of a file"),
        ColumnSpec("reason", pa.string(), "why, as it was said"),
        ColumnSpec("by", pa.string(), "who withdrew or restored it"),
        ColumnSpec("at", pa.string(), "UTC time at which it was withdrawn or restored"),
    ),
    file="withdrawals.parquet",
    key_columns=(),
)


@dataclasses.dataclass(frozen=True)
class Withdrawal:
    """A source file or a text that is withdrawn, or was.

    rows : of WITHDRAWALS, without the columns below; the first is the file's, if it is one
    shards : those whose documents it changes, so that they are made anew
    """

    rows: tuple[dict[str, str], ...]
    reason: str
    by: str
    at: str
    state: str = WITHDRAWN
    shards: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its id: of the file's path, or of the text."""
        first = self.rows[0]
        return fingerprint([first["kind"], first["source_path" if self.is_file else "content_digest"]])

    @property
    def is_file(self) -> bool:
        """Whether a whole source file is withdrawn."""
        return self.rows[0]["kind"] == FILE

    @property
    def files(self) -> set[str]:
        """The path of the source file that is withdrawn, if one is."""
        return {row["source_path"] for row in self.rows if row["kind"] == FILE}

    @property
    def texts(self) -> set[str]:
        """The hashes of the texts that are withdrawn."""
        return {row["content_digest"] for row in self.rows if row["kind"] == TEXT}


def write(store: Store, one: Withdrawal) -> None:
    """Write a withdrawal; the shard registry must be recorded again to know it."""
    said = {name: getattr(one, name) for name in ("state", "reason", "by", "at")}
    settings = {**said, "shards": sorted(one.shards), "rows": fingerprint([*one.rows])}
    with store.write(WITHDRAWALS.name, one.name, inputs={}, settings=settings, code=_CODE) as writer:
        rows = [{"withdrawal": one.name, **row, **said} for row in one.rows]
        writer.table(pa.Table.from_pylist(rows, WITHDRAWALS.schema))
        writer.facts["shards"] = sorted(one.shards)


def entries(store: Store) -> list[Manifest]:
    """Return the newest version of every withdrawal, also of those that were undone."""
    return concurrent(lambda key: store.required(WITHDRAWALS.name, key), store.partitions(WITHDRAWALS.name))


def read(store: Store, entry: Manifest) -> Withdrawal:
    """Read a withdrawal."""
    rows = _table(store, entry).to_pylist()
    said = {name: rows[0][name] for name in ("state", "reason", "by", "at")}
    names = ("kind", "source_path", "record_key", "doc_id", "content_digest")
    plain = tuple({name: row[name] for name in names} for row in rows)
    return Withdrawal(plain, **said, shards=tuple(entry.facts["shards"]))


def table_of(store: Store, found: Sequence[Manifest]) -> pa.Table:
    """Return withdrawals as one table."""
    tables = concurrent(lambda entry: _table(store, entry), found)
    return pa.concat_tables([WITHDRAWALS.schema.empty_table(), *tables])


def _table(store: Store, entry: Manifest) -> pa.Table:
    """Read a withdrawal's rows, whole and in this thread.

    A command that lists them ends right after: a thread of Arrow's that still held a file of Python's then
    would abort the process.
    """
    with pq.ParquetFile(pa.BufferReader(store.checked(entry, ROWS))) as file:
        return file.read(use_threads=False)


def stamps_of(found: Sequence[Manifest]) -> dict[str, str]:
    """Return, for each shard that withdrawals name, a hash of these: it never comes back to an earlier value.

    So a shard is made anew when one of its documents is withdrawn and when it is restored, and no other is.
    """
    of_shards: dict[str, list[list[str]]] = {}
    for entry in sorted(found, key=lambda entry: entry.key):
        for shard in entry.facts["shards"]:
            of_shards.setdefault(shard, []).append([entry.key, entry.version])
    return {shard: fingerprint(named) for shard, named in sorted(of_shards.items())}


def in_force(table: pa.Table) -> Withdrawn:
    """Return what is withdrawn by a table of withdrawals; what was restored is not."""
    files: dict[str, str] = {}
    texts: dict[str, str] = {}
    for row in table.to_pylist():
        if row["state"] == WITHDRAWN and row["kind"] == FILE:
            files[row["source_path"]] = detail_of(row)
        elif row["state"] == WITHDRAWN:
            texts.setdefault(row["content_digest"], detail_of(row))
    return Withdrawn(texts, files)


def detail_of(row: Mapping[str, Any]) -> str:
    """Return what quarantine says of a record that a withdrawal took; it begins with the withdrawal's id."""
    return f"{row['withdrawal']}: {row['reason']}"

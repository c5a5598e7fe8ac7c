"""The shard registry: every source file ever seen, and the shard that it belongs to permanently."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from resources.sources.local_listing import location_of

LIVE = "live"
REMOVED = "removed"


@dataclass(frozen=True)
class Entry:
    """One source file: a row of shard_registry.

    uri : where it is, as a URI; location : the same as a path to open, or the URI on S3
    path : relative to the source root, with forward slashes; what it is called everywhere else
    kind : jsonl, parquet, tar, metadata, or the kind of the one document; "" where it is unknown
    source_group : first directory of the path, or the path itself in the root
    split_unit : train or held_out for the whole file, record where each record has its own; "" with
        a problem, and of metadata
    etag : "bytes-mtime_ns-ctime_ns", or S3's ETag; while it is unchanged, the file is not read again
    digest : BLAKE2b of the bytes, 32 hex digits, or the ETag on S3; "" with a problem
    problem, detail : why it cannot be read at all (a reason of `resources.sources.records`), or ""
    shard, state : its shard, and live or removed
    first_seen, last_changed : ISO times; last_changed changes only with digest, problem or state
    """

    uri: str
    path: str
    kind: str
    source_group: str
    split_unit: str
    bytes: int
    etag: str
    digest: str
    problem: str
    detail: str
    shard: str = ""
    state: str = LIVE
    first_seen: str = ""
    last_changed: str = ""

    @property
    def location(self) -> str:
        """The path to open the file by."""
        return location_of(self.uri)


_ARROW_TYPES = {str: pa.string(), int: pa.int64()}
SCHEMA = pa.schema([(f.name, _ARROW_TYPES[f.type]) for f in dataclasses.fields(Entry)])


def table_of(entries: Iterable[Entry]) -> pa.Table:
    """Return entries as a table of SCHEMA, sorted by path."""
    rows = [vars(entry) for entry in sorted(entries, key=lambda entry: entry.path)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def entries_of(table: pa.Table) -> list[Entry]:
    """Return the rows of a registry table as entries, in its order."""
    return [Entry(**row) for row in table.select(SCHEMA.names).to_pylist()]


def live_shards(table: pa.Table) -> list[str]:
    """List the shards with a live file, in order."""
    live = table.filter(pc.field("state") == LIVE)
    return sorted(live["shard"].unique().to_pylist())


def n_numbered(shards: Iterable[str]) -> int:
    """Return how many numbers shards have taken.

    Examples
    --------
    >>> n_numbered(["shard-00004", "shard-00021"]), n_numbered([])
    (22, 0)
    """
    return 1 + max((int(shard.rpartition("-")[2]) for shard in set(shards)), default=-1)


def live_entries(table: pa.Table, shard: str) -> list[Entry]:
    """Return the live files of one shard, by path: what `batches` takes."""
    return live_by_shard(table.filter(pc.equal(table["shard"], shard))).get(shard, [])


def live_by_shard(table: pa.Table) -> dict[str, list[Entry]]:
    """Return the live files of each shard that has some, by path; the shards in order."""
    found: dict[str, list[Entry]] = {shard: [] for shard in live_shards(table)}
    for entry in entries_of(table):
        if entry.state == LIVE:
            found[entry.shard].append(entry)
    return {shard: sorted(entries, key=lambda entry: entry.path) for shard, entries in found.items()}


def group_into_shards(sizes: dict[str, int], *, shard_bytes: int, first_shard: int) -> dict[str, str]:
    """Fill new shards with new files, in the order of their paths.

    Parameters
    ----------
    sizes : bytes of each new file, by path
    shard_bytes : a shard is closed before it would exceed this; a larger file has its own shard
    first_shard : number of the first new shard

    Returns
    -------
    The name of each path's shard.

    Examples
    --------
    >>> group_into_shards({"b": 6, "a": 4, "c": 99, "d": 1}, shard_bytes=10, first_shard=2)
    {'a': 'shard-00002', 'b': 'shard-00002', 'c': 'shard-00003', 'd': 'shard-00004'}
    """
    shards: dict[str, str] = {}
    number, filled = first_shard, 0
    for path in sorted(sizes):
        if filled and filled + sizes[path] > shard_bytes:
            number, filled = number + 1, 0
        shards[path] = f"shard-{number:05d}"
        filled += sizes[path]
    return shards


def merge(previous: Iterable[Entry], found: Iterable[Entry], *, shard_bytes: int, now: str) -> list[Entry]:
    """Update the registry: a known file keeps its shard, new files go into new shards.

    Parameters
    ----------
    previous : every file ever seen
    found : the files that exist now; their shard, state and times are ignored
    now : ISO time, set on entries that changed

    Returns
    -------
    Every file ever seen, by path; those not found are `removed` and keep their shard.

    Examples
    --------
    >>> file = Entry("/s/a.py", "a.py", "python", "a.py", "train", 1, "1-1", "d", "", "")
    >>> first = merge([], [file], shard_bytes=10, now="monday")
    >>> merge(first, [], shard_bytes=10, now="tuesday")[0].state
    'removed'
    """
    old = {entry.path: entry for entry in previous}
    new = {entry.path: entry for entry in found}
    first_shard = n_numbered(entry.shard for entry in old.values())
    sizes = {path: entry.bytes for path, entry in new.items() if path not in old}
    shards = group_into_shards(sizes, shard_bytes=shard_bytes, first_shard=first_shard)
    merged = {path: _removed(entry, now) for path, entry in old.items() if path not in new}
    for path, entry in new.items():
        if path in old:
            merged[path] = _carried(old[path], entry, now)
        else:
            merged[path] = dataclasses.replace(
                entry, shard=shards[path], state=LIVE, first_seen=now, last_changed=now
            )
    return [merged[path] for path in sorted(merged)]


def _removed(entry: Entry, now: str) -> Entry:
    """Mark a file as removed, if it is not yet."""
    if entry.state == REMOVED:
        return entry
    return dataclasses.replace(entry, state=REMOVED, last_changed=now)


def _carried(old: Entry, found: Entry, now: str) -> Entry:
    """Update a known file."""
    same = (old.state, old.digest, old.problem) == (LIVE, found.digest, found.problem)
    return dataclasses.replace(
        found,
        shard=old.shard,
        state=LIVE,
        first_seen=old.first_seen,
        last_changed=old.last_changed if same else now,
    )

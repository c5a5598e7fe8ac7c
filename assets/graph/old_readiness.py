"""Whether the live versions of a shard's tables belong together: each made from what is live now."""

import dataclasses

from assets.ingest import raw_shards
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.storage.concurrent import concurrent

# what a shard's table is made from, of the same shard and of the whole lake; in the order of the graph
_OF_SHARD = {
    "raw_shards": None,
    "quality_signals": "raw_shards",
    "embeddings": "raw_shards",
    "cluster_assignments": "embeddings",
}
_OF_LAKE = {"quality_signals": "tokenizer", "cluster_assignments": "centroids"}
TABLES = tuple(_OF_SHARD)
_FIRST = "shard_registry"
_TOLD = 3


@dataclasses.dataclass(frozen=True)
class Readiness:
    """The live manifests of each live shard, and the shards that wait, by the asset to be made."""

    manifests: dict[str, dict[str, Manifest]]
    waiting: dict[str, list[str]]

    @property
    def said(self) -> str:
        """Say which shards wait for what."""
        total = len(self.manifests)
        told = [
            f"{len(shards)} of {total} shards wait for {table} "
            f"({', '.join(shards[:_TOLD])}{', ...' if len(shards) > _TOLD else ''})"
            for table, shards in self.waiting.items()
        ]
        return f"{', '.join(told)}; materialize {next(iter(self.waiting), 'nothing')} first"


def look(store: Store, tables: tuple[str, ...]) -> Readiness:
    """Read the live versions of some tables, and of what they are made from.

    A table is ready if its version was made from the live versions before it: documents from the files
    that are live now, so that a snapshot never holds a file that was withdrawn, signals and embeddings
    from those documents, assignments from those embeddings. Where one waits, what follows it does too
    and is not named.
    """
    chain = [table for table in TABLES if any(_needs(wanted, table) for wanted in tables)]
    of_lake = {n: store.current(n) for n in _OF_LAKE.values() if any(_OF_LAKE.get(t) == n for t in chain)}
    lake = {name: None if manifest is None else manifest.content for name, manifest in of_lake.items()}
    listed = raw_shards.listed(store)
    looks = concurrent(lambda shard: _look_at(store, shard, chain, {**lake, _FIRST: listed[shard]}), listed)
    manifests = {shard: ready for shard, (ready, _) in zip(listed, looks, strict=True)}
    waiting = {
        t: [shard for shard, (_, waits) in zip(listed, looks, strict=True) if t in waits] for t in chain
    }
    return Readiness(manifests, {table: shards for table, shards in waiting.items() if shards})


def _look_at(
    store: Store, shard: str, chain: list[str], live: dict[str, str | None]
) -> tuple[dict[str, Manifest], list[str]]:
    """Read a shard's ready tables, and name those that wait.

    Parameters
    ----------
    live : content of what the tables are made from; each that is ready is added
    """
    ready: dict[str, Manifest] = {}
    waits: list[str] = []
    for table in chain:
        before = _OF_SHARD[table] or _FIRST
        if before not in live:
            continue  # what it is made from waits
        manifest = store.current(table, shard)
        inputs = {before, _OF_LAKE.get(table, before)}
        if manifest is None or any(manifest.inputs.get(name) != live[name] for name in inputs):
            waits.append(table)
        else:
            ready[table], live[table] = manifest, manifest.content
    return ready, waits


def _needs(table: str, before: str) -> bool:
    """Say whether a table is, or is made from, another."""
    above: str | None = table
    while above is not None and above != before:
        above = _OF_SHARD[above]
    return above is not None

"""Whether the live versions of a shard's tables belong together: each made from what is live now."""

import dataclasses

from assets import raw_shards
from resources.manifest import Manifest
from resources.store import Store

# what a shard's table is made from, of the same shard and of the whole lake; in the order of the graph
_OF_SHARD = {
    "raw_shards": None,
    "quality_signals": "raw_shards",
    "embeddings": "raw_shards",
    "cluster_assignments": "embeddings",
}
_OF_LAKE = {"quality_signals": "tokenizer", "cluster_assignments": "centroids"}
TABLES = tuple(_OF_SHARD)
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
    manifests: dict[str, dict[str, Manifest]] = {}
    waiting: dict[str, list[str]] = {}
    for shard, files in raw_shards.listed(store).items():
        manifests[shard], live = {}, {**lake, "shard_registry": files}
        for table in chain:
            before = _OF_SHARD[table] or "shard_registry"
            if before not in live:
                continue  # what it is made from waits
            manifest = store.current(table, shard)
            made_from = {before, _OF_LAKE.get(table, before)}
            if manifest is None or any(manifest.inputs.get(n) != live[n] for n in made_from):
                waiting.setdefault(table, []).append(shard)
            else:
                manifests[shard][table], live[table] = manifest, manifest.content
    return Readiness(manifests, {table: waiting[table] for table in TABLES if table in waiting})


def _needs(table: str, before: str) -> bool:
    """Say whether a table is, or is made from, another."""
    above: str | None = table
    while above is not None and above != before:
        above = _OF_SHARD[above]
    return above is not None

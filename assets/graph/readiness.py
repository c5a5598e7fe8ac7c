"""Whether the live versions of a shard's tables belong together: each made from what is live now."""

import dataclasses
from collections.abc import Mapping, Sequence

from assets.graph import discover
from assets.graph.asset import LakeAsset
from assets.graph.lake import LakeResources
from assets.graph.reads import Over
from resources.lake.manifest import Manifest
from resources.storage.concurrent import concurrent

_MAX_NAMED = 3


@dataclasses.dataclass(frozen=True)
class Readiness:
    """The live manifests of each live shard, and the shards that wait, by the asset to be made."""

    manifests: dict[str, dict[str, Manifest]]
    waiting: dict[str, list[str]]

    @property
    def message(self) -> str:
        """Name the shards that wait, and for what."""
        total = len(self.manifests)
        parts = [
            f"{len(shards)} of {total} shards wait for {table} "
            f"({', '.join(shards[:_MAX_NAMED])}{', ...' if len(shards) > _MAX_NAMED else ''})"
            for table, shards in self.waiting.items()
        ]
        return f"{', '.join(parts)}; materialize {next(iter(self.waiting), 'nothing')} first"


def look(lake: LakeResources, tables: Sequence[str]) -> Readiness:
    """Read the live versions of some tables of the shards, and of those that they are made from.

    A table is ready if its version was made from the live versions of what it declares: documents from the
    files that are live now, so that a snapshot never holds a file that was withdrawn, signals and embeddings
    from those documents, assignments from those embeddings. Where one waits, what follows it does too and
    is not named.
    """
    chain = [asset for asset in _chain(tables) if asset.fits(lake)]
    shards = lake.shards()
    stated = {a.name: a.inputs(lake, a.reader(lake), shards) if a.inputs else {} for a in chain}
    ones = {read.table for asset in chain for read in asset.reads if read.over is Over.ONE}
    of_lake = {name: _content(lake.store.current(name)) for name in sorted(ones)}
    looks = concurrent(
        lambda shard: _look_at(lake, shard, chain, of_lake, {n: s.get(shard, {}) for n, s in stated.items()}),
        shards,
    )
    manifests = {shard: ready for shard, (ready, _) in zip(shards, looks, strict=True)}
    waiting = {
        asset.name: [shard for shard, (_, waits) in zip(shards, looks, strict=True) if asset.name in waits]
        for asset in chain
    }
    return Readiness(manifests, {table: names for table, names in waiting.items() if names})


def _chain(tables: Sequence[str]) -> list[LakeAsset]:
    """List some assets of the shards and those that they are made from, in order."""
    wanted, waiting = set(tables), list(tables)
    assets = discover.assets()
    while waiting:
        new = {name for name in assets[waiting.pop()].deps if assets[name].is_per_shard} - wanted
        wanted |= new
        waiting += new
    return [asset for name, asset in assets.items() if name in wanted]


def _look_at(
    lake: LakeResources, shard: str, chain: list[LakeAsset], of_lake: Mapping[str, str | None],
    stated: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, Manifest], list[str]]:  # fmt: skip
    """Return a shard's ready tables, and those that are not ready.

    Parameters
    ----------
    of_lake : contents of the tables without partitions
    stated : for each asset, the inputs that it states itself
    """
    ready: dict[str, Manifest] = {}
    waits: list[str] = []
    for asset in chain:
        before = [read.table for read in asset.reads if read.over is Over.SAME and read.is_input]
        if any(table not in ready for table in before):
            continue  # what it is made from waits
        wanted: dict[str, str | None] = {table: ready[table].content for table in before}
        wanted |= {
            read.table: of_lake[read.table] for read in asset.reads if read.over is Over.ONE and read.is_input
        }
        wanted |= stated[asset.name]
        manifest = lake.store.current(asset.name, shard)
        if manifest is None or any(manifest.inputs.get(name) != content for name, content in wanted.items()):
            waits.append(asset.name)
        else:
            ready[asset.name] = manifest
    return ready, waits


def _content(manifest: Manifest | None) -> str | None:
    """Return a version's content, if there is one."""
    return None if manifest is None else manifest.content

"""Dagster's partitions of shards: a shard each or, where there are thousands, a group of neighbours.

Dagster's cost is by the partition, some 30 ms and 12 kB of event log; the lake's is not: whatever the groups,
each shard has its own manifests, and of a group only what is stale is made. Groups go by the shards' numbers,
which stay for good. How large they are a scan alone decides, `size_wanted`; everyone else goes by the
partitions that Dagster has.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_PARTITIONS = 2_000
_GROUP = re.compile(r"shards-(\d+)-(\d+)")
_SHARD = re.compile(r"shard-\d+")


@dataclass(frozen=True)
class ShardPartitions:
    """Some of Dagster's partitions of shards; groups of several sizes may be among them.

    keys : in Dagster's order
    """

    keys: Sequence[str]

    @functools.cached_property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of shards that they have room for, the largest first."""
        return tuple(sorted({size_of(key) for key in self.keys}, reverse=True))

    @functools.cached_property
    def _known(self) -> frozenset[str]:
        """The keys."""
        return frozenset(self.keys)

    def key_of(self, shard: str) -> str | None:
        """Return the partition that holds a shard, or has this name; None where there is none.

        Examples
        --------
        >>> partitions = ShardPartitions(["shards-00016-00031", "shard-00033"])
        >>> [partitions.key_of(shard) for shard in ("shard-00021", "shard-00033", "shard-00032")]
        ['shards-00016-00031', 'shard-00033', None]
        """
        is_shard = _SHARD.fullmatch(shard) is not None
        named = (key_named(shard, size) for size in self.sizes) if is_shard else (shard,)
        return next((key for key in named if key in self._known), None)

    def keys_of(self, shards: Iterable[str]) -> list[str]:
        """Return the partitions that hold some shards, each once, in the order of the shards."""
        return [key for key in dict.fromkeys(map(self.key_of, shards)) if key is not None]

    def shards_of(self, live: Iterable[str]) -> list[str]:
        """Return the shards that they hold: of groups the live ones; last come single ones that are not.

        Examples
        --------
        >>> live = ["shard-00001", "shard-00004", "shard-00007"]
        >>> ShardPartitions(["shards-00000-00003", "shard-00009"]).shards_of(live)
        ['shard-00001', 'shard-00009']
        """
        inside = [shard for shard in live if self.key_of(shard) is not None]
        gone = self._known.difference(inside)
        return [*inside, *(key for key in self.keys if size_of(key) == 1 and key in gone)]


def size_of(key: str) -> int:
    """Return for how many shards a partition has room.

    Examples
    --------
    >>> size_of("shard-00021"), size_of("shards-00016-00031")
    (1, 16)
    """
    group = _GROUP.fullmatch(key)
    return 1 if group is None else int(group[2]) - int(group[1]) + 1


def key_named(shard: str, size: int) -> str:
    """Name the partition that holds a shard where each has room for `size`.

    Examples
    --------
    >>> key_named("shard-00021", 1), key_named("shard-00021", 16)
    ('shard-00021', 'shards-00016-00031')
    """
    if size == 1:
        return shard
    first = int(shard.rpartition("-")[2]) // size * size
    return f"shards-{first:05d}-{first + size - 1:05d}"


def keys_named(shards: Iterable[str], size: int) -> list[str]:
    """Name the partitions that hold some shards, each once, in the order of the shards.

    Examples
    --------
    >>> keys_named([f"shard-{n:05d}" for n in range(5)], 2)
    ['shards-00000-00001', 'shards-00002-00003', 'shards-00004-00005']
    """
    return list(dict.fromkeys(key_named(shard, size) for shard in shards))


def size_now(keys: Sequence[str]) -> int:
    """Return for how many shards Dagster's partitions have room: the largest, 1 where there are none."""
    return max(ShardPartitions(keys).sizes, default=1)


def size_wanted(keys: Sequence[str], n_shards: int, asked: int) -> int:
    """Return how many shards a partition is to have room for.

    Parameters
    ----------
    keys : Dagster's partitions as they are
    n_shards : shards that there ever were, see `resources.sources.registry.n_numbered`
    asked : shards of a partition; 0: as many as now or, where it is more, the least power of two that leaves
        no more than `MOST_PARTITIONS`: it grows and does not shrink

    Examples
    --------
    >>> size_wanted([], 2_000, 0), size_wanted([], 2_001, 0), size_wanted([], 20_000, 0)
    (1, 2, 16)
    """
    return asked or max(size_now(keys), 1 << (-(-max(1, n_shards) // MOST_PARTITIONS) - 1).bit_length())


def names_shards(key: str) -> bool:
    """Return whether a partition is one of shards, by its name."""
    return bool(_GROUP.fullmatch(key) or _SHARD.fullmatch(key))

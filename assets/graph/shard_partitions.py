"""Dagster's partitions of shards: a shard each or, where there are thousands, a group of neighbours.

Dagster's cost is by the partition, some 30 ms and 12 kB of event log; the lake's is not: whatever the groups,
each shard has its own manifests, and of a group only what is stale is made. Groups go by the shards' numbers,
which stay for good, so that a new shard changes no other group.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_PARTITIONS = 2_000
_GROUP = re.compile(r"shards-(\d+)-(\d+)")


@dataclass(frozen=True)
class ShardPartitions:
    """The partitions of a lake's live shards.

    shards : names, sorted
    n_per_partition : shards of a partition, by their numbers
    """

    shards: Sequence[str]
    n_per_partition: int

    @classmethod
    def of(cls, shards: Sequence[str], n_asked: int = 0) -> "ShardPartitions":
        """Group shards.

        Parameters
        ----------
        n_asked : shards of a partition; 0: 1, or the least power of two of which no more than
            `MOST_PARTITIONS` groups reach the last shard

        Examples
        --------
        >>> ShardPartitions.of([f"shard-{n:05d}" for n in range(5)], 2).keys
        ['shards-00000-00001', 'shards-00002-00003', 'shards-00004-00005']
        """
        n_numbers = 1 + max(map(number_of, shards), default=0)
        return cls(shards, n_asked or 1 << (-(-n_numbers // MOST_PARTITIONS) - 1).bit_length())

    @property
    def keys(self) -> list[str]:
        """The partitions, in the order of their shards."""
        return self.keys_of(self.shards)

    def keys_of(self, shards: Iterable[str]) -> list[str]:
        """Return the partitions that hold some shards, each once, in the order of the shards."""
        return list(dict.fromkeys(map(self.key_of, shards)))

    def key_of(self, shard: str) -> str:
        """Return the partition that holds a shard.

        Examples
        --------
        >>> ShardPartitions((), 1).key_of("shard-00021"), ShardPartitions((), 16).key_of("shard-00021")
        ('shard-00021', 'shards-00016-00031')
        """
        if self.n_per_partition == 1:
            return shard
        first = number_of(shard) // self.n_per_partition * self.n_per_partition
        return f"shards-{first:05d}-{first + self.n_per_partition - 1:05d}"

    def shards_of(self, keys: Iterable[str]) -> list[str]:
        """Return the shards of partitions: of a group the live ones, whatever groups there are now.

        Examples
        --------
        >>> partitions = ShardPartitions(["shard-00001", "shard-00004", "shard-00007"], 8)
        >>> partitions.shards_of(["shards-00000-00003", "shard-00009"])
        ['shard-00001', 'shard-00009']
        """
        lone, wanted = list[str](), set[int]()
        for key in keys:
            group = _GROUP.fullmatch(key)
            if group is None:
                lone.append(key)
            else:
                wanted.update(range(int(group[1]), int(group[2]) + 1))
        inside = [shard for shard in self.shards if number_of(shard) in wanted] if wanted else []
        return list(dict.fromkeys((*inside, *lone)))


def number_of(shard: str) -> int:
    """Return a shard's number.

    Examples
    --------
    >>> number_of("shard-00021")
    21
    """
    return int(shard.rpartition("-")[2])

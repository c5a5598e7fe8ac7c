"""What an asset reads: which tables, and which of their partitions for a partition of its own."""

import dataclasses
import enum


class Over(enum.Enum):
    """The partitions of a table that are read for one partition of an asset."""

    SAME = "the partition of the same key"
    ONE = "its only partition"
    SHARDS = "the partition of every live shard"
    OTHER = "partitions that the asset's `inputs` or another input's record name"


@dataclasses.dataclass(frozen=True)
class Read:
    """A table that an asset reads.

    is_input : whether the contents enter the asset's version by themselves; those of `Over.OTHER` enter
        it through the asset's own `inputs`, or through the version of what names them
    """

    table: str
    over: Over
    is_input: bool = True


def same(table: str, *, is_input: bool = True) -> Read:
    """Read the partition of the same key: of the same shard, recipe or run."""
    return Read(table, Over.SAME, is_input)


def one(table: str, *, is_input: bool = True) -> Read:
    """Read the only partition of a table without partitions."""
    return Read(table, Over.ONE, is_input)


def shards(table: str, *, is_input: bool = True) -> Read:
    """Read the partitions of all live shards, as one snapshot."""
    return Read(table, Over.SHARDS, is_input)


def named(table: str) -> Read:
    """Read partitions that `inputs` states, or versions that the record of another input names."""
    return Read(table, Over.OTHER, is_input=False)

"""What the UI shows of a group of shards that is one partition: sums, a row for each, the first's picture."""

import itertools
from collections.abc import Mapping
from typing import Any

import dagster as dg

from resources.lake.manifest import version_of

ROWS = "dagster/row_count"
_MOST_ROWS = 100  # of the table: each is in the event log
_OF_ONE = ("version", "content", "made_by")  # each shard has its own: in the table


def shown(shards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the metadata of a group from its shards': whole numbers summed, all else the first's.

    Parameters
    ----------
    shards : metadata by shard, at least one; each has a row count, bytes, version and content
    """
    found: dict[str, Any] = {}
    for values in shards.values():
        for name, value in values.items():
            if name in _OF_ONE:
                continue
            if isinstance(value, int) and not isinstance(value, bool):
                found[name] = found.get(name, 0) + value
            else:
                found.setdefault(name, value)
    contents = {shard: str(values["content"]) for shard, values in shards.items()}
    return {**found, "content": version_of(contents, {}, ""), "shards": dg.MetadataValue.md(_table(shards))}


def _table(shards: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a row for each shard."""
    lines = [["shard", "rows", "bytes", "version", "made by"], ["---", "---:", "---:", "---", "---"]]
    lines += [
        [shard, f"{values[ROWS]:,}", f"{values['bytes']:,}", values["version"], _made_by(values)]
        for shard, values in itertools.islice(shards.items(), _MOST_ROWS)
    ]
    if len(shards) > _MOST_ROWS:
        lines.append([f"and {len(shards) - _MOST_ROWS:,} more", "", "", "", ""])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _made_by(values: Mapping[str, Any]) -> str:
    """Say whether a shard was made."""
    return str(values.get("made_by", "this run"))

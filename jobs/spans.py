"""Ranges of neighbouring partitions: what one run of Dagster's can have, and the tags that say so."""

from collections.abc import Iterator, Mapping

_ONE = "dagster/partition"
_FIRST, _LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def spans(stale: list[str | None], everything: list[str]) -> Iterator[tuple[str, str] | None]:
    """Join adjacent stale partitions into ranges: one run each."""
    if stale == [None]:
        yield None
        return
    begin, wanted = "", set(stale)
    for place, key in enumerate(everything):
        if key not in wanted:
            continue
        begin = begin or key
        following = everything[place + 1 : place + 2]
        # Runs of recipe x seed are asked for one by one: a range of two dimensions is their product.
        if "|" in key or not wanted.issuperset(following or [None]):
            yield begin, key
            begin = ""


def span_tags(span: tuple[str, str] | None) -> dict[str, str]:
    """Return the tags that make a run one of these partitions."""
    if span is None:
        return {}
    return {_ONE: span[0]} if span[0] == span[1] else {_FIRST: span[0], _LAST: span[1]}


def span_of(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Read the partitions of a run from its tags."""
    if _ONE in tags:
        return tags[_ONE], tags[_ONE]
    return (tags[_FIRST], tags[_LAST]) if _FIRST in tags else None

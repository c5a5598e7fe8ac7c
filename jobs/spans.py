"""Ranges of neighbouring partitions: what one run of Dagster's can have, and the tags that say so."""

import itertools
from collections.abc import Iterator, Mapping

from assets.graph.runs_under_way import FIRST, LAST, PARTITION


def spans(stale: list[str | None], everything: list[str]) -> Iterator[tuple[str, str] | None]:
    """Join adjacent stale partitions into ranges: one run each.

    A range of recipe x seed is the product of a range of each: recipes side by side are joined where the
    same seeds of each are stale, and these are adjacent.

    Parameters
    ----------
    stale : partitions, or None alone for an asset without
    everything : all partitions in Dagster's order
    """
    if stale == [None]:
        yield None
        return
    wanted = set(stale)
    rows = [list(row) for _, row in itertools.groupby(everything, lambda key: key.rpartition("|")[0])]
    begun: list[tuple[str, str]] = []  # of the first row of those that are joined
    last: list[tuple[str, str]] = []
    for row in rows:
        found = list(_ranges(wanted, row))
        if len(found) == len(begun) == 1 and _seeds(found[0]) == _seeds(begun[0]):
            last = found
            continue
        yield from _joined(begun, last)
        begun = last = found
    yield from _joined(begun, last)


def _joined(begun: list[tuple[str, str]], last: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Return the ranges from the first to the last of rows that have the same."""
    for (first, _), (_, end) in zip(begun, last, strict=True):
        yield first, end


def _seeds(span: tuple[str, str]) -> tuple[str, str]:
    """Return the last dimension of a range."""
    return span[0].rpartition("|")[2], span[1].rpartition("|")[2]


def _ranges(wanted: set[str | None], row: list[str]) -> Iterator[tuple[str, str]]:
    """Join adjacent partitions of one dimension."""
    for is_wanted, keys in itertools.groupby(row, wanted.__contains__):
        if is_wanted:
            found = list(keys)
            yield found[0], found[-1]


def span_tags(span: tuple[str, str] | None) -> dict[str, str]:
    """Return the tags that make a run one of these partitions."""
    if span is None:
        return {}
    return {PARTITION: span[0]} if span[0] == span[1] else {FIRST: span[0], LAST: span[1]}


def span_of(tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Read the partitions of a run from its tags."""
    if PARTITION in tags:
        return tags[PARTITION], tags[PARTITION]
    return (tags[FIRST], tags[LAST]) if FIRST in tags else None

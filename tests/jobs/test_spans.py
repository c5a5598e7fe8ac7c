"""Partitions that stand side by side are one run, and the tags of a run say which they are."""

import pytest

from jobs.spans import span_of, span_tags, spans

FIVE = list("abcde")
SIX = ["a|0", "a|1", "b|0", "b|1", "c|0", "c|1"]


@pytest.mark.parametrize(
    ("stale_keys", "everything", "ranges"),
    [
        ([None], [], [None]),
        ([], FIVE, []),
        (FIVE, FIVE, [("a", "e")]),
        (["c"], FIVE, [("c", "c")]),
        (["e", "a", "b", "d"], FIVE, [("a", "b"), ("d", "e")]),
        (["a", "z"], FIVE, [("a", "a")]),
        (["r|0", "r|1"], ["r|0", "r|1"], [("r|0", "r|1")]),
        (SIX, SIX, [("a|0", "c|1")]),
        (["a|0", "a|1", "b|0", "b|1"], SIX, [("a|0", "b|1")]),
        (["a|0", "b|0", "c|0"], SIX, [("a|0", "a|0"), ("b|0", "b|0"), ("c|0", "c|0")]),
        (["a|1", "b|0", "b|1", "c|0"], SIX, [("a|1", "a|1"), ("b|0", "b|1"), ("c|0", "c|0")]),
        (["a|0", "c|0"], ["a|0", "b|0", "c|0"], [("a|0", "a|0"), ("c|0", "c|0")]),
        (["a|0", "b|0"], ["a|0", "b|0", "c|0"], [("a|0", "b|0")]),
    ],
)
def test_neighbours_are_one_range(stale_keys, everything, ranges) -> None:
    assert list(spans(stale_keys, everything)) == ranges


@pytest.mark.parametrize("span", [None, ("a", "a"), ("a", "c")])
def test_tags_name_the_range_that_they_were_made_of(span) -> None:
    assert span_of(span_tags(span)) == span

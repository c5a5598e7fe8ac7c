"""Partitions that stand side by side are one run, and the tags of a run say which they are."""

import pytest

from jobs.spans import span_of, span_tags, spans

FIVE = list("abcde")
NINE = [f"{recipe}|{seed}" for recipe in "abc" for seed in range(3)]
SIX = ["a|0", "a|1", "b|0", "b|1", "c|0", "c|1"]


def product(everything: list[str], span: tuple[str, str]) -> list[str]:
    """List the partitions of a range as Dagster does: of each dimension those between its ends."""
    (first, begin), (last, end) = ((key.rpartition("|")[0], key.rpartition("|")[2]) for key in span)
    recipes, seeds = (list(dict.fromkeys(key.rpartition("|")[i] for key in everything)) for i in (0, 2))
    return [
        key
        for key in everything
        if recipes.index(first) <= recipes.index(key.rpartition("|")[0]) <= recipes.index(last)
        and seeds.index(begin) <= seeds.index(key.rpartition("|")[2]) <= seeds.index(end)
    ]


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
        (["a|0", "b|0", "c|0"], SIX, [("a|0", "c|0")]),
        (["a|1", "c|1"], SIX, [("a|1", "a|1"), ("c|1", "c|1")]),
        (
            ["a|0", "a|2", "b|0", "b|2"],
            NINE,
            [("a|0", "a|0"), ("a|2", "a|2"), ("b|0", "b|0"), ("b|2", "b|2")],
        ),
        (
            ["a|0", "a|1", "b|0", "b|1", "b|2", "c|1", "c|2"],
            NINE,
            [("a|0", "a|1"), ("b|0", "b|2"), ("c|1", "c|2")],
        ),
        (["a|1", "b|0", "b|1", "c|0"], SIX, [("a|1", "a|1"), ("b|0", "b|1"), ("c|0", "c|0")]),
        (["a|0", "c|0"], ["a|0", "b|0", "c|0"], [("a|0", "a|0"), ("c|0", "c|0")]),
        (["a|0", "b|0"], ["a|0", "b|0", "c|0"], [("a|0", "b|0")]),
    ],
)
def test_neighbours_are_one_range(stale_keys, everything, ranges) -> None:
    assert list(spans(stale_keys, everything)) == ranges
    if stale_keys != [None]:
        assert sorted(key for span in ranges for key in product(everything, span)) == sorted(
            key for key in stale_keys if key in everything
        )


@pytest.mark.parametrize("span", [None, ("a", "a"), ("a", "c")])
def test_tags_name_the_range_that_they_were_made_of(span) -> None:
    assert span_of(span_tags(span)) == span

"""The chart of differences: every recipe with its interval, and the line at none."""

from assets.charts import evidence
from resources import pictures


def test_recipes_are_ranked_by_what_they_differ_and_none_is_marked() -> None:
    rows = [
        {"recipe": name, "difference": value, "difference_low": value - 1, "difference_high": value + 1, "verdict": "x"}
        for name, value in (("b", 0.5), ("a", -2.0))
    ]  # fmt: skip
    drawn = pictures.specification(evidence.differences(rows, ["a", "b"]))
    none, rules, points = drawn["layer"]
    assert none["data"]["values"] == [{"none": 0}]
    assert rules["encoding"]["y"]["scale"]["domain"] == ["a", "b"]
    assert (rules["encoding"]["x"]["field"], rules["encoding"]["x2"]["field"]) == (
        "difference_low",
        "difference_high",
    )
    assert points["encoding"]["x"]["field"] == "difference"
    assert rules["data"]["values"] == rows or drawn["data"]["values"] == rows

"""The charts of the evidence: every recipe with its interval or its curve, and the line to compare with."""

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


def test_curves_have_a_line_for_each_recipe_and_a_rule_where_the_baseline_ends() -> None:
    rows = [
        {"recipe": name, "tokens": tokens, "bits_per_byte": bits - tokens / 100}
        for name, bits in (("a", 4.0), ("random", 5.0)) for tokens in (0, 200, 100)
    ]  # fmt: skip
    chart = pictures.specification(evidence.learning_curves(rows, "random", ["a", "random"]))
    lines, points, rule, words = chart["layer"]
    drawn = [row for row in rows if row["tokens"]]
    for layer in (lines, points):
        assert layer.get("data", chart.get("data"))["values"] == drawn
        encoding = layer["encoding"]
        assert (encoding["x"]["field"], encoding["y"]["field"]) == ("tokens", "bits_per_byte")
        assert encoding["color"]["scale"]["domain"] == ["a", "random"]
    assert rule["data"]["values"] == [{"end": 3.0, "says": "random at its end"}]
    assert (rule["encoding"]["y"]["field"], words["encoding"]["text"]["field"]) == ("end", "says")
    alone = pictures.specification(evidence.learning_curves(rows[:3], "random", ["a", "random"]))
    assert len(alone["layer"]) == 2

"""Charts of the factor audit hold their rows, and are drawn."""

import json
from typing import Any

import pytest

from assets.charts import drawing, factors

RATE = {"documents": 9, "removed": 3, "rate": 0.3, "low": 0.1, "high": 0.6}


def values(chart: Any) -> list[list[dict[str, Any]]]:
    """List the rows that a chart's parts hold."""
    found: list[list[dict[str, Any]]] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if "values" in part:
                found.append(part["values"])
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(json.loads(chart.to_json()))
    return found


def test_each_factor_has_a_panel_of_its_levels_up_to_twelve() -> None:
    rows = [{"recipe": "r", "factor": f"f{i}", "level": level, **RATE} for i in range(15) for level in "ab"]
    panels = values(factors.removal_by_level(rows, "r"))
    assert {row["factor"] for own in panels for row in own} == {f"f{i}" for i in range(12)}
    for own in panels:
        assert [row["level"] for row in own] == ["a", "b"]


def test_precision_and_recall_are_lines_and_recipes_are_left_out() -> None:
    nothing = {f"precision{end}": None for end in ("", "_low", "_high")}
    recall = {"recall": 0.2, "recall_low": 0.1, "recall_high": 0.3}
    rows = [
        {"distance_limit": 0.1, **nothing, **recall},
        {"distance_limit": None, **nothing, **recall},
    ]
    (own,) = values(factors.duplicates_by_limit(rows))
    assert own == [{"distance_limit": 0.1, "measure": "recall", "value": 0.2, "low": 0.1, "high": 0.3}]


@pytest.mark.parametrize("name", ["shape", "<script>alert(1)</script>", "a'b\"]"])
def test_every_chart_is_drawn_whatever_a_factor_is_called(name: str) -> None:
    association = [{"recipe": "r", "factor": name, "cramers_v": v} for v in (0.3, None)]
    assert [len(own) for own in values(factors.associations(association))] == [1]
    agreement = [{"recipe": "r", "factor": name, "share": 0.9, "chance": 0.2}]
    assert values(factors.agreement_with_witnesses(agreement))[0][0]["above"] == pytest.approx(0.7)
    read = [
        {"factor": name, "measure": "R2", "score": -0.4, "low": -1.0, "high": 0.1, "chance": 0.0,
         "control": -0.1, "levels": 30, "documents": 9}
    ]  # fmt: skip
    apart = [
        {
            "factor": name,
            "by_factor": by,
            "lower_quartile": 0.1,
            "median": 0.2,
            "upper_quartile": 0.3,
            "pairs": 4,
        }
        for by in ("", "other")
    ]
    assert [len(own) for own in values(factors.distances_by_factor(apart))] == [1]
    for chart in (
        factors.associations(association), factors.agreement_with_witnesses(agreement), factors.decodability(read),
        factors.distances_by_factor(apart),
    ):  # fmt: skip
        assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")

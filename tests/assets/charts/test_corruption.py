"""The charts of the corruption audit: percentiles of each family, and levels beside the lines."""

import json
from typing import Any

import numpy as np

from assets.charts import drawing
from assets.charts.corruption import distance_changes, recall_against_alpha


def data_of(chart: Any) -> list[dict[str, Any]]:
    """Return the rows of all layers."""
    drawn = json.loads(chart.to_json())
    return [
        row for layer in drawn["layer"] for row in layer.get("data", drawn.get("data", {})).get("values", [])
    ]


def test_a_box_is_of_the_percentiles_of_its_family() -> None:
    values = {"odd_names": np.arange(101) / 100, "deleted_blocks": np.array([-0.5])}
    chart = distance_changes(values, {"odd_names": "syntax", "deleted_blocks": "content"})
    rows = {row["family"]: row for row in data_of(chart) if "family" in row}
    box = rows["odd names"]
    assert [box[name] for name in ("low", "lower", "middle", "upper", "high")] == [
        0.05,
        0.25,
        0.5,
        0.75,
        0.95,
    ]
    assert (box["copies"], box["kind"]) == (101, "syntax")
    assert {rows["deleted blocks"][name] for name in ("low", "middle", "high")} == {-0.5}
    assert drawing.png(chart).startswith(b"\x89PNG")


def test_recall_has_a_line_per_group_and_a_level_for_lots_and_prototypes() -> None:
    rows = [
        {"method": m, "alpha": a, "p": 0.2, "family": f, "recall": 0.3, "low": 0.2, "high": 0.4, "n": 9}
        for f in ("all", "content")
        for m, a in (("scip", 0.0), ("scip", 1.0), ("prototypes", None), ("random", None))
    ]
    chart = recall_against_alpha(rows, 0.2)
    found = data_of(chart)
    lines = {(row["family"], row["alpha"]) for row in found if row.get("method") == "scip"}
    assert lines == {(family, alpha) for family in ("all", "content") for alpha in (0.0, 1.0)}
    assert {row["level"] for row in found if "level" in row} == {"at random", "closest first"}
    assert "20%" in chart.to_json()
    assert drawing.png(chart).startswith(b"\x89PNG")

"""The charts of agents have their rows, and are drawn."""

import json

from assets.charts import drawing
from assets.charts.navigation import learning_curve, map_areas, readings

CURVE = [
    {
        "steps": 100 * n,
        "phase": "imitation" if n < 3 else "reward",
        "success": None if n == 1 else n / 10,
        "spl": n / 20,
    }
    for n in range(1, 6)
]


def test_updates_in_which_no_episode_ended_are_left_out() -> None:
    chart = learning_curve(CURVE, "recurrent-0")
    values = json.loads(chart.to_json())["data"]["values"]
    assert len(values) == 5 + 4
    assert {(row["steps"], row["measure"]) for row in values} == {
        (100 * n, measure) for n in range(1, 6) for measure in ("success", "spl")} - {(100, "success")}  # fmt: skip
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")


def test_readings_keep_their_order_and_leave_out_what_has_no_value() -> None:
    rows = [
        {"probe": probe, "features": features, "value": value, "n": 9}
        for probe, features, value in (
            ("old", "trained", 0.8),
            ("old", "untrained", 0.7),
            ("explored", "trained", None),
        )
    ]
    chart = readings(rows, "title")
    drawn = json.loads(chart.to_json())
    assert len(drawn["data"]["values"]) == 2
    assert drawn["encoding"]["color"]["scale"]["domain"] == ["trained", "untrained"]
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")


def test_recipes_are_in_the_order_of_what_is_read() -> None:
    rows = [
        {"recipe": recipe, "mask": mask, "area": area, "episodes": 9, "mazes": 9, "n": 9}
        for recipe, mask, area in (
            ("random", "old", 0.7),
            ("semdedup", "old", 0.8),
            ("semdedup", "near", None),
        )
    ]
    chart = map_areas(rows)
    drawn = json.loads(chart.to_json())
    assert drawn["encoding"]["y"]["sort"] == ["semdedup", "random"]
    assert len(drawn["data"]["values"]) == 2
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")

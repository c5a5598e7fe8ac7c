"""The chart of the invariance audit has a panel for each transformation, and its rows unchanged."""

import json

from assets.charts import drawing
from assets.charts.invariance import duplicate_radii, invariance_by_magnitude, overlooked


def test_each_row_is_drawn_in_the_panel_of_its_transformation() -> None:
    rows = [
        {
            "transformation": name, "magnitude": magnitude, "weights": weights, "n": 9, "distance": 0.1,
            "invariance": 0.5, "lower_quartile": 0.4, "upper_quartile": 0.6,
        }
        for name in ("import_order", "case") for magnitude in (0.5, 1.0) for weights in ("trained", "untrained")
    ]  # fmt: skip
    chart = invariance_by_magnitude(rows, "python")
    drawn = json.loads(chart.to_json())
    assert drawn["facet"]["field"] == "transformation"
    values = drawn["data"]["values"]
    assert [row | {"transformation": row["transformation"].replace(" ", "_")} for row in values] == rows
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")
    assert rows[0]["transformation"] == "import_order", "what was given is left as it is"


def test_cells_are_of_the_encoders_own_weights_the_most_overlooked_first() -> None:
    rows = [
        {"transformation": name, "magnitude": magnitude, "weights": weights, "n": 9, "distance": 0.1, "invariance": value}
        for name, weights, value in (("import_order", "trained", 0.2), ("case", "trained", 0.9), ("case", "untrained", 0.1))
        for magnitude in (0.5, 1.0)
    ]  # fmt: skip
    chart = overlooked(rows, "python")
    drawn = json.loads(chart.to_json())
    values = drawn["layer"][0]["data"]["values"] if "data" not in drawn else drawn["data"]["values"]
    assert [(row["transformation"], row["shown"]) for row in values] == [
        ("import order", 0.2), ("import order", 0.2), ("case", 0.9), ("case", 0.9)]  # fmt: skip
    assert drawn["layer"][0]["encoding"]["y"]["sort"] == ["case", "import order"]
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")


def test_radii_have_a_column_for_each_recipe() -> None:
    rows = [
        {"recipe": recipe, "transformation": "case", "radius": radius, "n": 9, "distance": 0.1}
        for recipe, radius in (("d4", 0.0), ("semdedup", 1.0))
    ]
    drawn = json.loads(duplicate_radii(rows, "python").to_json())
    assert drawn["layer"][1]["encoding"]["x"]["field"] == "recipe"
    values = drawn["layer"][0]["data"]["values"] if "data" not in drawn else drawn["data"]["values"]
    assert {row["recipe"]: row["shown"] for row in values} == {"d4": 0.0, "semdedup": 1.0}

"""The chart of the invariance audit has a panel for each transformation, and its rows unchanged."""

import json

from assets.charts import drawing
from assets.charts.invariance import invariance_by_magnitude


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

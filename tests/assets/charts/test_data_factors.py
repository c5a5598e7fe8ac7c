"""The chart of the search for factors has a cell for each class and transformation."""

import json

from assets.charts import drawing
from assets.charts.data_factors import explained_by_class


def test_a_cell_is_a_row() -> None:
    rows = [
        {
            "class_name": name, "transformation": transformation, "explained": 0.1, "shown": name == "",
            "within": 0.3, "between": 0.2, "low": 0.05, "high": 0.2,
        }
        for name in ("", "<b>mug</b>") for transformation in ("hue", "zoom")
    ]  # fmt: skip
    chart = explained_by_class(rows, "pixels")
    drawn = json.loads(chart.to_json())
    assert [value["class_name"] for value in drawn["data"]["values"]] == [
        "all classes", "all classes", "<b>mug</b>", "<b>mug</b>"]  # fmt: skip
    assert drawing.markdown_picture(chart).startswith("![chart](data:image/png;base64,")
    assert rows[0]["class_name"] == "", "what was given is left as it is"

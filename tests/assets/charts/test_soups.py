"""The chart of barriers has every pair twice, and is drawn."""

from assets.charts import drawing
from assets.charts.soups import barriers

ROWS = [
    {"run": "d4/0", "other": "d4/1", "barrier": 0.0},
    {"run": "d4/0", "other": "d4/2", "barrier": 1.5},
    {"run": "d4/1", "other": "d4/2", "barrier": 0.25},
]


def test_every_pair_is_drawn_on_both_sides_of_the_diagonal() -> None:
    chart = barriers(ROWS)
    values = (
        chart.to_dict()["layer"][0]["data"]["values"]
        if "data" in chart.to_dict()["layer"][0]
        else chart.to_dict()["data"]["values"]
    )
    assert {(row["run"], row["other"], row["barrier"]) for row in values} == {
        pair for row in ROWS
        for pair in ((row["run"], row["other"], row["barrier"]), (row["other"], row["run"], row["barrier"]))
    }  # fmt: skip
    assert chart.to_dict()["height"] == 34 * 3
    assert drawing.png(chart).startswith(b"\x89PNG")

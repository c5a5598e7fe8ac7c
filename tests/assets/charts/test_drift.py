"""The chart of drift: each side as shares of its own documents, drawn without a browser."""

import json

import numpy as np

from assets.charts import drawing
from assets.charts.drift import drift


def test_both_sides_are_shares_of_their_own_and_empty_bins_are_left_out() -> None:
    before, after = np.zeros(200, np.int64), np.zeros(200, np.int64)
    before[[10, 11]], after[30] = (1, 3), 7
    chart = drift(before, after, 0.5)
    rows = json.loads(chart.to_json())["data"]["values"]
    assert [(round(row["begin"], 2), row["share"]) for row in rows] == [(0.1, 0.25), (0.11, 0.75), (0.3, 1.0)]
    assert len({row["documents"] for row in rows}) == 2
    assert drawing.png(chart).startswith(b"\x89PNG")

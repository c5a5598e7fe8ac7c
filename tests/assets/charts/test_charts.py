"""Charts: what they hold is what they were given, recipes keep their signs, pictures are drawn without a browser."""

import json
from typing import Any

import numpy as np
import pytest

from assets.charts import charts, drawing

ORDER = ["everything", "random", "d4"]
SHARES = [
    {"recipe": recipe, "decile": decile, "kept": decile / 10}
    for recipe in ("d4", "random")
    for decile in (1, 2)
]
RESULTS = [{"recipe": recipe, "value": 2.0, "low": 1.5, "high": 2.5} for recipe in ("random", "d4")]
LOSSES = [
    {"recipe": recipe, "tokens": tokens, "loss": 3.0} for recipe in ("random", "d4") for tokens in (1, 2)
]
CELLS = [{"recipe": "d4", "origin": "a", "kept": 0.5, "documents": 3}]


def drawn(chart: Any) -> dict[str, Any]:
    return json.loads(chart.to_json())


def scales(node: Any, channel: str) -> list[dict[str, str]]:
    """Find what a channel shows each recipe as, anywhere in a chart."""
    found = []
    if isinstance(node, dict):
        if channel in node and isinstance(node[channel], dict) and node[channel].get("field") == "recipe":
            scale = node[channel]["scale"]
            found.append(dict(zip(scale["domain"], scale["range"], strict=True)))
        node = list(node.values())
    if isinstance(node, list):
        found += [scale for child in node for scale in scales(child, channel)]
    return found


EVERY_CHART_OF_RECIPES = [
    charts.similarities([1] * charts.BINS, {"d4": 0.8, "random": 0.9}, ORDER),
    charts.kept_share(SHARES, "decile", "axis", "title", ORDER),
    charts.losses(LOSSES, ORDER),
    charts.intervals(RESULTS, "title", ["d4", "random"], ORDER, (1.5, 2.5)),
]


@pytest.mark.parametrize("chart", EVERY_CHART_OF_RECIPES)
def test_a_recipe_has_its_sign_in_every_chart_whichever_others_are_there(chart: Any) -> None:
    colours = scales(drawn(chart), "color")
    assert colours
    for name, sign in charts.signs(ORDER).items():
        assert {scale[name] for scale in colours if name in scale} <= {sign.colour}
        assert {scale[name] for scale in scales(drawn(chart), "shape") if name in scale} <= {sign.shape}
    assert {name for scale in colours for name in scale} == {"d4", "random"}


def test_the_first_recipes_are_told_apart_by_colour_and_by_shape_alone() -> None:
    signs = list(charts.signs([str(i) for i in range(8)]).values())
    assert len({sign.colour for sign in signs}) == len({sign.shape for sign in signs}) == 8
    assert charts.signs(["a", "b"])["b"] == charts.signs(["x", "b", "c"])["b"]


def test_a_histogram_holds_its_counts_and_its_cuts() -> None:
    counts = charts.similarity_counts(np.array([0.5, 0.51, 0.99, -0.2], np.float32))
    chart = drawn(charts.similarities(counts, {"d4": 0.8}, ORDER))
    bars, rule, _ = chart["layer"]
    assert [row["documents"] for row in bars["data"]["values"] if row["documents"]] == [1, 2, 1]
    assert bars["data"]["values"][25] == {"begin": 0.5, "end": 0.52, "documents": 2}
    assert rule["data"]["values"] == [{"recipe": "d4", "cut": 0.8}]
    assert "layer" not in drawn(charts.similarities(counts, {}, ORDER))


def test_cluster_sizes_are_the_largest_first_and_no_more_than_can_be_seen() -> None:
    values = drawn(charts.cluster_sizes(np.array([3, 9, 1])))["data"]["values"]
    assert [(row["begin"], row["end"], row["documents"]) for row in values] == [
        (0.5, 1.5, 9),
        (1.5, 2.5, 3),
        (2.5, 3.5, 1),
    ]
    assert len(drawn(charts.cluster_sizes(np.arange(9999)))["data"]["values"]) == charts.MAX_CLUSTERS


def test_intervals_are_ranked_on_one_axis() -> None:
    chart = drawn(charts.intervals(RESULTS, "title", ["d4", "random"], ORDER, (1.0, 3.0)))
    rule, point = chart["layer"]
    assert rule["encoding"]["x"]["scale"]["domain"] == [1.0, 3.0]
    assert rule["encoding"]["y"]["sort"] == ["d4", "random"]
    assert point["encoding"]["x"]["field"] == "value"
    assert {(row["low"], row["high"]) for row in chart["data"]["values"]} == {(1.5, 2.5)}


@pytest.mark.parametrize(
    "chart",
    [
        *EVERY_CHART_OF_RECIPES,
        charts.kept_table(CELLS, "origin", "title", ORDER),
        charts.objective([1.0, 2.0]),
    ],
)
def test_every_axis_is_named_and_every_picture_is_drawn(chart: Any) -> None:
    for axis in ("x", "y"):
        for encoding in axes(drawn(chart), axis):
            assert encoding["title"] or encoding["type"] == "nominal"
    assert drawing.png(chart).startswith(b"\x89PNG")


def axes(node: Any, axis: str) -> list[dict[str, Any]]:
    """Find the axes of a chart that carry a title."""
    if isinstance(node, list):
        return [found for child in node for found in axes(child, axis)]
    if not isinstance(node, dict):
        return []
    here = [node[axis]] if isinstance(node.get(axis), dict) and "title" in node[axis] else []
    return here + [found for child in node.values() for found in axes(child, axis)]


def test_columns_are_in_the_fixed_order_and_a_recipe_it_lacks_comes_last() -> None:
    cells = [{**CELLS[0], "recipe": name} for name in ("aside", "d4", "random")]
    cell = drawn(charts.kept_table(cells, "origin", "title", ORDER))["layer"][0]
    assert cell["encoding"]["x"]["sort"] == ["random", "d4", "aside"]
    colours = scales(drawn(charts.losses([{**row, "recipe": "aside"} for row in LOSSES], ORDER)), "color")
    assert colours == [{"aside": charts.signs([*ORDER, "aside"])["aside"].colour}]

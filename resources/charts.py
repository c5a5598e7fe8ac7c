"""Charts: one look for the report and for the pictures on assets, from small aggregates."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 420, 240
_BLUE, _RED = "#0072b2", "#d55e00"
# a fixed order of colours that the colour-blind tell apart (Okabe and Ito)
_PALETTE = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000", "#f0e442")


def similarities(values: NDArray[np.float32], cut: float | None = None) -> Any:  # noqa: ANN401
    """Draw how similar documents are to their likest earlier one, with the cut as a line."""
    import altair as alt

    counts, edges = np.histogram(values, 50, (0, 1))
    rows = [
        {"begin": float(b), "end": float(e), "documents": int(n)}
        for b, e, n in zip(edges, edges[1:], counts, strict=False)
    ]
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=_BLUE).encode(
        x=alt.X("begin:Q", title="highest cosine to an earlier document", bin="binned"),
        x2="end:Q",
        y=alt.Y("documents:Q", title="documents"),
    )  # fmt: skip
    if cut is None:
        return _sized(bars, "Similarity to the likest earlier document")
    line = alt.Chart(alt.Data(values=[{"cut": cut}])).mark_rule(color=_RED, size=2)
    drawn = bars + line.encode(x="cut:Q")
    return _sized(drawn, f"Similarity to the likest earlier document; dropped above {cut:.3f}")


def cluster_sizes(sizes: NDArray[np.int64]) -> Any:  # noqa: ANN401
    """Draw clusters by size, the largest first."""
    import altair as alt

    largest = np.sort(sizes)[::-1][:2000]
    rows = [{"rank": i + 1, "documents": int(n)} for i, n in enumerate(largest)]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(color=_BLUE).encode(
        x=alt.X("rank:Q", title="cluster, the largest first"),
        y=alt.Y("documents:Q", title="documents"),
    )  # fmt: skip
    return _sized(chart, f"Sizes of {len(sizes):,} clusters")


def objective(values: list[float]) -> Any:  # noqa: ANN401
    """Draw the sum of cosines to the nearest centroid, per iteration."""
    import altair as alt

    rows = [{"iteration": i + 1, "objective": v} for i, v in enumerate(values)]
    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True, color=_BLUE).encode(
        x=alt.X("iteration:Q", title="iteration"),
        y=alt.Y("objective:Q", title="sum of cosines", scale=alt.Scale(zero=False)),
    )  # fmt: skip
    return _sized(chart, "K-means objective")


def kept_share(rows: list[dict[str, Any]], group: str, title: str) -> Any:  # noqa: ANN401
    """Draw the share that each recipe keeps of each group; rows have recipe, kept and the group."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(
        x=alt.X(f"{group}:Q", title=group.replace("_", " ")),
        y=alt.Y("kept:Q", title="share kept", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=_by_recipe(rows),
    )  # fmt: skip
    return _sized(chart, title)


def losses(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """Draw training losses; rows have recipe, tokens and loss."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(opacity=0.8).encode(
        x=alt.X("tokens:Q", title="tokens read"),
        y=alt.Y("loss:Q", title="nats per token", scale=alt.Scale(zero=False)),
        color=_by_recipe(rows),
    )  # fmt: skip
    return _sized(chart, "Training loss")


def intervals(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """Draw bits per byte with intervals; rows have recipe, slice, value, low and high."""
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("recipe:N", title=None), color=_by_recipe(rows, legend=False)
    )
    x = alt.X("value:Q", title="bits per byte, 95% interval", scale=alt.Scale(zero=False))
    rules = base.mark_rule().encode(x=alt.X("low:Q"), x2="high:Q")
    drawn = alt.layer(rules, base.mark_point(filled=True).encode(x=x))
    return drawn.properties(width=220, height=160).facet(
        column=alt.Column("slice:N", title=None), title="Held-out documents: lower is better"
    )


def png(chart: Any) -> bytes:  # noqa: ANN401
    """Draw a chart as a PNG, without a browser."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=1.5)


def markdown_picture(chart: Any) -> str:  # noqa: ANN401
    """Draw a chart as markdown, for an asset's metadata."""
    return f"![chart](data:image/png;base64,{base64.b64encode(png(chart)).decode()})"


def _by_recipe(rows: list[dict[str, Any]], *, legend: bool = True) -> Any:  # noqa: ANN401
    """Give each recipe its colour, the same in every chart."""
    import altair as alt

    from recipes import RECIPES

    names = [recipe.name for recipe in RECIPES]
    present = list(dict.fromkeys([*names, *(row["recipe"] for row in rows)]))
    colours = [_PALETTE[i % len(_PALETTE)] for i in range(len(present))]
    scale = alt.Scale(domain=present, range=colours)
    return alt.Color("recipe:N", scale=scale, legend=alt.Legend() if legend else None)


def _sized(chart: Any, title: str) -> Any:  # noqa: ANN401
    """Give a chart its size and title."""
    return chart.properties(width=_WIDTH, height=_HEIGHT, title=title)

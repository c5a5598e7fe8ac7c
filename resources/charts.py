"""Charts: one look for the report and for the pictures on assets, from small aggregates."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 420, 240
_BLUE = "#0072b2"
BINS = 50
MAX_CLUSTERS = 2000
# a fixed order of colours that the colour-blind tell apart (Okabe and Ito)
_PALETTE = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000", "#f0e442")


def similarity_counts(values: NDArray[np.float32]) -> list[int]:
    """Count similarities in BINS equal bins from 0 to 1; what is below 0 goes to the first.

    Examples
    --------
    >>> counts = similarity_counts(np.array([-0.1, 0.0, 0.019, 0.99, 1.0], np.float32))
    >>> counts[0], counts[-1], sum(counts)
    (3, 2, 5)
    """
    return np.histogram(np.clip(values, 0, 1), BINS, (0, 1))[0].tolist()


def similarities(counts: list[int], cuts: dict[str, float], order: list[str]) -> Any:  # noqa: ANN401
    """Draw how similar documents are to their likest earlier one, with each recipe's cut as a line.

    Parameters
    ----------
    counts : documents in each of BINS equal bins from 0 to 1
    cuts : by recipe, the similarity above which it drops
    order : all recipes, which fixes their colours
    """
    import altair as alt

    rows = [
        {"begin": i / BINS, "end": (i + 1) / BINS, "documents": n} for i, n in enumerate(counts)
    ]
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=_BLUE).encode(
        x=alt.X("begin:Q", title="highest cosine to an earlier document", bin="binned"),
        x2="end:Q",
        y=alt.Y("documents:Q", title="documents"),
    )  # fmt: skip
    title = "Similarity to the likest earlier document"
    if not cuts:
        return _sized(bars, title)
    lines = [{"recipe": recipe, "cut": cut} for recipe, cut in cuts.items()]
    rule = alt.Chart(alt.Data(values=lines)).mark_rule(size=2).encode(
        x="cut:Q", color=_by_recipe(lines, order, present_only=True)
    )  # fmt: skip
    told = ", ".join(f"{recipe} drops above {cut:.3f}" for recipe, cut in cuts.items())
    return _sized(bars + rule, alt.TitleParams(title, subtitle=told))


def cluster_sizes(sizes: NDArray[np.int64]) -> Any:  # noqa: ANN401
    """Draw clusters by size, the largest first."""
    import altair as alt

    largest = np.sort(sizes)[::-1][:MAX_CLUSTERS]
    rows = [{"rank": i + 1, "documents": int(n)} for i, n in enumerate(largest)]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(color=_BLUE).encode(
        x=alt.X("rank:Q", title="cluster, the largest first"),
        y=alt.Y("documents:Q", title="documents"),
    )  # fmt: skip
    return _sized(chart, f"Documents of the {len(largest):,} largest clusters")


def objective(values: list[float]) -> Any:  # noqa: ANN401
    """Draw the sum of cosines to the nearest centroid, per iteration."""
    import altair as alt

    rows = [{"iteration": i + 1, "objective": v} for i, v in enumerate(values)]
    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True, color=_BLUE).encode(
        x=alt.X("iteration:Q", title="iteration"),
        y=alt.Y("objective:Q", title="sum of cosines", scale=alt.Scale(zero=False)),
    )  # fmt: skip
    return _sized(chart, "K-means objective")


def kept_share(
    rows: list[dict[str, Any]], group: str, axis: str, title: str, order: list[str]
) -> Any:  # noqa: ANN401
    """Draw the share that each recipe keeps of each group; rows have recipe, kept and the group."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(
        x=alt.X(f"{group}:Q", title=axis),
        y=alt.Y("kept:Q", title="share kept", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=_by_recipe(rows, order),
    )  # fmt: skip
    return _sized(chart, title)


def kept_table(rows: list[dict[str, Any]], group: str, title: str, order: list[str]) -> Any:  # noqa: ANN401
    """Draw the share that each recipe keeps of each group as coloured cells; rows have kept and n too."""
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("recipe:N", title=None, sort=order, axis=alt.Axis(labelAngle=-40)),
        y=alt.Y(f"{group}:N", title=None, sort=None),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "kept:Q", title="share kept", scale=alt.Scale(scheme="blues", domain=[0, 1]),
            legend=alt.Legend(format="%"),
        )
    )  # fmt: skip
    dark = alt.condition("datum.kept > 0.6", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=9).encode(text=alt.Text("kept:Q", format=".0%"), color=dark)
    groups = len({row[group] for row in rows})
    return _sized(cells + words, title).properties(height=max(60, 18 * groups))


def losses(rows: list[dict[str, Any]], order: list[str]) -> Any:  # noqa: ANN401
    """Draw training losses; rows have recipe, tokens and loss."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(opacity=0.8).encode(
        x=alt.X("tokens:Q", title="tokens read"),
        y=alt.Y("loss:Q", title="nats per token", scale=alt.Scale(zero=False)),
        color=_by_recipe(rows, order),
    )  # fmt: skip
    return _sized(chart, "Training loss")


def intervals(rows: list[dict[str, Any]], order: list[str]) -> Any:  # noqa: ANN401
    """Draw bits per byte with intervals; rows have recipe, slice, value, low and high."""
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("recipe:N", title=None, sort=order), color=_by_recipe(rows, order, legend=False)
    )
    x = alt.X("value:Q", title="bits per byte, 95% interval", scale=alt.Scale(zero=False))
    rules = base.mark_rule().encode(x=alt.X("low:Q"), x2="high:Q")
    drawn = alt.layer(rules, base.mark_point(filled=True).encode(x=x))
    slices = alt.Column("slice:N", title=None, sort=["all", "short", "long"])
    title = "Held-out documents: lower is better"
    return drawn.properties(width=220, height=160).facet(column=slices, title=title)


def png(chart: Any) -> bytes:  # noqa: ANN401
    """Draw a chart as a PNG, without a browser."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=1.5)


def markdown_picture(chart: Any) -> str:  # noqa: ANN401
    """Draw a chart as markdown, for an asset's metadata."""
    return f"![chart](data:image/png;base64,{base64.b64encode(png(chart)).decode()})"


def _by_recipe(
    rows: list[dict[str, Any]], order: list[str], *, legend: bool = True, present_only: bool = False
) -> Any:  # noqa: ANN401
    """Give each recipe its colour, the same in every chart: by its place in the order."""
    import altair as alt

    everything = list(dict.fromkeys([*order, *(row["recipe"] for row in rows)]))
    colours = {name: _PALETTE[i % len(_PALETTE)] for i, name in enumerate(everything)}
    there = {row["recipe"] for row in rows} if present_only else set(everything)
    shown = [name for name in everything if name in there]
    scale = alt.Scale(domain=shown, range=[colours[name] for name in shown])
    return alt.Color("recipe:N", title="recipe", scale=scale, legend=alt.Legend() if legend else None)


def _sized(chart: Any, title: Any) -> Any:  # noqa: ANN401
    """Give a chart its size and title."""
    return chart.properties(width=_WIDTH, height=_HEIGHT, title=title)

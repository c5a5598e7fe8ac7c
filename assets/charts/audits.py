"""Charts of the audits: scores against length, agreement of recipes, shifts of groups, duplicates found."""

import math
from typing import Any

from assets.charts.charts import ROW_HEIGHT, sized

_MAX_GROUPS = 20
_HEXAGON = "M0,1.15L1,0.577L1,-0.577L0,-1.15L-1,-0.577L-1,0.577Z"
_LOW, _HIGH = -2.0, 2.0  # powers of two


def score_against_length(cells: list[dict[str, Any]], name: str) -> Any:
    """Draw hexagons of a score against the tokens; cells have log10_tokens, score and documents."""
    import altair as alt

    base = alt.Chart(alt.Data(values=cells)).mark_point(shape=_HEXAGON, filled=True, size=48, opacity=1)
    chart = base.encode(
        x=alt.X("log10_tokens:Q", title="log10 of the tokens", scale=alt.Scale(zero=False, padding=8)),
        y=alt.Y("score:Q", title=name, scale=alt.Scale(zero=False, padding=8)),
        color=alt.Color(
            "documents:Q", scale=alt.Scale(type="log", scheme="blues"), legend=alt.Legend(title="documents")
        ),
        tooltip=[
            alt.Tooltip("log10_tokens:Q", format=".2f"),
            alt.Tooltip("score:Q", format=".3f"),
            "documents:Q",
        ],
    )
    return sized(chart, f"{name} against the length of documents")


def agreement_table(rows: list[dict[str, Any]]) -> Any:
    """Draw the Jaccard similarity of what every two recipes drop; rows have recipe, other and jaccard."""
    import altair as alt

    names = list(dict.fromkeys(row["recipe"] for row in rows))
    above = alt.Axis(labelAngle=-40, orient="top")
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("other:N", title=None, sort=names, axis=above),
        y=alt.Y("recipe:N", title=None, sort=names),
        tooltip=[
            "recipe:N",
            "other:N",
            alt.Tooltip("jaccard:Q", format=".3f"),
            "dropped_both:Q",
            "dropped_either:Q",
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color("jaccard:Q", scale=alt.Scale(scheme="blues", domain=[0, 1]), legend=None)
    )
    ink = alt.condition("datum.jaccard > 0.6", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text("jaccard:Q", format=".2f"), color=ink)
    title = "Jaccard similarity of what two recipes drop"
    return sized(cells + words, title).properties(height=ROW_HEIGHT * len(names))


def shifts(rows: list[dict[str, Any]], grouping: str) -> Any:
    """Draw how often groups are kept beside all documents, as powers of two; rows have ratio and group_name.

    Where there are many groups, those of the largest shift are drawn.
    """
    import altair as alt

    shown = [{**row, "twofold": _twofold(row["ratio"])} for row in rows if row["ratio"] is not None]
    by_group: dict[str, float] = {}
    for row in shown:
        name, weight = row["group_name"], abs(row["twofold"]) * row["share"]
        by_group[name] = max(by_group.get(name, 0.0), weight)
    chosen = sorted(by_group, key=lambda group: (-by_group[group], group))[:_MAX_GROUPS]
    order = [g for g in dict.fromkeys(row["group_name"] for row in shown) if g in chosen]
    base = alt.Chart(alt.Data(values=[row for row in shown if row["group_name"] in chosen])).encode(
        x=alt.X("recipe:N", title=None, sort=None, axis=alt.Axis(labelAngle=-40, orient="top")),
        y=alt.Y("group_name:N", title=None, sort=order, axis=alt.Axis(labelLimit=130)),
        tooltip=[
            "recipe:N",
            "group_name:N",
            alt.Tooltip("ratio:Q", format=".2f"),
            "documents:Q",
            "documents_kept:Q",
        ],
    )
    scale = alt.Scale(scheme="redblue", domain=[_LOW, _HIGH], clamp=True)
    cells = base.mark_rect().encode(color=alt.Color("twofold:Q", scale=scale, legend=None))
    ink = alt.condition("abs(datum.twofold) > 1.2", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text("ratio:Q", format=".2f"), color=ink)
    title = f"Share of the tokens after over before, by {grouping}"
    return sized(cells + words, title).properties(height=ROW_HEIGHT * len(order))


def _twofold(ratio: float) -> float:
    """Return a ratio as a power of two, within what the colours tell apart."""
    return max(_LOW, min(_HIGH, math.log2(ratio))) if ratio > 0 else _LOW


def recall_by_limit(rows: list[dict[str, Any]], method: str) -> Any:
    """Draw what a method finds of each family of planted duplicates, against its limit; precision dashed."""
    import altair as alt

    families = [row for row in rows if row["family"] != "every"]
    precision = [row for row in rows if row["precision"] is not None]
    x = alt.X("threshold:Q", title="least similarity of duplicates", scale=alt.Scale(zero=False))
    percent = alt.Axis(format="%")
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.Data(values=families)).encode(
        x=x,
        y=alt.Y("recall:Q", title="planted duplicates found", axis=percent, scale=scale),
        color=alt.Color("family:N", sort=None, legend=alt.Legend(title=None, orient="bottom", columns=5)),
        tooltip=["family:N", "threshold:Q", "recall:Q", "low:Q", "high:Q", "n:Q"],
    )
    right = alt.Chart(alt.Data(values=precision)).mark_line(strokeDash=[4, 3], color="black")
    dashed = right.encode(
        x=x, y=alt.Y("precision:Q", scale=scale), tooltip=["threshold:Q", "precision:Q", "found:Q"]
    )
    title = f"What {method} finds; dashed: share of what it finds that is planted"
    return sized(base.mark_line(point=True) + dashed, title)


def words_against_vectors(rows: list[dict[str, Any]]) -> Any:
    """Draw how alike planted pairs are in words and to the encoder; rows have family, jaccard and cosine."""
    import altair as alt

    families = list(dict.fromkeys(row["family"] for row in rows))
    chart = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=24, opacity=0.6).encode(
        x=alt.X("jaccard:Q", title="Jaccard similarity of their shingles"),
        y=alt.Y("cosine:Q", title="cosine of their vectors", scale=alt.Scale(zero=False)),
        color=alt.Color("family:N", sort=families, legend=alt.Legend(title=None, orient="bottom", columns=5)),
        tooltip=["family:N", "doc_id:N", "jaccard:Q", "cosine:Q"],
    )  # fmt: skip
    return sized(chart, "How alike planted pairs are, in words and to the encoder")


def kept_by_limit(rows: list[dict[str, Any]]) -> Any:
    """Draw the share of documents that stays at each limit; rows have method, threshold and kept."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True).encode(
        x=alt.X("threshold:Q", title="similarity from which duplicates go", scale=alt.Scale(zero=False)),
        y=alt.Y("kept:Q", title="documents kept", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False)),
        color=alt.Color("method:N", legend=alt.Legend(title=None, orient="bottom")),
        tooltip=["method:N", "threshold:Q", "kept:Q"],
    )  # fmt: skip
    return sized(chart, "What stays of the lake's documents at each limit")

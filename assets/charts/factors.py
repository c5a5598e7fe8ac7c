"""Charts of the factor audit: what goes of each level, with what, and what vectors tell of factors."""

from collections.abc import Sequence
from typing import Any

from assets.charts.charts import ROW_HEIGHT, sized

_INK, _BLUE, _RED = "#7d90a5", "#0072b2", "#d55e00"
_MAX_FACTORS = 12
_COLUMNS, _WIDTH = 4, 150
_SHARES = (0, 1)


def associations(rows: Sequence[dict[str, Any]]) -> Any:
    """Draw Cramér's V of each factor and recipe; rows of the table factor_association."""
    shown = [row for row in rows if row["cramers_v"] is not None]
    return _table(
        shown, "cramers_v", "blues", (0, 0.5), "How strongly removal goes with a factor: Cramér's V"
    )


def agreement_with_witnesses(rows: Sequence[dict[str, Any]]) -> Any:
    """Draw how much more often than by chance the dropped agree with witnesses; rows of factor_agreement."""
    shown = [{**row, "above": row["share"] - row["chance"]} for row in rows]
    title = "Dropped documents that have their witness's level, less what chance gives"
    return _table(shown, "above", "redblue", (-1, 1), title)


def removal_by_level(rows: Sequence[dict[str, Any]], recipe: str) -> Any:
    """Draw the share removed of each level with its interval, a panel for each factor.

    Parameters
    ----------
    rows : of the table factor_audit, of one recipe; at most 12 factors are drawn
    recipe : its name, for the title
    """
    import altair as alt

    names = list(dict.fromkeys(row["factor"] for row in rows))[:_MAX_FACTORS]
    x = alt.X("rate:Q", title="share removed", scale=alt.Scale(domain=_SHARES), axis=alt.Axis(format="%"))
    panels: list[Any] = []
    for name in names:
        own = [row for row in rows if row["factor"] == name]
        y = alt.Y("level:N", title=None, sort=[row["level"] for row in own], axis=alt.Axis(labelLimit=90))
        base = alt.Chart(alt.Data(values=own))
        tips = ["level:N", "documents:Q", "removed:Q", alt.Tooltip("rate:Q", format=".3f")]
        bars = base.mark_bar(color=_BLUE, opacity=0.5).encode(x=x, y=y, tooltip=tips)
        ends = base.mark_rule(color="black").encode(x="low:Q", x2="high:Q", y=y)
        panels.append((bars + ends).properties(width=_WIDTH, title=name[:40]))
    lines = [alt.hconcat(*panels[i : i + _COLUMNS]) for i in range(0, len(panels), _COLUMNS)]
    return alt.vconcat(*lines).properties(title=f"What {recipe} removes of each level, with 95% intervals")


def decodability(rows: Sequence[dict[str, Any]]) -> Any:
    """Draw what a linear model reads of each factor; rows of the table factor_decodability."""
    import altair as alt

    values = [{**row, "label": f"{row['factor'][:40]}, {row['measure']}"} for row in rows]
    order = [v["label"] for v in sorted(values, key=lambda row: -row["score"])]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("label:N", title=None, sort=order, axis=alt.Axis(labelLimit=230))
    )
    scale = alt.Scale(domain=_SHARES, clamp=True)
    bars = base.mark_bar(color=_BLUE, opacity=0.5).encode(
        x=alt.X("score:Q", scale=scale, title="score; line: chance, cross: with levels permuted"),
        tooltip=["factor:N", "measure:N", alt.Tooltip("score:Q", format=".3f"), "levels:Q", "documents:Q"],
    )
    ends = base.mark_rule(color="black").encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    chance = base.mark_tick(color=_RED, thickness=2).encode(x=alt.X("chance:Q", scale=scale))
    control = base.mark_point(shape="cross", color=_INK, filled=True).encode(
        x=alt.X("control:Q", scale=scale)
    )
    title = "What a linear model reads of each factor in the vectors"
    return sized(bars + ends + chance + control, title).properties(height=ROW_HEIGHT * len(values))


def distances_by_factor(rows: Sequence[dict[str, Any]]) -> Any:
    """Draw how far documents are that differ in one factor alone; rows of the table factor_differences."""
    import altair as alt

    values = [row for row in rows if not row["by_factor"]]
    order = [row["factor"] for row in sorted(values, key=lambda row: -row["median"])]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("factor:N", title=None, sort=order, axis=alt.Axis(labelLimit=230))
    )
    x = alt.Scale(zero=True)
    range_ = base.mark_rule(color=_BLUE, strokeWidth=6, opacity=0.4).encode(
        x=alt.X("lower_quartile:Q", scale=x, title="cosine distance: median and quartiles"),
        x2="upper_quartile:Q",
    )
    middle = base.mark_point(filled=True, color=_BLUE, size=60).encode(
        x="median:Q", tooltip=["factor:N", "pairs:Q", alt.Tooltip("median:Q", format=".4f")]
    )
    title = "Documents that differ in one factor alone"
    return sized(range_ + middle, title).properties(height=ROW_HEIGHT * len(values))


def duplicates_by_limit(rows: Sequence[dict[str, Any]]) -> Any:
    """Draw precision and recall of known copies against the limit; rows of the table factor_duplicates."""
    import altair as alt

    values = [
        {"distance_limit": row["distance_limit"], "measure": measure, "value": row[measure],
         "low": row[f"{measure}_low"], "high": row[f"{measure}_high"]}
        for row in rows for measure in ("precision", "recall")
        if row["distance_limit"] is not None and row[measure] is not None
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(
            "distance_limit:Q",
            title="cosine distance up to which documents go",
            scale=alt.Scale(type="log"),
        ),
        color=alt.Color(
            "measure:N", scale=alt.Scale(range=[_RED, _BLUE]), legend=alt.Legend(title=None, orient="bottom")
        ),
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=_SHARES), axis=alt.Axis(format="%"))
    line = base.mark_line(point=True).encode(y=y, tooltip=["distance_limit:Q", "value:Q", "low:Q", "high:Q"])
    band = base.mark_area(opacity=0.15).encode(y="low:Q", y2="high:Q")
    return sized(band + line, "Known copies among what goes because of a nearer earlier document")


def _table(
    rows: Sequence[dict[str, Any]], value: str, scheme: Any, domain: tuple[float, float], title: str
) -> Any:
    """Draw a value of each factor and recipe as a coloured table."""
    import altair as alt

    factors = list(dict.fromkeys(row["factor"] for row in rows))
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("recipe:N", title=None, sort=None, axis=alt.Axis(labelAngle=-40, orient="top")),
        y=alt.Y("factor:N", title=None, sort=factors, axis=alt.Axis(labelLimit=130)),
    )
    scale = alt.Scale(scheme=scheme, domain=list(domain), clamp=True)
    cells = base.mark_rect().encode(color=alt.Color(f"{value}:Q", scale=scale, legend=None))
    ink = alt.condition(f"abs(datum.{value}) > {0.7 * domain[1]}", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text(f"{value}:Q", format=".2f"), color=ink)
    return sized(cells + words, title).properties(height=ROW_HEIGHT * max(1, len(factors)))

"""Charts of the corruption audit: how far copies move, and what share of them a ranking finds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.charts.charts import sized

_KINDS = {"syntax": "#d55e00", "content": "#0072b2"}
_GROUPS = {"all": "#009e73", **_KINDS}
_NEUTRAL = "#7d90a5"
_PERCENTILES = (5, 25, 50, 75, 95)
_NAMES = ("low", "lower", "middle", "upper", "high")
_BOX, _ROW_HEIGHT = 12, 26
_APART = 0.015
_AT_RANDOM = "at random"


def distance_changes(changes: dict[str, NDArray[np.float64]], kinds: dict[str, str]) -> Any:
    """Draw the change of distance of each family's copies: box of the quartiles, line from 5% to 95%.

    Parameters
    ----------
    changes : float64[copies] by family, in the order from the top down
    kinds : syntax or content, by family
    """
    import altair as alt

    rows = [
        {"family": family.replace("_", " "), "kind": kinds[family], "copies": len(values)}
        | dict(zip(_NAMES, np.percentile(values, _PERCENTILES).tolist(), strict=True))
        for family, values in changes.items()
    ]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=list(_KINDS), range=list(_KINDS.values())),
        legend=alt.Legend(orient="bottom"),
    )
    tips = ["family:N", "copies:Q", *(alt.Tooltip(f"{name}:Q", format=".4f") for name in _NAMES)]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("family:N", title=None, sort=None, axis=alt.Axis(labelLimit=160)), tooltip=tips
    )
    title = "change of cosine distance to the nearest centroid (5, 25, 50, 75, 95%)"
    whiskers = base.mark_rule().encode(x=alt.X("low:Q", title=title), x2="high:Q", color=colour)
    boxes = base.mark_bar(height=_BOX, opacity=0.7).encode(x="lower:Q", x2="upper:Q", color=colour)
    middles = base.mark_tick(color="black", thickness=2, height=_BOX + 4).encode(x="middle:Q")
    none = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=_NEUTRAL, strokeDash=[4, 3]).encode(x="x:Q")
    chart = none + whiskers + boxes + middles
    return sized(chart, "Corrupted copies against their parents").properties(height=_ROW_HEIGHT * len(rows))


def recall_against_alpha(rows: list[dict[str, Any]], dropped: float) -> Any:
    """Draw what share of planted copies SCIP drops, against alpha; random choice and prototypes as levels.

    Parameters
    ----------
    rows : of the table of recalls, for one share dropped and the families all, syntax and content
    dropped : that share
    """
    import altair as alt

    share = alt.Axis(format="%")
    highest = max(row["high"] for row in rows)
    scale = alt.Scale(domain=[0, highest], nice=True)
    shown = [name for name in _GROUPS if any(row["family"] == name for row in rows)]
    colours = alt.Scale(domain=shown, range=[_GROUPS[name] for name in shown])
    ranked = [
        {**row, "at": row["alpha"] + _APART * (shown.index(row["family"]) - 1)}
        for row in rows
        if row["method"] == "scip"
    ]
    tips = ["family:N", "alpha:Q", *(alt.Tooltip(f"{n}:Q", format=".3f") for n in ("recall", "low", "high"))]
    base = alt.Chart(alt.Data(values=ranked)).encode(
        x=alt.X(
            "at:Q",
            title="alpha: share that goes for a small cluster; the rest for distance",
            axis=alt.Axis(values=sorted({row["alpha"] for row in ranked})),
            scale=alt.Scale(domain=[-2 * _APART, 1 + 2 * _APART], nice=False),
        ),
        color=alt.Color("family:N", title="copies", scale=colours, legend=alt.Legend(orient="bottom")),
        tooltip=tips,
    )
    ends = base.mark_rule().encode(
        y=alt.Y("low:Q", title="planted copies that are dropped", axis=share, scale=scale), y2="high:Q"
    )
    lines = base.mark_line(point=True).encode(y="recall:Q")
    title = f"Planted corruptions among the first {dropped:.0%} that are dropped"
    return sized(_levels(rows) + ends + lines, title)


def _levels(rows: list[dict[str, Any]]) -> Any:
    """Draw the recall of random choice, with its 95% interval, and of dropping the closest."""
    import altair as alt

    levels = [
        {
            "level": name,
            "recall": row["recall"],
            "low": row["low"],
            "high": row["high"],
            "at": 0.0,
            "end": 1.0,
        }
        for method, name in (("random", _AT_RANDOM), ("prototypes", "closest first"))
        for row in rows
        if row["method"] == method and row["family"] == "all"
    ]
    chance = alt.Chart(alt.Data(values=[row for row in levels if row["level"] == _AT_RANDOM]))
    level = alt.Chart(alt.Data(values=levels))
    strips = chance.mark_rect(color=_NEUTRAL, opacity=0.25).encode(
        x="at:Q", x2="end:Q", y="low:Q", y2="high:Q"
    )
    rules = level.mark_rule(color=_NEUTRAL, strokeDash=[4, 3]).encode(y="recall:Q")
    words = level.mark_text(align="left", dx=6, color="#4d5b6b").encode(
        x=alt.value("width"), y="recall:Q", text="level:N"
    )
    return strips + rules + words

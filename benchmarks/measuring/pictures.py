"""The picture of a comparison: each way's core-seconds as a multiple of Guyot's, with the spread of its
runs.
"""

from pathlib import Path
from typing import Any

from benchmarks.measuring.results import ComparisonResults, rows
from guyot.text.labels import with_labels

COLOURS = {"Guyot": "#0072b2", "another tool": "#d55e00", "floor": "#8a8f98"}
_KINDS = {"guyot": "Guyot", "peer": "another tool", "floor": "floor"}


def picture(comparison: ComparisonResults) -> dict[str, Any] | None:
    """Return the picture as a Vega-Lite specification, or None where nothing can be divided by the
    reference.
    """
    import altair as alt

    values = [
        {
            "way": row.way.name,
            "kind": _KINDS[row.way.role],
            "ratio": row.ratio,
            "least": row.ratio_range[0],
            "most": row.ratio_range[1],
            "told": f"{row.ratio:.2f}",
        }
        for row in rows(comparison)
        if row.ratio is not None and row.ratio_range is not None
    ]
    if not values:
        return None
    ways = [value["way"] for value in values]
    chart = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("way:N", title=None, sort=ways, axis=alt.Axis(labelLimit=400, ticks=False, domain=False)),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
            legend=alt.Legend(orient="bottom"),
        ),
    )
    least, most = min(value["least"] for value in values), max(value["most"] for value in values)
    x = alt.X(
        "ratio:Q",
        title="core-seconds as a multiple of Guyot's (log scale; left is faster)",
        scale=alt.Scale(type="log", domain=[least / 1.3, most * 1.6]),
        axis=alt.Axis(values=_ticks(least / 1.3, most * 1.6), format="~g", grid=True),
    )
    one = (
        alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(strokeDash=[4, 3], color="#444").encode(x="one:Q")
    )
    spread = chart.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("least:Q"), x2="most:Q")
    point = chart.mark_point(filled=True, size=90, opacity=1).encode(x=x)
    label = chart.mark_text(dx=9, align="left", fontSize=11).encode(x=alt.X("most:Q"), text="told:N")
    layered = alt.layer(one, spread, point, label)
    sized = layered.properties(width=460, height=alt.Step(34), background="white", padding=12)
    return sized.configure_view(stroke=None).configure_axis(gridColor="#e6e8eb", labelFontSize=12).to_dict()


def write_svg(specification: dict[str, Any], path: Path) -> None:
    """Draw a specification as SVG."""
    import vl_convert

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(vl_convert.vegalite_to_svg(with_labels(specification)) + "\n", encoding="utf-8")


def write_png(specification: dict[str, Any], path: Path) -> None:
    """Draw a specification as PNG, to look at."""
    import vl_convert

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vl_convert.vegalite_to_png(with_labels(specification), scale=1.5))


def _ticks(least: float, most: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten within a range."""
    all_ticks = [digit * 10.0**power for power in range(-4, 7) for digit in (1, 2, 5)]
    return [tick for tick in all_ticks if least <= tick <= most]

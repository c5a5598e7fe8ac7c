"""Charts of the evidence: what recipes differ from random."""

from typing import Any

from assets.charts.charts import ROW_HEIGHT, recipe_colour, recipe_shape, sized


def differences(rows: list[dict[str, Any]], order: list[str]) -> Any:
    """Draw differences from random with their intervals, and a line at none.

    Parameters
    ----------
    rows : recipe, difference, difference_low, difference_high and verdict
    order : all recipes, which fixes their colours
    """
    import altair as alt

    ranked = [row["recipe"] for row in sorted(rows, key=lambda row: row["difference"])]
    numbers = ("difference", "difference_low", "difference_high")
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("recipe:N", title=None, sort=ranked, scale=alt.Scale(domain=ranked)),
        color=recipe_colour(order, rows),
        tooltip=["recipe:N", "verdict:N", *(alt.Tooltip(f"{name}:Q", format="+.4f") for name in numbers)],
    )
    title = "bits per byte more than random (95% interval); left of 0 is better"
    rules = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("difference_low:Q", title=title, axis=alt.Axis(tickCount=5)), x2="difference_high:Q"
    )
    points = base.mark_point(filled=True, opacity=1, size=70).encode(
        x="difference:Q", shape=recipe_shape(order, rows)
    )
    none = alt.Chart(alt.Data(values=[{"none": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="none:Q")
    return sized(none + rules + points, "Difference from random, paired by seed").properties(
        height=ROW_HEIGHT * len(ranked)
    )

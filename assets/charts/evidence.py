"""Charts of the evidence: what recipes differ from random, and how soon they are where it ends."""

from typing import Any

from assets.charts.charts import ROW_HEIGHT, recipe_colour, recipe_shape, sized


def differences(rows: list[dict[str, Any]], order: list[str], unit: str = "byte") -> Any:
    """Draw differences from random with their intervals, and a line at none.

    Parameters
    ----------
    rows : recipe, difference, difference_low, difference_high and verdict
    order : all recipes, which fixes their colours
    unit : what bits are counted by
    """
    import altair as alt

    ranked = [row["recipe"] for row in sorted(rows, key=lambda row: row["difference"])]
    numbers = ("difference", "difference_low", "difference_high")
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("recipe:N", title=None, sort=ranked, scale=alt.Scale(domain=ranked)),
        color=recipe_colour(order, rows),
        tooltip=["recipe:N", "verdict:N", *(alt.Tooltip(f"{name}:Q", format="+.4f") for name in numbers)],
    )
    title = f"bits per {unit} more than random (95% interval); left of 0 is better"
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


def learning_curves(rows: list[dict[str, Any]], baseline: str, order: list[str], unit: str = "byte") -> Any:
    """Draw held-out loss against tokens, a line for each recipe, and a rule where the baseline's ends.

    Parameters
    ----------
    rows : recipe, tokens and bits_per_byte; points before any token are left out, since all are alike there
    order : all recipes, which fixes their colours
    unit : what bits are counted by; training is read in tokens, or in these
    """
    import altair as alt

    drawn = [row for row in rows if row["tokens"]]
    tip = [
        "recipe:N",
        alt.Tooltip("tokens:Q", format=","),
        alt.Tooltip("bits_per_byte:Q", title=f"bits per {unit}", format=".3f"),
    ]
    base = alt.Chart(alt.Data(values=drawn)).encode(
        x=alt.X(
            "tokens:Q",
            title=f"training {'tokens' if unit == 'byte' else unit + 's'} read",
            axis=alt.Axis(format="~s", tickCount=6),
        ),
        y=alt.Y("bits_per_byte:Q", title=f"bits per {unit}, held out", scale=alt.Scale(zero=False)),
        color=recipe_colour(order, drawn),
        tooltip=tip,
    )
    points = base.mark_point(filled=True, opacity=1, size=45).encode(shape=recipe_shape(order, drawn))
    chart = base.mark_line(strokeWidth=1.5) + points
    own = [row for row in drawn if row["recipe"] == baseline]
    if own:
        last = max(own, key=lambda row: row["tokens"])
        end = alt.Chart(alt.Data(values=[{"end": last["bits_per_byte"], "says": f"{baseline} at its end"}]))
        chart = chart + end.mark_rule(strokeDash=[4, 3]).encode(y="end:Q")
        chart = chart + end.mark_text(align="left", baseline="top", dx=4, dy=4).encode(
            x=alt.value(0), y="end:Q", text="says:N"
        )
    return sized(chart, "Held-out loss while training")

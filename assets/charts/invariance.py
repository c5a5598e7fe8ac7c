"""Charts of the invariance audit: invariance by magnitude, a panel for each transformation."""

from typing import Any

_TRAINED, _UNTRAINED = "#0072b2", "#d55e00"
_COLUMNS, _WIDTH, _HEIGHT = 4, 150, 110


def invariance_by_magnitude(rows: list[dict[str, Any]], kind: str) -> Any:
    """Draw the median of each transformation, ribbons from quartile to quartile, trained and untrained.

    Parameters
    ----------
    rows : of the table embedding_invariance, of one kind of documents
    kind : its name, for the title
    """
    import altair as alt

    values = [row | {"transformation": row["transformation"].replace("_", " ")} for row in rows]
    colour = alt.Color(
        "weights:N",
        title=None,
        scale=alt.Scale(domain=["trained", "untrained"], range=[_TRAINED, _UNTRAINED]),
        legend=alt.Legend(orient="bottom"),
    )
    base = alt.Chart().encode(x=alt.X("magnitude:Q", title="magnitude", scale=alt.Scale(domain=[0, 1])))
    y = alt.Scale(domain=[-0.2, 1.05], nice=False, clamp=True)
    ribbon = base.mark_area(opacity=0.18, clip=True).encode(
        y=alt.Y("lower_quartile:Q", scale=y, title="invariance"), y2="upper_quartile:Q", color=colour
    )
    tips = ["transformation:N", "magnitude:Q", "weights:N", "n:Q", alt.Tooltip("invariance:Q", format=".3f"),
            alt.Tooltip("distance:Q", format=".4f")]  # fmt: skip
    line = base.mark_line(point=True, clip=True).encode(y="invariance:Q", color=colour, tooltip=tips)
    zero = alt.Chart().mark_rule(color="#7d90a5", strokeDash=[4, 3]).encode(y=alt.datum(0))
    panel = alt.layer(zero, ribbon, line, data=alt.Data(values=values)).properties(
        width=_WIDTH, height=_HEIGHT
    )
    return panel.facet(facet=alt.Facet("transformation:N", title=None), columns=_COLUMNS).properties(
        title=f"What the encoder overlooks in {kind} documents: 1 not noticed, 0 as far as another document"
    )

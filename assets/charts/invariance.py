"""Charts of what an encoder overlooks: by transformation and magnitude, and what recipes make of it."""

from typing import Any

from assets.charts.charts import ROW_HEIGHT, sized

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


def overlooked(rows: list[dict[str, Any]], kind: str) -> Any:
    """Draw the invariance to each transformation at each magnitude; the encoder's own weights alone.

    Parameters
    ----------
    rows : of the table embedding_invariance, of one kind of documents
    kind : its name, for the title
    """
    own = [{**row, "shown": row["invariance"]} for row in rows if row["weights"] == "trained"]
    title = f"Invariance to what is done to {kind} documents, by magnitude"
    return _cells(own, "magnitude:O", (0, 1), title)


def duplicate_radii(rows: list[dict[str, Any]], kind: str) -> Any:
    """Draw up to which magnitude each recipe takes a transformed document for a copy.

    Parameters
    ----------
    rows : of the table duplicate_radius, of one kind of documents
    kind : its name, for the title
    """
    own = [{**row, "shown": row["radius"]} for row in rows]
    title = f"Up to which magnitude a recipe takes {kind} documents for copies of themselves"
    return _cells(own, "recipe:N", (0, 1), title)


def _cells(values: list[dict[str, Any]], across: str, domain: tuple[float, float], title: str) -> Any:
    """Draw a cell for each transformation, the one with the largest values first, and what stands across."""
    import altair as alt

    rows = [row | {"transformation": row["transformation"].replace("_", " ")} for row in values]
    order = sorted({row["transformation"] for row in rows}, key=lambda name: (-_mean(rows, name), name))
    above = alt.Axis(labelAngle=-40 if across.endswith(":N") else 0, orient="top")
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(across, title=None, sort=None, axis=above),
        y=alt.Y("transformation:N", title=None, sort=order, axis=alt.Axis(labelLimit=170)),
        tooltip=["transformation:N", across, alt.Tooltip("shown:Q", format=".3f"), "n:Q",
                 alt.Tooltip("distance:Q", format=".4f")],
    )  # fmt: skip
    scale = alt.Scale(scheme="blues", domain=domain, clamp=True)
    cells = base.mark_rect().encode(color=alt.Color("shown:Q", scale=scale, legend=None))
    ink = alt.condition("datum.shown > 0.6", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text("shown:Q", format=".2f"), color=ink)
    return sized(cells + words, title).properties(height=ROW_HEIGHT * len(order))


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    """Return the mean of what is shown of a transformation."""
    own = [row["shown"] for row in rows if row["transformation"] == name]
    return sum(own) / len(own)

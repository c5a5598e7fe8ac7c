"""Chart of the search for factors: what transformations explain, of all classes and of each."""

from typing import Any


def explained_by_class(rows: list[dict[str, Any]], encoder: str) -> Any:
    """Draw a cell for each class and transformation, marked where it is shown, those that explain most first.

    Parameters
    ----------
    rows : of the table data_factor_search, of one encoder
    encoder : its name, for the title
    """
    import altair as alt

    values = [row | {"class_name": row["class_name"] or "all classes"} for row in rows]
    order = [row["transformation"] for row in rows if not row["class_name"]]
    classes = list(dict.fromkeys(value["class_name"] for value in values))
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("class_name:N", title=None, sort=classes, axis=alt.Axis(labelAngle=-40, labelLimit=120)),
        y=alt.Y("transformation:N", title=None, sort=order),
        tooltip=["class_name:N", "transformation:N", "within:Q", "between:Q", "low:Q", "high:Q"],
    )
    scale = alt.Scale(scheme="blueorange", domainMid=0, domain=[-0.3, 0.3], clamp=True, reverse=True)
    cells = base.mark_rect().encode(color=alt.Color("explained:Q", title="explained", scale=scale))
    text = base.mark_text(fontSize=9).encode(
        text=alt.Text("explained:Q", format=".2f"),
        opacity=alt.condition(alt.datum.shown, alt.value(1), alt.value(0.45)),
    )
    return (cells + text).properties(
        width=54 * len(classes),
        height=20 * len(order),
        title=f"What explains how images of a class differ, by the encoder {encoder}; faint: not shown",
    )

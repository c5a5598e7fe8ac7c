"""The chart of soups: how far the loss rises between every two runs."""

from typing import Any

from assets.charts.charts import sized

_CELL = 34
_FLAT = 0.1  # bits per byte: a barrier below is pale


def barriers(rows: list[dict[str, Any]]) -> Any:
    """Draw the barrier between every two runs as cells; rows have run, other and barrier, each pair once."""
    import altair as alt

    names = list(dict.fromkeys([*(row["run"] for row in rows), *(row["other"] for row in rows)]))
    both = [*rows, *({**row, "run": row["other"], "other": row["run"]} for row in rows)]
    highest = max([_FLAT, *(row["barrier"] for row in rows)])
    base = alt.Chart(alt.Data(values=both)).encode(
        x=alt.X("other:N", title=None, sort=names, axis=alt.Axis(labelAngle=-40, orient="top")),
        y=alt.Y("run:N", title=None, sort=names),
        tooltip=["run:N", "other:N", alt.Tooltip("barrier:Q", format=".3f")],
    )
    scale = alt.Scale(scheme="blues", domain=[0, highest])
    cells = base.mark_rect().encode(color=alt.Color("barrier:Q", scale=scale, legend=None))
    ink = alt.condition(f"datum.barrier > {0.6 * highest}", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text("barrier:Q", format=".2f"), color=ink)
    title = "Barrier between two runs, in bits per byte: about 0 is one basin"
    return sized(cells + words, title).properties(height=_CELL * len(names))

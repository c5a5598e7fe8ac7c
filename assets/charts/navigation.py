"""Charts of blind agents: how they learn, and what their memory holds beside controls."""

from typing import Any

from assets.charts.charts import ROW_HEIGHT, sized

_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#7d90a5"]
_MOVING = 9  # updates of a mean


def learning_curve(rows: list[dict[str, Any]], policy: str) -> Any:
    """Draw success and SPL of the episodes that ended, by steps; a moving mean over nine updates.

    Parameters
    ----------
    rows : of the table nav_policies, of one policy
    policy : its name, for the title
    """
    import altair as alt

    values = [
        {"steps": row["steps"], "phase": row["phase"], "measure": measure, "value": row[measure]}
        for row in rows for measure in ("success", "spl") if row[measure] is not None
    ]  # fmt: skip
    base = (
        alt.Chart(alt.Data(values=values))
        .transform_window(
            mean="mean(value)", frame=[-_MOVING + 1, 0], groupby=["measure"], sort=[{"field": "steps"}]
        )
        .encode(
            x=alt.X("steps:Q", title="actions", axis=alt.Axis(format="~s")),
            y=alt.Y("mean:Q", title="of episodes that ended", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("measure:N", title=None, scale=alt.Scale(range=_COLOURS)),
            strokeDash=alt.StrokeDash("phase:N", title=None),
        )
    )
    return sized(base.mark_line(), f"How {policy} learns to reach its goal")


def readings(rows: list[dict[str, Any]], title: str) -> Any:
    """Draw what probes read from a policy's memory beside what they read from controls.

    Parameters
    ----------
    rows : with probe, features and value
    """
    import altair as alt

    values = [row for row in rows if row["value"] is not None]
    names = list(dict.fromkeys(row["features"] for row in values))
    probes = list(dict.fromkeys(row["probe"] for row in values))
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("probe:N", title=None, sort=probes, axis=alt.Axis(labelLimit=230)),
        x=alt.X("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=alt.Color("features:N", title=None, sort=names, scale=alt.Scale(domain=names, range=_COLOURS)),
        tooltip=["probe:N", "features:N", alt.Tooltip("value:Q", format=".3f"), "n:Q"],
    )
    return sized(base.mark_point(filled=True, size=70), title).properties(height=ROW_HEIGHT * len(probes))


def map_areas(rows: list[dict[str, Any]]) -> Any:
    """Draw how well walls are read by a probe that learnt from each recipe's episodes; rows of map_probes."""
    import altair as alt

    values = [row for row in rows if row["area"] is not None]
    recipes = list(dict.fromkeys(row["recipe"] for row in sorted(values, key=lambda row: -row["area"])))
    masks = list(dict.fromkeys(row["mask"] for row in values))
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("recipe:N", title=None, sort=recipes, axis=alt.Axis(labelLimit=130)),
        x=alt.X("area:Q", title="mean area under the ROC curve", scale=alt.Scale(zero=False)),
        color=alt.Color("mask:N", title="cells", sort=masks, scale=alt.Scale(domain=masks, range=_COLOURS)),
        tooltip=["recipe:N", "mask:N", alt.Tooltip("area:Q", format=".4f"), "episodes:Q", "mazes:Q", "n:Q"],
    )
    title = "Walls read from the memory of an agent, by what the probe learnt from"
    return sized(base.mark_point(filled=True, size=70), title).properties(height=ROW_HEIGHT * len(recipes))

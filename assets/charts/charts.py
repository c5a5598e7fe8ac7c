"""Charts: one look for the report and for the pictures on assets, from small aggregates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, ROW_HEIGHT = 420, 240, 22
_NEUTRAL = "#7d90a5"
BINS = 50
MAX_CLUSTERS = 2000
# colours that the colour-blind tell apart (Okabe and Ito), none swallowed by a white or a black page
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#808080", "#b39b00")
_SHAPES = (
    "M0,-1A1,1,0,1,1,0,1A1,1,0,1,1,0,-1Z", "M-0.9,-0.9H0.9V0.9H-0.9Z", "M0,-1.2L1,0L0,1.2L-1,0Z",
    "M0,-1.1L1.1,0.9H-1.1Z", "M-0.4,-1.1H0.4V-0.4H1.1V0.4H0.4V1.1H-0.4V0.4H-1.1V-0.4H-0.4Z",
    "M0,1.1L1.1,-0.9H-1.1Z", "M1.1,0L-0.9,-1.1V1.1Z", "M-1.1,0L0.9,-1.1V1.1Z",
)  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """The mark of a recipe: a colour and the path of a shape within about -1 to 1."""

    colour: str
    shape: str


def signs(names: list[str]) -> dict[str, Sign]:
    """Assign each recipe a colour and shape by its position, the same in every chart.

    Parameters
    ----------
    names : all recipes in one fixed order; colour and shape repeat together after 64

    Examples
    --------
    >>> several = list(signs([str(i) for i in range(64)]).values())
    >>> len(set(several)), several[0].colour == several[8].colour
    (64, True)
    """
    n = len(_COLOURS)
    return {name: Sign(_COLOURS[i % n], _SHAPES[(i + i // n) % len(_SHAPES)]) for i, name in enumerate(names)}


def similarity_counts(values: NDArray[np.float32]) -> list[int]:
    """Count similarities in BINS equal bins from 0 to 1; what is below 0 goes to the first.

    Examples
    --------
    >>> counts = similarity_counts(np.array([-0.1, 0.0, 0.019, 0.99, 1.0], np.float32))
    >>> counts[0], counts[-1], sum(counts)
    (3, 2, 5)
    """
    return np.histogram(np.clip(values, 0, 1), BINS, (0, 1))[0].tolist()


def similarities(
    counts: list[int],
    cuts: dict[str, float],
    order: list[str],
    of: str = "highest cosine similarity to an earlier document",
) -> Any:
    """Draw how similar documents are to their nearest earlier one, with each recipe's cut as a line.

    Parameters
    ----------
    counts : documents in each of BINS equal bins from 0 to 1
    cuts : by recipe, the similarity above which it drops
    order : all recipes, which fixes their colours
    of : what is counted
    """
    import altair as alt

    rows = [{"begin": i / BINS, "end": (i + 1) / BINS, "documents": n} for i, n in enumerate(counts)]
    bars = alt.Chart(alt.Data(values=rows)).mark_bar(color=_NEUTRAL, opacity=0.6).encode(
        x=alt.X("begin:Q", title=of, bin="binned"),
        x2="end:Q",
        y=alt.Y("documents:Q", title="documents"),
        tooltip=["begin:Q", "end:Q", "documents:Q"],
    )  # fmt: skip
    if not cuts:
        return sized(bars, "Similarity to the nearest earlier document")
    lines = [{"recipe": recipe, "cut": cut} for recipe, cut in cuts.items()]
    base = alt.Chart(alt.Data(values=lines)).encode(
        x="cut:Q", color=recipe_colour(order, lines), tooltip=["recipe:N", alt.Tooltip("cut:Q", format=".3f")]
    )
    tilted = base.mark_text(align="left", angle=325, dx=3, dy=-4, fontWeight="bold")
    named = tilted.encode(y=alt.value(0), text="recipe:N")
    return sized(bars + base.mark_rule(size=2) + named, "Similarity to the nearest earlier document")


def cluster_sizes(sizes: NDArray[np.int64]) -> Any:
    """Draw clusters by size, the largest first."""
    import altair as alt

    largest = np.sort(sizes)[::-1][:MAX_CLUSTERS]
    whole = alt.Axis(format="d", tickMinStep=1)
    rows = [{"begin": i + 0.5, "end": i + 1.5, "documents": int(n)} for i, n in enumerate(largest)]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(color=_NEUTRAL).encode(
        x=alt.X("begin:Q", title="clusters, the largest first", bin="binned", axis=whole),
        x2="end:Q",
        y=alt.Y("documents:Q", title="documents"),
        tooltip=["documents:Q"],
    )  # fmt: skip
    return sized(chart, f"Documents of the {len(largest):,} largest clusters")


def objective(values: list[float]) -> Any:
    """Draw the sum of cosines to the nearest centroid, per iteration."""
    import altair as alt

    rows = [{"iteration": i + 1, "objective": v} for i, v in enumerate(values)]
    chart = alt.Chart(alt.Data(values=rows)).mark_line(point=True, color=_NEUTRAL).encode(
        x=alt.X("iteration:Q", title="iteration"),
        y=alt.Y("objective:Q", title="sum of cosines", scale=alt.Scale(zero=False)),
    )  # fmt: skip
    return sized(chart, "K-means objective")


def kept_share(rows: list[dict[str, Any]], group: str, axis: str, title: str, order: list[str]) -> Any:
    """Draw the share that each recipe keeps of each group; rows have recipe, kept and the group, a number."""
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(f"{group}:Q", title=axis, axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("kept:Q", title="share kept", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=recipe_colour(order, rows),
        shape=recipe_shape(order, rows),
        tooltip=["recipe:N", f"{group}:Q", alt.Tooltip("kept:Q", format=".1%")],
    )
    several = len({row[group] for row in rows}) <= BINS // 2
    points = base.mark_point(filled=True, opacity=1, size=45 if several else 16)
    return sized(base.mark_line(strokeWidth=1.5) + points, title)


def kept_table(rows: list[dict[str, Any]], group: str, title: str, order: list[str]) -> Any:
    """Draw the share kept of each group as cells; rows have recipe, kept, documents and group."""
    import altair as alt

    above = alt.Axis(labelAngle=-40, orient="top")
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("recipe:N", title=None, sort=_present(order, rows), axis=above),
        y=alt.Y(f"{group}:N", title=None, sort=None, axis=alt.Axis(labelLimit=130)),
        tooltip=["recipe:N", f"{group}:N", alt.Tooltip("kept:Q", format=".1%"), "documents:Q"],
    )
    scale = alt.Scale(scheme="blues", domain=[0, 1])
    cells = base.mark_rect().encode(color=alt.Color("kept:Q", scale=scale, legend=None))
    ink = alt.condition("datum.kept > 0.6", alt.value("white"), alt.value("black"))
    words = base.mark_text(fontSize=10).encode(text=alt.Text("kept:Q", format=".0%"), color=ink)
    groups = len({row[group] for row in rows})
    return sized(cells + words, title).properties(height=ROW_HEIGHT * groups)


def losses(rows: list[dict[str, Any]], order: list[str]) -> Any:
    """Draw training losses; rows have recipe, tokens and loss."""
    import altair as alt

    chart = alt.Chart(alt.Data(values=rows)).mark_line(strokeWidth=1.5).encode(
        x=alt.X("tokens:Q", title="training tokens read", axis=alt.Axis(format="~s", tickCount=6)),
        y=alt.Y("loss:Q", title="training loss (nats per token)", scale=alt.Scale(zero=False)),
        color=recipe_colour(order, rows),
        tooltip=["recipe:N", "tokens:Q", alt.Tooltip("loss:Q", format=".3f")],
    )  # fmt: skip
    return sized(chart, "Training loss")


def intervals(
    rows: list[dict[str, Any]], title: str, ranked: list[str], order: list[str], domain: tuple[float, float],
    unit: str = "byte",
) -> Any:  # fmt: skip
    """Draw bits per byte, or per image, with intervals; rows have recipe, value, low and high.

    Parameters
    ----------
    ranked : recipes from the top of the chart down
    domain : of the axis, so that charts of several slices can be read across
    unit : what bits are counted by
    """
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("recipe:N", title=None, sort=ranked, scale=alt.Scale(domain=ranked)),
        color=recipe_colour(order, rows),
        tooltip=["recipe:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high"))],
    )
    scale = alt.Scale(domain=list(domain), zero=False, nice=True)
    rules = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=f"bits per {unit} (95% interval)", scale=scale, axis=alt.Axis(tickCount=4)),
        x2="high:Q",
    )
    points = base.mark_point(filled=True, opacity=1, size=70).encode(
        x="value:Q", shape=recipe_shape(order, rows)
    )
    return sized(rules + points, title).properties(height=ROW_HEIGHT * len(ranked))


def _present(order: list[str], rows: list[dict[str, Any]]) -> list[str]:
    """List the recipes of some rows in the fixed order, then those that it lacks."""
    present = {row["recipe"] for row in rows}
    return [name for name in dict.fromkeys([*order, *sorted(present)]) if name in present]


def recipe_colour(order: list[str], rows: list[dict[str, Any]]) -> Any:
    """Colour by recipe; the page has one key for all charts, so none has a legend."""
    import altair as alt

    shown = _present(order, rows)
    by_name = signs(list(dict.fromkeys([*order, *shown])))
    scale = alt.Scale(domain=shown, range=[by_name[name].colour for name in shown])
    return alt.Color("recipe:N", scale=scale, legend=None)


def recipe_shape(order: list[str], rows: list[dict[str, Any]]) -> Any:
    """Shape by recipe, for eyes that the colours do not reach."""
    import altair as alt

    shown = _present(order, rows)
    by_name = signs(list(dict.fromkeys([*order, *shown])))
    scale = alt.Scale(domain=shown, range=[by_name[name].shape for name in shown])
    return alt.Shape("recipe:N", scale=scale, legend=None)


def sized(chart: Any, title: Any) -> Any:
    """Set a chart's size and title."""
    return chart.properties(width=_WIDTH, height=_HEIGHT, title=title)

"""The chart of drift: how far documents lie from their centroids, at training time and now."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.charts.charts import sized
from guyot.cluster.drift import FARTHEST, N_BINS

_COLOURS = {"left out of their own centroid, at training": "#7d90a5", "new since then": "#d55e00"}


def drift(before: NDArray[np.int64], after: NDArray[np.int64], gap: float) -> Any:
    """Draw two distributions of distances as shares of their documents, one over the other.

    Parameters
    ----------
    before, after : documents in each of N_BINS equal bins of cosine distance from 0 to 2
    gap : what the title says of them
    """
    import altair as alt

    width = FARTHEST / N_BINS
    rows = [
        {"documents": name, "begin": i * width, "end": (i + 1) * width, "share": int(n) / int(counts.sum())}
        for name, counts in zip(_COLOURS, (before, after), strict=True)
        for i, n in enumerate(counts)
        if n
    ]
    chart = alt.Chart(alt.Data(values=rows)).mark_bar(opacity=0.55).encode(
        x=alt.X("begin:Q", title="cosine distance to the nearest centroid", bin="binned"),
        x2="end:Q",
        y=alt.Y("share:Q", title="share of documents", axis=alt.Axis(format="%"), stack=None),
        color=alt.Color(
            "documents:N",
            title=None,
            scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
            legend=alt.Legend(orient="bottom", labelLimit=400),
        ),
        tooltip=["documents:N", "begin:Q", alt.Tooltip("share:Q", format=".1%")],
    )  # fmt: skip
    return sized(chart, f"Distances to centroids: largest gap of cumulative shares {gap:.2f}")

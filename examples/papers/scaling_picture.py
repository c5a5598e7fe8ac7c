"""The picture of scaling.py: loss against data by arm, with what the fits say beyond the points they saw."""

from typing import Any

import numpy as np
from growth import FORMS, Fit
from numpy.typing import NDArray

Drawn = tuple[NDArray[np.float64], NDArray[np.float64], dict[str, Fit]]
_SHAPES = {"power": "power law", "exponential": "exponential"}


def picture(arms: dict[str, Drawn]) -> Any:
    """Draw the arms' curves.

    Parameters
    ----------
    arms : by name, what was read in bytes, the loss in bits per byte, and the fits by form
    """
    import altair as alt

    points = [
        {"arm": arm, "read": read / 1e6, "loss": loss}
        for arm, (kept, losses, _) in arms.items()
        for read, loss in zip(kept.tolist(), losses.tolist(), strict=True)
    ]
    lines = [
        {"arm": arm, "read": read / 1e6, "loss": loss, "fit": _SHAPES[form]}
        for arm, (kept, _, fits) in arms.items()
        for form in FORMS
        for read in [np.geomspace(kept[0], kept[-1], 60)]
        for read, loss in zip(read.tolist(), fits[form](read).tolist(), strict=True)
    ]
    x = alt.X("read:Q", scale=alt.Scale(type="log", nice=False, padding=12), title="bytes read, MB")
    y = alt.Y("loss:Q", scale=alt.Scale(zero=False), title="bits per byte")
    colour = alt.Color("arm:N", sort=list(arms), title="kept")
    drawn = alt.Chart(alt.Data(values=points)).mark_point(filled=True, size=45).encode(x, y, colour)
    fits = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(strokeWidth=1.2)
        .encode(x, y, colour, strokeDash=alt.StrokeDash("fit:N", title="fit", sort=list(_SHAPES.values())))
    )
    return (fits + drawn).properties(width=560, height=360)

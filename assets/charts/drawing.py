"""Draws charts as PNGs, without a browser."""

import base64
import json
from typing import Any

from resources import pictures


def png(chart: Any) -> bytes:
    """Draw a chart as a PNG, without a browser.

    Raises
    ------
    PictureError : it could not be drawn.
    """
    return pictures.png(json.dumps(pictures.specification(chart)))


def markdown_picture(chart: Any) -> str:
    """Draw a chart as markdown, for an asset's metadata; one that cannot be drawn is a text that says so."""
    try:
        drawn = png(chart)
    except pictures.PictureError as error:
        return f"This chart could not be drawn: {error}"
    return f"![chart](data:image/png;base64,{base64.b64encode(drawn).decode()})"

"""Drawing: a picture is in the markdown itself, and one that cannot be drawn is a text that says so."""

import pytest

from assets.charts import drawing
from assets.charts.charts import objective
from resources import pictures


def test_a_picture_is_in_the_markdown_itself() -> None:
    assert drawing.markdown_picture(objective([1.0])).startswith("![chart](data:image/png;base64,iVBOR")


def test_a_chart_that_cannot_be_drawn_is_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = objective([1.0])
    monkeypatch.setattr(pictures, "specification", lambda chart: {"mark": "no such mark"})
    with pytest.raises(pictures.PictureError):
        drawing.png(chart)
    assert drawing.markdown_picture(chart).startswith("This chart could not be drawn: ")

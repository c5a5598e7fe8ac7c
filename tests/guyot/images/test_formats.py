"""Encodings of images, told by their first bytes."""

import pytest
from support.images import encoded, picture

from guyot.images.decode import FORMATS
from guyot.images.formats import image_suffix


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_that_is_decoded_has_its_suffix(form: str) -> None:
    wanted = {"JPEG": ".jpg", "TIFF": ".tif"}.get(form, f".{form.lower()}")
    assert image_suffix(encoded(picture(0), form)) == wanted


def test_other_bytes_have_none_of_an_image() -> None:
    assert image_suffix(b"") == image_suffix(b"<svg>") == ".bin"

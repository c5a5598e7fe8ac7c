"""A search chooses among copies that are made the same way of every image."""

import numpy as np
from support.images import picture

from guyot.audit.invariance.image_copies import COPY_MAGNITUDES, N_COPIES, WAYS, copies_of, encoded_copies
from guyot.audit.invariance.image_transformations import IMAGE_TRANSFORMATIONS, darkening
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.seeds import generator


def test_there_are_copies_of_all_strengths_and_ways_and_each_is_the_same_of_all_images() -> None:
    images = [picture(1), picture(1), picture(2)]
    found = list(copies_of(images, "translation", 0))
    assert len(found) == 3 * len(COPY_MAGNITUDES) * WAYS["translation"]
    for begin in range(0, len(found), 3):
        assert np.array_equal(found[begin], found[begin + 1])
    assert len({one.tobytes() for one in found[::3]}) > 25, "strengths and directions differ"
    assert sum(len(list(copies_of(images[:1], name, 0))) for name in IMAGE_TRANSFORMATIONS) == N_COPIES


def test_rows_are_of_the_copies_in_their_order_and_grey_images_stay() -> None:
    images, encoder = [picture(1), picture(2)], PixelEncoder()
    ((name, found),) = encoded_copies(images, encoder, 0, ["darkening"])
    assert (name, found.shape) == ("darkening", (4, 2, 256))
    (row,) = encoder.encode([darkening(images[1], 0.75, generator(0, "no draw"))])
    assert found[2, 1].tobytes() == row.tobytes()
    grey = np.repeat(picture(3)[:, :, :1], 3, axis=2)
    assert all(np.array_equal(one, grey) for one in copies_of([grey], "hue", 0))

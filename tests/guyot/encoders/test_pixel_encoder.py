"""The encoder without weights: copies near, others not, each row its image's alone."""

import numpy as np
from support.images import encoded, picture, resized

from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.images.decode import decode
from guyot.vectors.exact import unit_float16

ENCODER = PixelEncoder()


def test_rows_are_of_unit_length_and_of_their_image_alone():
    images = [picture(n, 30 + n, 50 - n) for n in range(9)]
    rows = ENCODER.encode(images)
    assert rows.shape == (9, 256)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows.astype(np.float64), axis=1), 1, atol=1e-6)
    alone = np.concatenate([ENCODER.encode([image]) for image in images])
    assert rows.tobytes() == alone.tobytes()
    assert ENCODER.encode(iter(images[::-1]))[::-1].tobytes() == rows.tobytes()
    assert ENCODER.encode([]).shape == (0, 256)


def test_copies_are_nearer_than_others():
    images = [picture(n, 96, 80) for n in range(30)]
    rows = ENCODER.encode(images).astype(np.float64)
    others = (rows @ rows.T)[~np.eye(30, dtype=bool)]
    for change in (
        lambda p: resized(p, 40, 36),
        lambda p: decode(encoded(p, "JPEG", quality=50), max_pixels=10**6).pixels,
    ):
        copies = ENCODER.encode([change(image) for image in images]).astype(np.float64)
        assert (rows * copies).sum(axis=1).min() > others.max() + 0.02


def test_images_of_one_colour_have_finite_vectors_by_their_colour():
    plain = [np.full((9, 9, 3), value, np.uint8) for value in (0, 128, 255)]
    one_pixel = np.full((1, 1, 3), 128, np.uint8)
    rows = ENCODER.encode([*plain, one_pixel])
    assert np.isfinite(unit_float16(rows)).all()
    assert np.allclose(rows[1], rows[3])
    assert rows[0] @ rows[2] < rows[1] @ rows[2] < 1


def test_its_id_is_of_all_that_decides(monkeypatch):
    assert ENCODER.id == PixelEncoder().id != PixelEncoder(128).id
    assert PixelEncoder(64).encode([picture(0)]).shape == (1, 64)

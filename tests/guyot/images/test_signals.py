"""Signals of images: by hand, and against a slow reference."""

import numpy as np
import pytest
from support.images import picture

from guyot.images import signals as module
from guyot.images.signals import image_signals


def reference(pixels):
    """Measure an image pixel by pixel."""
    height, width, _ = pixels.shape
    grey = [
        [int((19595 * int(r) + 38470 * int(g) + 7471 * int(b)) // 65536) for r, g, b in row] for row in pixels
    ]
    flat = [value for row in grey for value in row]
    shares = [flat.count(value) / len(flat) for value in set(flat)]
    laplacian = [
        grey[y - 1][x] + grey[y + 1][x] + grey[y][x - 1] + grey[y][x + 1] - 4 * grey[y][x]
        for y in range(1, height - 1)
        for x in range(1, width - 1)
    ]
    return {
        "width": width, "height": height, "aspect": width / height,
        "entropy": -sum(share * np.log2(share) for share in shares),
        "brightness": sum(flat) / len(flat) / 255,
        "sharpness": float(np.var(laplacian)) if laplacian else 0.0,
    }  # fmt: skip


@pytest.mark.parametrize("shape", [(40, 48), (3, 3), (1, 9), (2, 5), (9, 1), (17, 4)])
@pytest.mark.parametrize("strip", [1 << 20, 1, 60])
def test_they_are_those_of_the_reference_whatever_the_strips(monkeypatch, shape, strip):
    monkeypatch.setattr(module, "_STRIP_PIXELS", strip)
    pixels = picture(5)[: shape[0], : shape[1]]
    found = vars(image_signals(pixels))
    assert found == pytest.approx(reference(pixels), abs=1e-9)


def test_by_hand():
    half = np.zeros((4, 4, 3), np.uint8)
    half[2:] = 255
    found = image_signals(half)
    assert (found.entropy, found.brightness) == (1.0, 0.5)
    assert found.sharpness == 255**2  # at the border -255 and 255
    plain = image_signals(np.full((5, 5, 3), 7, np.uint8))
    assert (plain.entropy, plain.sharpness) == (0.0, 0.0)


def test_blur_lowers_sharpness_and_noise_raises_it():
    pixels = picture(5)
    soft = (pixels[:-1, :-1].astype(int) + pixels[1:, 1:]) // 2
    noise = np.random.default_rng(0).integers(-40, 40, pixels.shape)
    rough = np.clip(pixels.astype(int) + noise, 0, 255)
    values = [image_signals(one.astype(np.uint8)).sharpness for one in (soft, pixels, rough)]
    assert values == sorted(values)

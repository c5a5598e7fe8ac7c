"""What was planted in made images is found and ranked first; where nothing was, nothing is shown."""

import numpy as np
import pytest
from support.images import picture

from guyot.audit.data_factors import PairGains, data_factors, pair_gains, stability
from guyot.audit.invariance.image_copies import encoded_copies
from guyot.audit.invariance.image_geometry import Pixels, shifted
from guyot.audit.invariance.image_transformations import hue
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.errors import ArrayError
from guyot.seeds import generator

SEARCHED = ("translation", "rotation", "darkening", "hue", "blur")


def planted(factor: str, n: int = 6, n_classes: int = 3) -> PairGains:
    """Search images of which those of a class differ by one factor, and by a little noise."""
    images: list[Pixels] = []
    for number in range(n_classes * n):
        draw = generator(0, "planted", factor, number)
        image = picture(number // n, 40, 40)
        if factor == "translation":
            image = shifted(image, *draw.integers(-4, 5, 2).tolist())
        elif factor == "darkening":
            image = np.rint(image * draw.uniform(0.3, 1)).astype(np.uint8)
        elif factor == "hue":
            image = hue(image, float(draw.uniform()), draw)
        assert image is not None
        images.append(np.clip(image + draw.normal(0, 6, image.shape), 0, 255).astype(np.uint8))
    encoder, label = PixelEncoder(), np.repeat(np.arange(n_classes), n)
    return pair_gains(encoder.encode(images), encoded_copies(images, encoder, 0, SEARCHED), label)


@pytest.mark.parametrize("factor", ["translation", "darkening", "hue"])
def test_the_factor_that_varies_ranks_first_and_is_shown(factor: str) -> None:
    found = data_factors(planted(factor), draws=100, stream=generator(0, "draws"))
    assert found[0].transformation == factor
    assert found[0].is_shown
    assert found[0].explained.value > 0.2
    assert found[0].explained.n == 18
    others = [one for one in found[1:] if one.transformation != "blur"]  # which takes noise away
    assert not any(one.is_shown for one in others)
    assert sorted(one.transformation for one in found) == sorted(SEARCHED)


def test_where_nothing_varies_nothing_is_shown() -> None:
    found = data_factors(planted("nothing"), draws=100, stream=generator(0, "draws"))
    assert not any(one.is_shown for one in found if one.transformation != "blur")


def gains() -> PairGains:
    """Return gains of two classes, of two images and three, that can be summed by hand."""
    distance = 1 - np.eye(5)
    gain = np.zeros((1, 5, 5))
    gain[0, :2, :2] = [[0, 0.5], [0.1, 0]]
    gain[0, 2:, 2:] = [[0, 0.3, 0], [0, 0, 0], [0, 0, 0]]
    gain[0, :2, 2:] = 0.2
    return PairGains(("turn",), gain, distance, np.array([0, 0, 1, 1, 1]))


def test_shares_by_hand() -> None:
    (found,) = data_factors(gains(), draws=50, stream=generator(0, "draws"))
    assert found.within == pytest.approx((0.5 + 0.1 + 0.3) / 8)  # of 2 + 6 ordered pairs
    assert found.between == pytest.approx(6 * 0.2 / 12)
    assert found.boosted == pytest.approx(3 / 8)
    assert found.explained.value == pytest.approx(0.9 / 8 - 0.1)
    assert found.explained.low <= found.explained.value <= found.explained.high
    (of_second,) = data_factors(gains(), draws=50, stream=generator(0, "draws"), label=1)
    assert (of_second.within, of_second.between, of_second.explained.n) == pytest.approx((0.3 / 6, 0.2, 3))
    (of_first,) = data_factors(gains(), draws=50, stream=generator(0, "draws"), label=0)
    assert (of_first.within, of_first.between) == pytest.approx((0.3, 0))


def test_gains_are_those_of_a_naive_search() -> None:
    draw = generator(0, "naive")
    vectors, copies = draw.standard_normal((6, 4)), draw.standard_normal((3, 6, 4))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    copies /= np.linalg.norm(copies, axis=-1, keepdims=True)
    found = pair_gains(vectors, [("turn", copies)], np.array([0, 0, 0, 1, 1, 1]))
    for i in range(6):
        for j in range(6):
            best = max(0.0, *(float(vectors[i] @ copy[j] - vectors[i] @ vectors[j]) for copy in copies))
            assert found.gain[0, i, j] == pytest.approx(0 if i == j else best)
            assert found.distance[i, j] == pytest.approx(1 - vectors[i] @ vectors[j])


def test_rankings_that_are_a_classes_own_are_stable_and_unlike_others() -> None:
    label = np.repeat([0, 1], 8)
    same = label[:, None] == label
    noise = generator(0, "noise").uniform(0, 0.01, (4, 16, 16))
    gain = np.zeros((4, 16, 16))
    for number in range(4):  # the first class answers to the last transformations, the other to the first
        gain[number, :8, :8], gain[number, 8:, 8:] = 0.1 * number, 0.1 * (3 - number)
    found = PairGains(tuple("abcd"), (gain + noise) * same, 1 - np.eye(16), label)
    for one in stability(found, splits=5, stream=generator(0, "splits")):
        assert one.halves == pytest.approx(1)
        assert one.others == pytest.approx(-1)
    few = stability(gains(), splits=5, stream=generator(0, "splits"))
    assert np.isnan([one.halves for one in few]).all(), "of fewer than four images there are no halves"


def test_what_cannot_be_compared_is_refused() -> None:
    eye = np.eye(4)
    with pytest.raises(ArrayError, match="4 images in classes of \\[4\\]; give 2 classes at least"):
        pair_gains(eye, [], np.zeros(4, np.int64))
    with pytest.raises(ArrayError, match="classes of \\[1, 3\\]"):
        pair_gains(eye, [], np.array([0, 1, 1, 1]))
    with pytest.raises(ArrayError, match="copies of turn are \\[1, 3, 4\\], images \\[4, 4\\]"):
        pair_gains(eye, [("turn", eye[None, :3])], np.array([0, 0, 1, 1]))

"""Decoding: every kind of image to the same kind of pixels, and what is none with its reason."""

import hashlib
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps
from support.images import encoded, fuzzed, hostile, picture

from guyot.images import decode as module
from guyot.images.decode import DecodedImage, ImageProblem, decode, pixel_digest, version

HOSTILE = {name: case for name, case in hostile().items() if case[0]}


def decoded(content, **limits):
    found = decode(content, **{"max_pixels": 64_000_000, **limits})
    assert isinstance(found, DecodedImage), found
    assert found.pixels.dtype == np.uint8
    assert found.pixels.flags.c_contiguous
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_each_made_image_is_decoded_or_has_its_reason(name):
    content, reason = HOSTILE[name]
    found = [decode(content, max_pixels=64_000_000) for _ in range(2)]
    if reason:
        assert found[0] == found[1], "the same message each time"
        assert found[0].reason == reason
        assert len(found[0].detail) > 10
        assert "0x7" not in found[0].detail
    else:
        assert np.array_equal(found[0].pixels, found[1].pixels)


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP", "GIF", "JPEG"])
def test_pixels_are_those_that_were_encoded(form):
    pixels = picture(3)
    if form == "GIF":  # which has 256 colours
        pixels = np.asarray(Image.fromarray(pixels).quantize(64).convert("RGB"))
    content = encoded(pixels, form, **({"lossless": True} if form == "WEBP" else {}))
    found = decoded(content)
    assert (found.format, found.n_frames, found.orientation) == (form, 1, 1)
    if form == "JPEG":
        assert np.abs(found.pixels.astype(int) - pixels).mean() < 20
    else:
        assert np.array_equal(found.pixels, pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_orientation_is_applied_and_kept(form, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(picture(2), form, exif=exif)
    found = decoded(content)
    with Image.open(module.io.BytesIO(content)) as image:
        wanted = ImageOps.exif_transpose(image)
        assert np.array_equal(found.pixels, np.asarray(wanted))
    assert found.orientation == orientation
    assert found.pixels.shape[:2] == ((48, 40) if orientation > 4 else (40, 48))


def test_damaged_exif_loses_no_pixels():
    content = encoded(picture(2), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken")
    assert decoded(content).orientation == 1


def test_grey_of_16_bits_is_scaled_and_not_clipped():
    grey = np.array([[0, 128, 257, 385, 386], [32_768, 65_279, 65_406, 65_407, 65_535]], np.uint16)
    naive = np.floor(grey.astype(np.float64) / 257 + 0.5)
    found = decoded(encoded(Image.fromarray(grey)))
    assert found.mode == "I;16"
    assert found.pixels.tolist() == np.repeat(naive[:, :, None], 3, axis=2).tolist()
    assert found.pixels.max() == 255
    wide = Image.fromarray(np.array([[0, 65_536]], np.int32))
    assert decode(encoded(wide, "TIFF"), max_pixels=99).reason == "image_not_decodable"
    assert "65536 do not fit in 16 bits" in decode(encoded(wide, "TIFF"), max_pixels=99).detail
    real = Image.fromarray(np.array([[0.5, 1.5]], np.float32))
    assert "mode F have no fixed range" in decode(encoded(real, "TIFF"), max_pixels=99).detail


def test_what_is_transparent_shows_white_and_no_hidden_colours():
    red = np.zeros((1, 3, 4), np.uint8)
    red[0, :, 0], red[0, :, 3] = 255, (0, 51, 255)
    found = decoded(encoded(Image.fromarray(red))).pixels[0].tolist()
    assert found == [[255, 255, 255], [255, 204, 204], [255, 0, 0]]
    palette = Image.fromarray(picture(1)).convert("P")
    first = palette.getpixel((0, 0))
    assert decoded(encoded(palette, transparency=first)).pixels[0, 0].tolist() == [255, 255, 255]
    grey = Image.fromarray(np.array([[7, 9]], np.uint8))
    assert decoded(encoded(grey, transparency=7)).pixels[0].tolist() == [[255] * 3, [9] * 3]


def test_of_an_animation_it_is_the_first_frame():
    frames = [Image.fromarray(picture(n)) for n in (1, 2, 3)]
    for form in ("GIF", "WEBP", "PNG", "TIFF"):
        options = {"lossless": True} if form == "WEBP" else {}
        found = decoded(encoded(frames[0], form, save_all=True, append_images=frames[1:], **options))
        assert found.n_frames == 3, form
        if form != "GIF":
            assert np.array_equal(found.pixels, picture(1)), form


def test_cmyk_and_palettes_have_the_colours_of_pillows_conversion():
    for mode in ("CMYK", "P", "L", "1", "YCbCr"):
        form = "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"
        image = Image.fromarray(picture(1)).convert(mode)
        found = decoded(encoded(image, form))
        assert np.array_equal(found.pixels, np.asarray(image.convert("RGB"))), mode
        assert found.mode in (mode, "RGB")


def test_limits_are_by_the_header_before_anything_is_decoded(monkeypatch):
    content = encoded(picture(1))
    monkeypatch.setattr(module, "_decoded", lambda image: pytest.fail("decoded"))
    found = decode(content, max_pixels=48 * 40 - 1)
    assert found == ImageProblem(
        "image_too_large", "48 x 40 pixels are over reading.max_image_pixels=1919; raise it to read this"
    )
    found = decode(content, max_pixels=48 * 40, min_side=41)
    assert found.reason == "image_too_small"
    assert "48 x 40 pixels have a side under reading.min_image_side=41; lower it" in found.detail


def test_a_header_that_promises_more_than_there_is_costs_no_memory():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
    assert decode(content, max_pixels=64_000_000).reason == "image_too_large"


def test_strips_change_nothing(monkeypatch):
    contents = [HOSTILE[name][0] for name in ("grey16.png", "transparent.png", "palette.png", "cmyk.jpg")]
    before = [decoded(content).pixels for content in contents]
    monkeypatch.setattr(module, "_STRIP_PIXELS", 100)
    assert all(np.array_equal(decoded(c).pixels, pixels) for c, pixels in zip(contents, before, strict=True))


def test_large_images_are_decoded_one_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "_LARGE_PIXELS", 100)
    decode_one, at_once, most = module._decoded, [], []
    both = threading.Barrier(2)

    def counted(image):
        at_once.append(1)
        most.append(len(at_once))
        found = decode_one(image)
        at_once.pop()
        return found

    def ask(content):
        both.wait()
        return [decoded(content) for _ in range(20)]

    monkeypatch.setattr(module, "_decoded", counted)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, [encoded(picture(1)), encoded(picture(2))]))
    assert max(most) == 1
    assert len(most) == 40


def test_fuzzed_images_are_decoded_or_rejected_and_never_raise():
    found = [decode(content, max_pixels=1_000_000) for content in fuzzed(200, seed=1)]
    reasons = {getattr(one, "reason", "") for one in found}
    assert {"", "image_truncated", "image_not_decodable", "unsupported_image_format"} <= reasons
    assert all(isinstance(one, DecodedImage | ImageProblem) for one in found)


def test_the_digest_is_of_the_size_and_the_pixels():
    pixels = picture(1)
    digest = pixel_digest(pixels)
    height, width = pixels.shape[:2]
    by_hand = hashlib.blake2b(struct.pack("<II", width, height) + pixels.tobytes(), digest_size=16)
    assert digest == by_hand.hexdigest()
    assert pixel_digest(decoded(encoded(pixels, "BMP")).pixels) == digest
    assert pixel_digest(pixels[:, ::-1]) != digest
    assert pixel_digest(pixels.reshape(48, 40, 3)) != digest
    assert pixel_digest(pixels[:, ::-1][:, ::-1]) == digest, "of the values, not of how they lie in memory"


def test_another_decoder_is_another_version(monkeypatch):
    before = version()
    assert before == version()
    monkeypatch.setattr(module.importlib.metadata, "version", lambda name: "99")
    assert version() != before

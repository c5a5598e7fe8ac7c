"""Made images: encoded pictures of a known content, a source folder of them, and hostile files."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from PIL import Image

from guyot.seeds import generator

if TYPE_CHECKING:
    import pytest

    from assets.graph.lake import LakeResources


def picture(number: int, width: int = 48, height: int = 40) -> NDArray[np.uint8]:
    """Return a picture of a few coloured patches and waves, another for each number: uint8[height, width, 3]."""
    draw = generator(0, "picture", number)
    down, right = np.mgrid[0:height, 0:width] / 40
    pixels = np.empty((height, width, 3))
    for channel in range(3):
        speed = draw.uniform(0.5, 9, 2)
        pixels[:, :, channel] = np.sin(speed[0] * down + speed[1] * right + draw.uniform(0, 6))
    for _ in range(5):
        top, left = draw.integers(0, height - 8), draw.integers(0, width - 8)
        pixels[top : top + 12, left : left + 14] = draw.uniform(-1, 1, 3)
    return np.rint(127.5 + 127.5 * pixels).astype(np.uint8)


def encoded(pixels: NDArray[Any] | Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Encode an image."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Scale an image."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def write_images(source: Path, n_pictures: int = 36) -> dict[str, int]:
    """Write pictures into folders of six, with copies: the number of the picture of each path.

    Each folder's first picture is there again in another lossless encoding, its second as a JPEG and its third at
    another size. Pictures of even numbers have a caption in a metadata.jsonl at the top.
    """
    found: dict[str, int] = {}
    lines: list[dict[str, Any]] = []

    def write(path: str, content: bytes, number: int) -> None:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
        found[path] = number
        if number % 2 == 0:
            lines.append({"file_name": path, "text": f"waves and patches, number {number}", "number": number})

    for number in range(n_pictures):
        pixels, folder, place = picture(number), f"folder{number // 6}", number % 6
        write(f"{folder}/{place}.png", encoded(pixels), number)
        if place == 0:
            write(f"{folder}/{place}-copy.bmp", encoded(pixels, "BMP"), number)
        elif place == 1:
            write(f"{folder}/{place}-copy.jpg", encoded(pixels, "JPEG", quality=90), number)
        elif place == 2:
            write(
                f"{folder}/{place}-copy.webp", encoded(resized(pixels, 36, 30), "WEBP", lossless=True), number
            )
    (source / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return found


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    """Return bytes of which one bit is the other."""
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def hostile() -> dict[str, tuple[bytes, str]]:
    """Return images that are wrong or unusual, by name: the bytes, and the reason to reject them, or ""."""
    pixels = picture(1)
    jpeg, png = encoded(pixels, "JPEG", quality=90), encoded(pixels)
    grey = np.linspace(0, 65_535, 48 * 40).astype(np.uint16).reshape(40, 48)
    hidden = np.dstack([pixels, np.zeros((40, 48), np.uint8)])
    turned = Image.Exif()
    turned[0x0112] = 6
    frames = [Image.fromarray(picture(n)) for n in (1, 2, 3)]
    large = {side: encoded(Image.new("1", (side, side))) for side in (10_000, 15_000)}
    return {
        "truncated.jpg": (jpeg[: len(jpeg) // 2], "image_truncated"),
        "truncated.png": (png[: len(png) // 2], "image_truncated"),
        "truncated.webp": (encoded(pixels, "WEBP")[:300], "image_not_decodable"),
        "flipped.png": (flipped(png, len(png) // 2), "image_not_decodable"),
        "flipped.jpg": (flipped(jpeg, len(jpeg) - 40), ""),  # which decodes, to other pixels
        "page.png": (b"<!doctype html><html><body>404</body></html>", "unsupported_image_format"),
        "empty.png": (b"", "empty_file"),
        "100_megapixels.png": (large[10_000], "image_too_large"),
        "225_megapixels.png": (large[15_000], "image_too_large"),
        "grey16.png": (encoded(Image.fromarray(grey)), ""),
        "transparent.png": (encoded(Image.fromarray(hidden)), ""),
        "turned.jpg": (encoded(pixels, "JPEG", exif=turned), ""),
        "cmyk.jpg": (encoded(Image.fromarray(pixels).convert("CMYK"), "JPEG"), ""),
        "palette.png": (encoded(Image.fromarray(pixels).convert("P")), ""),
        "lossy.webp": (encoded(pixels, "WEBP"), ""),
        "animated.gif": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), ""),
        "one_pixel.png": (encoded(pixels[:1, :1]), ""),
    }


def fuzzed(n_images: int, seed: int = 0) -> list[bytes]:
    """Return damaged images of all formats: bits flipped, cut short, bytes removed, or all of it."""
    draw = generator(seed, "fuzzed", n_images)
    forms = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
    whole = [encoded(picture(n, 24, 20), form) for n, form in enumerate(forms * 3)]
    found: list[bytes] = []
    for number in range(n_images):
        content = bytearray(whole[number % len(whole)])
        kind = number // len(whole) % 4
        if kind in (0, 3):
            for at in draw.integers(0, len(content), draw.integers(1, 9)):
                content[at] ^= 1 << int(draw.integers(0, 8))
        if kind in (1, 3):
            del content[int(draw.integers(0, len(content))) :]
        if kind == 2:
            begin = int(draw.integers(0, len(content)))
            del content[begin : begin + int(draw.integers(1, 40))]
        found.append(bytes(content))
    return found


RECIPES = ["everything", "exact", "minhash", "semdedup", "d4"]


def graph_image_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of 54 images, 18 of them copies, with mixtures, built once for all processes; only read it."""
    from support.lake import build_lake

    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graph-image-lake"
    with FileLock(f"{base}.lock"):
        lake = image_lake(base, **{"reading.held_out_fraction": 0.1})
        if not (base / "built").exists():
            build_lake(lake, recipes=RECIPES)
            (base / "built").touch()
    return lake


def image_lake(root: Path, n_pictures: int = 36, **settings: Any) -> Any:
    """Return a lake of images with their copies; nothing is built yet."""
    from support.lake import lake_at

    if not (root / "source").exists():
        write_images(root / "source", n_pictures)
    given = {"encoder": "", "reading.documents": "image", "reading.shard_bytes": 40_000, **settings}
    return lake_at(root / "lake", root / "source", **given)

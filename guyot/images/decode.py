"""Decodes an image's bytes to checked RGB pixels, or says why it cannot.

Every image becomes 8-bit RGB by the same rules: the first frame, transposed as EXIF's orientation says,
16-bit grey scaled by 1/257, transparent pixels laid on white, palettes and CMYK converted without colour
management. Bytes of strangers are input to C decoders: formats are limited to `FORMATS`, and the size is read
from the header before a pixel is decoded.
"""

import functools
import hashlib
import importlib.metadata
import io
import re
import struct
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from guyot.identity import DOC_ID_BITS, fingerprint
from guyot.images.formats import SUFFIXES

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
BACKGROUND = (255, 255, 255)  # what shows through transparent pixels
TRUNCATED, NOT_DECODABLE = "image_truncated", "image_not_decodable"
TOO_LARGE, TOO_SMALL, UNSUPPORTED = "image_too_large", "image_too_small", "unsupported_image_format"
_ALGORITHM = 1  # raise it when the same bytes would give other pixels
_ORIENTATION = 0x0112  # the tag of EXIF
_STRIP_PIXELS = 1 << 22  # converted at a time, so that no second copy of a large image is made
_LARGE_PIXELS = 16_000_000
_ONE_LARGE_AT_A_TIME = threading.Lock()
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_MAX_SHOWN_BYTES = 8


@dataclass(frozen=True)
class DecodedImage:
    """An image's pixels, and what the file said before they were converted.

    pixels : uint8[height, width, 3], RGB, contiguous
    format : one of `FORMATS`
    mode : Pillow's name of the pixels as found, such as RGBA, CMYK, P or I;16
    n_frames : frames of an animation or pages of a TIFF, of which the first was decoded
    orientation : EXIF's, 1 to 8; the pixels are transposed already
    """

    pixels: NDArray[np.uint8]
    format: str
    mode: str
    n_frames: int
    orientation: int


@dataclass(frozen=True)
class ImageProblem:
    """Why bytes are no image that can be used.

    reason : image_truncated, image_not_decodable, image_too_large, image_too_small or
        unsupported_image_format
    detail : more on it, the same at every try
    """

    reason: str
    detail: str


def decode(content: bytes, *, max_pixels: int, min_side: int = 1) -> DecodedImage | ImageProblem:
    """Decode an image, or say why it cannot be.

    Parameters
    ----------
    content : the bytes of one image of `FORMATS`, whatever its name says
    max_pixels : width times height, read from the header, above which nothing is decoded
    min_side : pixels that the shorter side must have

    Notes
    -----
    At most 10 bytes of memory per pixel; images of more than 16 million pixels are decoded one at a time in a
    process. Threads may call it. A JPEG of which single bits are wrong often decodes to other pixels, without
    an error.

    Examples
    --------
    >>> decode(b"<html>", max_pixels=100)  # doctest: +NORMALIZE_WHITESPACE
    ImageProblem(reason='unsupported_image_format',
        detail="6 bytes that begin with b'<html>'; PNG, JPEG, WEBP, GIF, BMP, TIFF are read")
    """
    pillow = _pillow()
    try:
        with pillow.open(io.BytesIO(content), formats=FORMATS) as image:
            problem = _size_problem(image.size, max_pixels, min_side)
            if problem:
                return problem
            if image.format == "PNG":  # of which decoding does not compare the checksums
                with pillow.open(io.BytesIO(content), formats=FORMATS) as checked:
                    checked.verify()
            if image.width * image.height <= _LARGE_PIXELS:
                return _decoded(image)
            with _ONE_LARGE_AT_A_TIME:
                return _decoded(image)
    except MemoryError:
        raise
    except pillow.DecompressionBombError as error:
        return ImageProblem(TOO_LARGE, f"{_message(error)}; reading.max_image_pixels={max_pixels}")
    except Exception as error:  # noqa: BLE001 - a decoder of damaged bytes may raise anything
        return _fault(content, error)


def pixel_digest(pixels: NDArray[np.uint8]) -> str:
    """Hash an image's size and pixels to 32 hex digits: equal for copies in any lossless encoding.

    Parameters
    ----------
    pixels : uint8[height, width, 3]

    Examples
    --------
    >>> one = np.zeros((2, 3, 3), np.uint8)
    >>> pixel_digest(one) == pixel_digest(one.copy()) != pixel_digest(one.reshape(3, 2, 3))
    True
    """
    hashed = hashlib.blake2b(
        struct.pack("<II", pixels.shape[1], pixels.shape[0]), digest_size=DOC_ID_BITS // 8
    )
    hashed.update(np.ascontiguousarray(pixels).data)
    return hashed.hexdigest()


def version() -> str:
    """Name the way of decoding: other decoders can give other pixels, and so other digests."""
    return fingerprint([_ALGORITHM, list(FORMATS), importlib.metadata.version("pillow")])


@functools.lru_cache(maxsize=1)
def _pillow() -> Any:
    """Load Pillow, whose warnings about damaged files repeat what is quarantined."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    return Image


def _size_problem(size: tuple[int, int], max_pixels: int, min_side: int) -> ImageProblem | None:
    """Return what is wrong with the size that the header states."""
    width, height = size
    if width * height > max_pixels:
        detail = (
            f"{width} x {height} pixels are over reading.max_image_pixels={max_pixels}; raise it to read this"
        )
        return ImageProblem(TOO_LARGE, detail)
    if min(size) < min_side:
        limit = f"reading.min_image_side={min_side}; lower it to read this"
        return ImageProblem(TOO_SMALL, f"{width} x {height} pixels have a side under {limit}")
    return None


def _decoded(image: "Image.Image") -> DecodedImage:
    """Decode the first frame."""
    n_frames, found = int(getattr(image, "n_frames", 1)), str(image.format)
    image.seek(0)
    mode, orientation = image.mode, _orientation(image)
    image.load()
    pixels = _transposed(_pixels(image), _orientation(image))  # loading a TIFF transposes it
    return DecodedImage(pixels, "JPEG" if found == "MPO" else found, mode, n_frames, orientation)


def _orientation(image: "Image.Image") -> int:
    """Return EXIF's orientation; 1 where there is none, or EXIF cannot be read."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - damaged EXIF is no reason to lose the pixels
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _pixels(image: "Image.Image") -> NDArray[np.uint8]:
    """Convert a loaded image to RGB, some rows at a time."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        pixels[top:bottom] = _rgb(image.crop((0, top, width, bottom)))
    return pixels


def _rgb(image: "Image.Image") -> NDArray[np.uint8]:
    """Convert an image of any mode to uint8 RGB."""
    if image.mode == "F":
        raise ValueError("pixels of mode F have no fixed range")
    if image.mode.startswith("I"):
        return np.repeat(_eight_bits(np.asarray(image))[:, :, None], 3, axis=2)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    layers = _pillow()
    behind = layers.new("RGBA", image.size, (*BACKGROUND, 255))
    return np.asarray(layers.alpha_composite(behind, image.convert("RGBA")).convert("RGB"))


def _eight_bits(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale 16-bit grey by 1/257, rounded: 65,535 becomes 255."""
    low, high = int(grey.min()), int(grey.max())
    if low < 0 or high > 65_535:
        raise ValueError(f"grey values from {low} to {high} do not fit in 16 bits")
    return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _transposed(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and mirror pixels as EXIF's orientation says."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _fault(content: bytes, error: Exception) -> ImageProblem:
    """Return the reason of a failed decode."""
    from PIL import UnidentifiedImageError

    begin = f"{len(content)} bytes that begin with {content[:_MAX_SHOWN_BYTES]!r}"
    if isinstance(error, UnidentifiedImageError):
        if content.startswith(tuple(SUFFIXES)):
            return ImageProblem(NOT_DECODABLE, f"{begin}; the header cannot be read")
        return ImageProblem(UNSUPPORTED, f"{begin}; {', '.join(FORMATS)} are read")
    message = _message(error)
    is_cut = isinstance(error, EOFError) or "truncated" in message.lower()
    return ImageProblem(TRUNCATED if is_cut else NOT_DECODABLE, f"{len(content)} bytes: {message}")


def _message(error: Exception) -> str:
    """Return an error's message without addresses, which differ from run to run."""
    return f"{type(error).__name__}: {_ADDRESS.sub('0x', str(error))}"

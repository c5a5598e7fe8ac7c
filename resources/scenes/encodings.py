"""Encodes a rendering as the file of a document: PNG, JPEG with loss, or made smaller and larger again."""

import importlib.metadata
import io

import numpy as np
from numpy.typing import NDArray

# of zlib; with no filter chosen by the encoder's own tests, the same pixels give the same bytes
_PNG_LEVEL = 6
_CHROMA_420 = 2  # Pillow's name of halved colour in both directions


def version() -> str:
    """Return the encoder's name and version, which decide the bytes beside the pixels; loads nothing."""
    return f"pillow {importlib.metadata.version('pillow')}"


def encode(pixels: NDArray[np.uint8], encoding: str) -> bytes:
    """Encode pixels as `guyot.scenes.factors.ENCODINGS` names it.

    Parameters
    ----------
    pixels : uint8[height, width, 3]
    encoding : `png`; `jpeg-Q` of quality Q with halved colour; `resize-S`: PNG of the picture made S pixels
        wide and high by Lanczos' filter, and as large as before by the same
    """
    from PIL import Image

    image, sink = Image.fromarray(pixels), io.BytesIO()
    name, _, number = encoding.partition("-")
    if name == "jpeg":
        image.save(sink, "JPEG", quality=int(number), subsampling=_CHROMA_420, optimize=False)
        return sink.getvalue()
    if name == "resize":
        small = image.resize((int(number), int(number)), Image.Resampling.LANCZOS)
        image = small.resize(image.size, Image.Resampling.LANCZOS)
    image.save(sink, "PNG", compress_level=_PNG_LEVEL, optimize=False)
    return sink.getvalue()


def decode(content: bytes) -> NDArray[np.uint8]:
    """Decode one of our files: uint8[height, width, 3]."""
    from PIL import Image

    image = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
    return np.asarray(image.convert("RGB"))

"""A contact sheet: some pictures of many side by side in one, to look at."""

import io
import math
from collections.abc import Sequence

import numpy as np

from resources.scenes.encodings import decode

_COLUMNS = 12


def contact_sheet(files: Sequence[bytes], n: int = 60) -> bytes:
    """Return a PNG of n pictures, evenly chosen, or of all where there are fewer.

    Parameters
    ----------
    files : PNG or JPEG of one size; at least one

    Notes
    -----
    Pictures are decoded and encoded again: no byte of a file is in the sheet.
    """
    from PIL import Image

    n = min(n, len(files))
    chosen = [decode(files[i * len(files) // n]) for i in range(n)]
    columns = min(_COLUMNS, n)
    blank = np.full_like(chosen[0], 255)
    chosen += [blank] * (math.ceil(n / columns) * columns - n)
    rows = [np.concatenate(chosen[i : i + columns], axis=1) for i in range(0, len(chosen), columns)]
    sink = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(sink, "PNG", optimize=False)
    return sink.getvalue()

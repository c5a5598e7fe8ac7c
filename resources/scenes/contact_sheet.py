"""A contact sheet: some pictures of many side by side in one, to look at."""

from collections.abc import Sequence

from resources.scenes.encodings import decode
from resources.thumbnails import png, tiled

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
    n = min(n, len(files))
    return png(tiled([decode(files[i * len(files) // n]) for i in range(n)], _COLUMNS))

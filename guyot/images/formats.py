"""Encodings of images, told by a file's first bytes whatever it is called."""

SUFFIXES = {
    b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"GIF8": ".gif", b"BM": ".bmp",
    b"II*\0": ".tif", b"MM\0*": ".tif", b"II+\0": ".tif", b"MM\0+": ".tif",
}  # fmt: skip


def image_suffix(content: bytes) -> str:
    """Return the ending that a file of this encoded image has, such as `.jpg`; `.bin` for any other bytes.

    Examples
    --------
    >>> image_suffix(b"GIF89a"), image_suffix(b"<html>")
    ('.gif', '.bin')
    """
    return next((suffix for magic, suffix in SUFFIXES.items() if content.startswith(magic)), ".bin")

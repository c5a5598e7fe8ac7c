"""Turns records that hold an image into documents: each image is decoded, to be checked and identified."""

from typing import Any

from guyot.images.decode import ImageProblem, decode, pixel_digest
from resources.setting_groups import IMAGE
from resources.settings import Settings
from resources.sources.records import (
    Document,
    RecordFile,
    RejectedRecord,
    as_text,
    content_problem,
    key_of,
    meta_of,
    over_limit,
)

CAPTION_COLUMNS = ("text", "caption", "content")
IMAGE_COLUMNS = ("image", "jpg", "png")
Problem = tuple[str, str]  # reason, detail


class ImageRecordFile(RecordFile):
    """Turns the records of one file into images with captions; remembers the keys it has seen.

    An image is bytes, or a mapping with `bytes`, as the image struct of Hugging Face's `datasets` is.
    """

    missing_column, wrong_type = "missing_image_column", "image_not_bytes"

    def __init__(self, path: str, settings: Settings) -> None:
        super().__init__(path, settings)
        self.settings = settings
        self.text_columns = caption_columns(settings)
        named = settings.reading.image_column
        self.content_columns = (named,) if named else IMAGE_COLUMNS

    def document(
        self, record: dict[str, Any], *, begin: int = -1, end: int = -1
    ) -> Document | RejectedRecord:
        """Convert the next record to a document or a rejected record."""
        key = key_of(record.get(self.id_column))
        column = next((n for n in self.content_columns if record.get(n) is not None), "")
        text_column = next((n for n in self.text_columns if record.get(n) is not None), "")
        caption, problem = caption_of(record.get(text_column), self.settings)
        problem = problem or self._image_problem(record, column) or self._key_problem(key)
        image = b"" if problem else _bytes_of(record[column])
        digest, problem = ("", problem) if problem else identified(image, self.settings)
        if problem:
            return self.rejected(*problem, begin=begin, end=end, key=key)
        meta = meta_of(record, {text_column, self.id_column, *self.content_columns})
        return Document(self.path, self._remember(key), caption, IMAGE, meta, image, digest)

    def _image_problem(self, record: dict[str, Any], column: str) -> Problem | None:
        """Return what is wrong with the image's place in its record."""
        value = record.get(column)
        if value is None:
            asked = " or ".join(self.content_columns)
            present = "null" if any(n in record for n in self.content_columns) else "absent"
            return "missing_image", f"{asked} is {present}; columns found: {', '.join(record)}"
        if not isinstance(value, bytes | dict):
            return "image_not_bytes", f"{column} is of type {type(value).__name__}"
        if not _bytes_of(value):
            path = value.get("path") if isinstance(value, dict) else None
            elsewhere = f"; its path is {path}: store the bytes in the file" if path else ""
            return "missing_image", f"{column} has 0 bytes{elsewhere}"
        return None


def caption_columns(settings: Settings) -> tuple[str, ...]:
    """Return the names under which a caption is looked for, in order."""
    named = settings.reading.text_column
    return (named,) if named else CAPTION_COLUMNS


def caption_of(value: Any, settings: Settings) -> tuple[str, Problem | None]:
    """Return an image's caption and what is wrong with it; whitespace is no caption, and no fault.

    Parameters
    ----------
    value : text, its bytes, or None where there is none
    """
    if value is None:
        return "", None
    if not isinstance(value, str | bytes):
        return "", ("text_not_a_string", f"the caption is of type {type(value).__name__}")
    content = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    problem = content_problem(content, settings.reading.max_document_bytes)
    if problem and problem[0] != "empty_document":
        return "", (problem[0], f"the caption: {problem[1]}")
    return ("" if problem else as_text(content)), None


def identified(image: bytes, settings: Settings) -> tuple[str, Problem | None]:
    """Decode an image; return the digest of its pixels, or what is wrong with it."""
    reading = settings.reading
    if len(image) > reading.max_document_bytes:
        return "", ("over_size_limit", over_limit(len(image), reading.max_document_bytes))
    found = decode(image, max_pixels=reading.max_image_pixels, min_side=reading.min_image_side)
    if isinstance(found, ImageProblem):
        return "", (found.reason, found.detail)
    return pixel_digest(found.pixels), None


def _bytes_of(value: Any) -> bytes:
    """Return the bytes of an image, if it has some."""
    found = value.get("bytes") if isinstance(value, dict) else value
    return found if isinstance(found, bytes) else b""

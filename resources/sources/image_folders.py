"""What the metadata.jsonl of a folder says of the images in it and below it.

An image belongs to the nearest metadata.jsonl at or above its folder, within the source. A line has
`file_name`, relative to the folder of the metadata.jsonl, and may have a caption; its other values are the
image's meta.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from guyot.identity import fingerprint
from resources.setting_groups import IMAGE
from resources.settings import Settings
from resources.sources.file_types import METADATA
from resources.sources.image_records import caption_columns, caption_of
from resources.sources.json_lines import read_json_lines
from resources.sources.records import Document, RecordFile, RejectedRecord, meta_of
from resources.sources.registry import Entry
from resources.sources.source_file import source_file
from resources.sources.unchanged import check_unchanged

FILE_NAME = "file_name"
_READ_SETTINGS = ("reading.text_column", "reading.max_document_bytes")


@dataclass(frozen=True)
class Described:
    """What a line says of an image: its caption, and its other values as a JSON object."""

    caption: str = ""
    meta: str = "{}"


class ImageFolders:
    """The live images and metadata files of a source.

    Memory: a path for each image, and the lines of the metadata files that were asked for.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._images: set[str] = set()
        self._metadata: dict[str, Entry] = {}
        self._described: dict[tuple[Any, ...], dict[str, Described]] = {}
        for entry in entries:
            if entry.kind == IMAGE:
                self._images.add(entry.path)
            elif entry.kind == METADATA and not entry.problem:
                self._metadata[posixpath.dirname(entry.path)] = entry

    def metadata_of(self, path: str) -> Entry | None:
        """Return the metadata file that an image belongs to, or None."""
        folder = posixpath.dirname(path)
        while folder and folder not in self._metadata:
            folder = posixpath.dirname(folder)
        return self._metadata.get(folder)

    def stamp(self, entries: Iterable[Entry]) -> str:
        """Hash what decides beside their bytes what files of a shard yield; empty where none is of images.

        That is, for images, the metadata files that they belong to, and for a metadata file the names of the
        images that belong to it.
        """
        metadata, named = dict[str, str](), dict[str, list[str]]()
        of_folders = [entry for entry in entries if entry.kind in (IMAGE, METADATA)]
        for entry in of_folders:
            found = self.metadata_of(entry.path) if entry.kind == IMAGE else None
            if found is not None:
                metadata[found.path] = found.digest
            if entry.kind == METADATA:
                named[entry.path] = self._images_of.get(entry.path, [])
        return fingerprint([metadata, named]) if of_folders else ""

    @cached_property
    def _images_of(self) -> dict[str, list[str]]:
        """The images of each metadata file, in order, by its path."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._images):
            owner = self.metadata_of(path)
            if owner is not None:
                found.setdefault(owner.path, []).append(path)
        return found

    def described(self, path: str, settings: Settings) -> Described:
        """Return what the metadata says of an image; nothing where there is none.

        Raises
        ------
        CorruptError : the metadata file has changed since it was listed.
        UnreachableError : it is on S3, which did not answer.
        """
        entry = self.metadata_of(path)
        if entry is None or entry.bytes == 0:
            return Described()
        key = (entry.path, entry.digest, *settings.select(*_READ_SETTINGS).values())
        if key not in self._described:
            check_unchanged(entry, source_file(entry.location))
            found = _lines(entry, settings, lambda path: "")
            documents = (one for one in found if isinstance(one, Document))
            self._described[key] = {one.record_key: Described(one.content, one.meta) for one in documents}
        return self._described[key].get(path, Described())

    def rejected(self, entry: Entry, settings: Settings) -> Iterator[RejectedRecord]:
        """Yield the lines of a metadata file that describe no image of it; it has no documents of its own."""

        def why_not(path: str) -> str:
            owner = self.metadata_of(path) if path in self._images else None
            if owner == entry:
                return ""
            return "is no image of the source" if owner is None else f"is described by {owner.path}"

        for found in _lines(entry, settings, why_not):
            if isinstance(found, RejectedRecord):
                yield found


class _MetadataLines(RecordFile):
    """Turns lines into documents whose key is the path of the image that they describe."""

    def __init__(self, path: str, settings: Settings, why_not: Callable[[str], str]) -> None:
        super().__init__(path, settings)
        self._settings, self._why_not = settings, why_not
        self.text_columns = caption_columns(settings)

    def document(
        self, record: dict[str, Any], *, begin: int = -1, end: int = -1
    ) -> Document | RejectedRecord:
        """Convert the next line to a document or a rejected record."""
        name = record.get(FILE_NAME)
        if not isinstance(name, str) or not name:
            detail = f"{FILE_NAME} is no name; columns found: {', '.join(record)}"
            return self.rejected("missing_image", detail, begin=begin, end=end)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name))
        text_column = next((n for n in self.text_columns if record.get(n) is not None), "")
        caption, problem = caption_of(record.get(text_column), self._settings)
        why_not = self._why_not(path)
        problem = ("missing_image", f"{name} {why_not}") if why_not else problem or self._key_problem(path)
        if problem:
            return self.rejected(*problem, begin=begin, end=end)
        return Document(
            self.path, self._remember(path), caption, IMAGE, meta_of(record, {FILE_NAME, text_column})
        )


def _lines(
    entry: Entry, settings: Settings, why_not: Callable[[str], str]
) -> Iterator[Document | RejectedRecord]:
    """Read a metadata file.

    Parameters
    ----------
    why_not : says of an image's path why the file does not describe it; empty where it does
    """
    lines = _MetadataLines(entry.path, settings, why_not)
    return read_json_lines(entry.location, lines, max_bytes=settings.reading.max_document_bytes)

# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""A mixture's documents in the formats of trainers, each written by that format's own library.

Every document keeps its doc_id, so that what a trainer read can be traced to the lake. Beside the files
`guyot.json` names the mixture and its version.
"""

import importlib
import importlib.util
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa

from guyot.errors import SettingError

IMAGE_COLUMN = "image"  # of a lake of images, after these; its caption is the text
COLUMNS = ("doc_id", "source_path", "record_key", "kind", "text")
RECORD = "guyot.json"
# by format: the file here that writes it, the library that does, and what brings that
FORMATS = {
    "parquet": ("parquet", "pyarrow", "guyot[lake]"),
    "jsonl.zst": ("json_lines", "pyarrow", "guyot[lake]"),
    "hf": ("hugging_face", "datasets", "guyot[hf]"),
    "webdataset": ("webdataset", "webdataset", "guyot[webdataset]"),
    "mds": ("mds", "streaming", "guyot[mds]"),
}
NO_IMAGES = ("jsonl.zst",)


class _Format(Protocol):
    """A file of this folder."""

    def write(
        self, batches: Iterator[pa.RecordBatch], folder: Path, documents_per_file: int, *, has_images: bool
    ) -> None:
        """Write documents into a folder that is there and empty."""
        ...


def export(
    batches: Iterator[pa.RecordBatch],
    folder: Path,
    form: str,
    *,
    about: Mapping[str, object],
    documents_per_file: int = 50_000,
    has_images: bool = False,
) -> int:
    """Write documents into a folder, which appears whole or not at all.

    Parameters
    ----------
    batches : with the columns `COLUMNS`, of text, and IMAGE_COLUMN, of bytes, if there are images
    folder : a new one, or one that is empty
    form : one of `FORMATS`
    about : what `guyot.json` says of them, plain values
    documents_per_file : at most, where the format has several files

    Returns
    -------
    The number of documents.

    Raises
    ------
    SettingError : there is no such format, its library is not installed, it holds no images, or the folder
        has something in it.

    Notes
    -----
    One batch in memory, and what the format's library holds of a file.
    """
    writer = _writer_of(form)
    if has_images and form in NO_IMAGES:
        able = ", ".join(name for name in FORMATS if name not in NO_IMAGES)
        raise SettingError(f"images were to be exported as {form}, which is text; choose from {able}")
    if documents_per_file < 1:
        raise SettingError(f"files of {documents_per_file} documents were asked for; give at least 1")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"an export into {folder} was asked for; there is something; give a new folder")
    if not folder.resolve().parent.is_dir():
        raise SettingError(
            f"an export into {folder} was asked for; there is no {folder.parent}; make it first"
        )
    beside = folder.resolve().with_name(f".partial-{folder.resolve().name}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    counted = _Counted(batches)
    try:
        writer.write(counted, beside, documents_per_file, has_images=has_images)
        (beside / RECORD).write_text(json.dumps({**about, "format": form, "documents": counted.documents}))
        os.replace(beside, folder.resolve())
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return counted.documents


def _writer_of(form: str) -> _Format:
    """Load what writes a format."""
    if form not in FORMATS:
        raise SettingError(f"format {form!r} was asked for; choose from {', '.join(FORMATS)}")
    module, library, extra = FORMATS[form]
    if importlib.util.find_spec(library) is None:
        raise SettingError(
            f"format {form} was asked for; the library {library} writes it, which is not installed; "
            f"run `pip install '{extra}'`"
        )
    return cast(_Format, importlib.import_module(f"guyot.lake.export.{module}"))


class _Counted:
    """Batches that count their documents as they go by."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches, self.documents = batches, 0

    def __iter__(self) -> "_Counted":
        """Return itself."""
        return self

    def __next__(self) -> pa.RecordBatch:
        """Return the next batch."""
        batch = next(self._batches)
        self.documents += batch.num_rows
        return batch

"""Batches of a version that is being built, kept so that a build that was killed goes on where it stopped.

    <lake>/.partial/<table>/<key>/<version>/<first row>-<digest>.npy

A name holds the batch's first row and its digest, so a truncated or damaged file is ignored, and writers
that build the same version at once write the same files or files of other names. They are removed when
the version is published; those of abandoned builds are removed after some days.
"""

import contextlib
import dataclasses
import hashlib
import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.lake import workdirs
from resources.places import inner_path
from resources.storage import s3
from resources.storage.files import Files, translate_s3_errors

PARTIAL = ".partial"
KEPT_SECONDS = 7 * 86_400
_DIGEST_BYTES = 16
_RENAMES = 5  # a sweep, or a writer that was first, may remove the folder meanwhile


@dataclasses.dataclass(frozen=True)
class SavedBatches:
    """The saved batches of one version of one partition."""

    files: Files
    table: str
    key: str
    version: str

    @property
    def folder(self) -> str:
        """The folder of the batches."""
        return f"{self.files.root}/{PARTIAL}/{self.table}/{self.key}/{self.version}"

    def names(self) -> dict[int, list[str]]:
        """List the files of each batch by first row; a batch saved with other bytes has several."""
        found: dict[int, list[str]] = {}
        for file in self.files.walk(self.folder):
            begin = file.uri.rpartition("/")[2].partition("-")[0]
            if file.uri.endswith(".npy") and begin.isdigit():
                found.setdefault(int(begin), []).append(file.uri)
        return found

    def read(self, uris: list[str], shape: tuple[int, ...] | None, dtype: Any) -> NDArray[Any] | None:
        """Return the first file that is undamaged and has this shape, or any for None, and dtype; or None."""
        for uri in uris:
            try:
                content = self.files.read(uri)
            except FileNotFoundError:
                continue  # removed by a writer that has published the version
            if digest(content) != uri.removesuffix(".npy").rpartition("-")[2]:
                continue
            found = np.load(io.BytesIO(content), allow_pickle=False)
            if shape in (None, found.shape) and found.dtype == np.dtype(dtype):
                return found
        return None

    def save(self, begin: int, batch: NDArray[Any]) -> None:
        """Save a batch whose first row, or another number that names it, is `begin`, atomically."""
        sink = io.BytesIO()
        np.save(sink, batch, allow_pickle=False)
        content = sink.getvalue()
        write(self.files, f"{self.folder}/{begin}-{digest(content)}.npy", content)

    def clear(self) -> None:
        """Remove all saved batches of the version."""
        if self.files.remote:
            self.files.delete_folder(self.folder)
            return
        folder = Path(self.folder)
        shutil.rmtree(folder, ignore_errors=True)  # another writer may be at it
        _remove_empty(folder.parent, Path(self.files.root))


def sweep(files: Files, now: float, kept_seconds: float = KEPT_SECONDS) -> int:
    """Remove the batches of versions that were not changed for some days.

    Parameters
    ----------
    now : time, in seconds since the epoch

    Returns
    -------
    The number of versions removed.
    """
    newest: dict[str, float] = {}
    for file in files.walk(f"{files.root}/{PARTIAL}"):
        folder = file.uri.rpartition("/")[0]
        newest[folder] = max(newest.get(folder, 0.0), file.mtime)
    swept = [folder for folder, changed in newest.items() if now - changed > kept_seconds]
    for folder in swept:
        table, *key, version = folder.removeprefix(f"{files.root}/{PARTIAL}/").split("/")
        SavedBatches(files, table, "/".join(key), version).clear()
    return len(swept)


def write(files: Files, uri: str, content: bytes) -> None:
    """Write a small file, atomically, into a folder that other writers may remove meanwhile."""
    if files.remote:
        with translate_s3_errors(uri, "written"):
            s3.put(inner_path(uri), content)
        return
    work = workdirs.new_folder(files)
    try:
        (work / "batch").write_bytes(content)
        _rename(work / "batch", Path(uri))
    finally:
        shutil.rmtree(work)


def digest(content: bytes) -> str:
    """Hash the bytes of a file."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _rename(file: Path, target: Path) -> None:
    """Rename a file into a folder that other processes may remove meanwhile."""
    for attempt in range(_RENAMES):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)  # raises where it was there, and is gone at once
            os.replace(file, target)
            return
        except (FileNotFoundError, FileExistsError):
            if attempt == _RENAMES - 1:
                raise


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and its parents below the root, as long as they are empty."""
    with contextlib.suppress(OSError):  # it is not empty, or gone
        while folder != root:
            folder.rmdir()
            folder = folder.parent

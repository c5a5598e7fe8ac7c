"""Scenes that are rendered and in no table yet, so that a rendering that was killed goes on where it stopped.

    <folder>/<key>-<digest>.scene

A name holds the key of the scene and a digest of the file, so one that was cut short is ignored.
"""

import dataclasses
import os
import shutil
from pathlib import Path
from typing import Protocol

from guyot.identity import content_digest

_ENDING = ".scene"


class FinishedScenes(Protocol):
    """Where rendered scenes are kept until their table is written."""

    def read(self, key: str) -> bytes | None:
        """Return what was saved under a key, whole, or None."""
        ...

    def save(self, key: str, content: bytes) -> None:
        """Save what is under a key, atomically."""
        ...


@dataclasses.dataclass(frozen=True)
class FinishedFolder:
    """Rendered scenes in a local folder."""

    folder: Path

    def read(self, key: str) -> bytes | None:
        """Return what was saved under a key, whole, or None."""
        for path in self.folder.glob(f"{key}-*{_ENDING}"):
            content = path.read_bytes()
            if path.name == _name(key, content):
                return content
        return None

    def save(self, key: str, content: bytes) -> None:
        """Save what is under a key, atomically."""
        self.folder.mkdir(parents=True, exist_ok=True)
        work = self.folder / f"{key}.{os.getpid()}"
        work.write_bytes(content)
        work.rename(self.folder / _name(key, content))

    def clear(self) -> None:
        """Remove all that was saved."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _name(key: str, content: bytes) -> str:
    """Return the name of a file."""
    return f"{key}-{content_digest(content)}{_ENDING}"

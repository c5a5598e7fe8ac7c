"""The manifest of one version of one partition: its files, and the inputs and settings that made it."""

import dataclasses
from typing import Any

from guyot.identity import fingerprint

ROWS = "rows.parquet"
VECTORS = "vectors.arrow"
MANIFEST = "manifest.json"
WHOLE = "all"


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a version: its rows (0 where rows mean nothing), bytes and digest."""

    rows: int
    bytes: int
    digest: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The files of one version of one partition, and the inputs and settings that made it.

    `version` hashes the inputs, settings and code, `content` the results: a downstream version hashes
    `content`, so that a rerun with equal results makes nothing downstream stale.
    """

    table: str
    key: str
    version: str
    content: str
    inputs: dict[str, str]
    settings: dict[str, Any]
    code: str
    files: dict[str, File]
    facts: dict[str, Any]

    @property
    def rows(self) -> int:
        """The number of rows of the main file."""
        return self.files[ROWS].rows


def version_of(inputs: dict[str, str], settings: dict[str, Any], code: str) -> str:
    """Hash the inputs, settings and code of a partition."""
    return fingerprint({"inputs": inputs, "settings": settings, "code": code})

"""What one version of one partition of the lake is made of, and made from."""

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
    """What one version of one partition is made of and made from.

    `version` hashes what it was made from, `content` what came out: a downstream version is made
    from `content`, so that a rerun with equal results ripples no further.
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
        """Rows of the main file."""
        return self.files[ROWS].rows


def version_of(inputs: dict[str, str], settings: dict[str, Any], code: str) -> str:
    """Hash what a partition is made from."""
    return fingerprint({"inputs": inputs, "settings": settings, "code": code})

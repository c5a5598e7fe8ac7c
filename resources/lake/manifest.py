"""The manifest of one version of one partition: its files, and the inputs and settings that made it."""

import dataclasses
import re
from typing import Any

from guyot.errors import CorruptError
from guyot.identity import fingerprint
from guyot.lake.manifests import REPAIR, manifest_fields, manifest_text

ROWS = "rows.parquet"
VECTORS = "vectors.arrow"
MANIFEST = "manifest.json"
SNAPSHOT = "snapshot"  # a fact: of each shard the version of each table
WHOLE = "all"
_VERSION = re.compile(r"[0-9a-f]{16}")


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a version: its rows (0 where rows mean nothing), bytes and digest.

    footer_crc32 : of a Parquet file, so that a reader checks it for nothing; of older ones it is not known
    """

    rows: int
    bytes: int
    digest: str
    footer_crc32: int | None = None


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

    @property
    def file_rows(self) -> dict[str, int]:
        """The rows of each of its files."""
        return {name: file.rows for name, file in self.files.items()}

    @property
    def text(self) -> str:
        """Its text, as it is stored."""
        return manifest_text(dataclasses.asdict(self))

    @classmethod
    def read(cls, content: bytes, uri: str) -> "Manifest":
        """Read a stored manifest.

        Parameters
        ----------
        uri : where it is: <lake>/<table>/<key>/<version>/manifest.json

        Raises
        ------
        CorruptError : it is none, not as it was written, or of another version.
        """
        fields = manifest_fields(content, uri)
        try:
            files = {name: File(**file) for name, file in fields.pop("files").items()}
            found = cls(**fields, files=files)
        except (AttributeError, KeyError, TypeError) as error:
            raise CorruptError(f"the manifest {uri} lacks a part: {error}; {REPAIR}") from error
        named = f"/{found.table}/{found.key}/{found.version}/{MANIFEST}"
        if not uri.endswith(named):
            raise CorruptError(f"the manifest {uri} is that of {named}; {REPAIR}")
        return found


def version_of(inputs: dict[str, str], settings: dict[str, Any], code: str) -> str:
    """Hash the inputs, settings and code of a partition."""
    return fingerprint({"inputs": inputs, "settings": settings, "code": code})


def version_named(content: bytes, uri: str) -> str:
    """Return the version that a live-version pointer names.

    Parameters
    ----------
    uri : where the pointer is, for the message

    Raises
    ------
    CorruptError : it names none.
    """
    name = content.decode(errors="replace")
    if not _VERSION.fullmatch(name):
        raise CorruptError(f"{uri} holds {name[:40]!r}, and no version's name of 16 hex digits; {REPAIR}")
    return name

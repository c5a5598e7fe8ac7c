# pyright: standard, reportMissingTypeStubs=false
# (pyarrow has no types)
"""The versions of a lake's tables, in a folder or on S3.

<lake>/<table>/<key>/<version>/manifest.json, rows.parquet, ...
<lake>/<table>/<key>/current                    names the live version
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs as pf
import pyarrow.parquet as pq

from guyot.errors import CorruptError, MissingError
from guyot.lake.manifests import REPAIR, manifest_fields
from guyot.lake.names import CURRENT, MANIFEST, PARTITION, ROWS, WHOLE
from guyot.lake.parquet_file import named_damage
from guyot.lake.parquet_file import opened as opened_file

_S3 = "s3://"


@dataclass(frozen=True)
class Version:
    """One version of one partition of a table.

    folder : inside the file system
    facts, files : as in its manifest
    """

    table: str
    key: str
    name: str
    folder: str
    facts: dict[str, Any]
    files: dict[str, dict[str, Any]]


class Versions:
    """Finds and reads versions.

    Parameters
    ----------
    place : a folder, or s3://bucket/prefix; endpoint, region and credentials come from the environment
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.files, self._root = opened(place)
        if self.files.get_file_info(self._root).type == pf.FileType.NotFound:
            raise MissingError(
                f"the lake {place} was asked for; there is nothing; give the lake of a `guyot run`"
            )

    def tables(self) -> list[str]:
        """List the tables, sorted."""
        return [name for name in self._folders(self._root) if not name.startswith(".") and self.keys(name)]

    def keys(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        folder = f"{self._root}/{table}"
        return [key for key in self._folders(folder) if self._exists(f"{folder}/{key}/{CURRENT}")]

    def version(self, table: str, key: str = WHOLE, name: str | None = None) -> Version:
        """Find a version of a partition; without a name the live one.

        Raises
        ------
        MissingError : the lake does not hold it; the message lists what it holds.
        CorruptError : what names the live version, or the manifest, is damaged.
        """
        is_live, pointer = not name, f"{self._root}/{table}/{key}/{CURRENT}"
        if not name:
            try:
                name = _named(self._read(pointer), pointer)
            except FileNotFoundError as error:
                held = self.keys(table)
                what = f"{table}/{key}" if key != WHOLE else table
                beside = f"of {table} it holds {', '.join(held)}" if held else f"its tables: {self._tables()}"
                raise MissingError(
                    f"{what} was asked for; the lake {self.place} has none; {beside}"
                ) from error
        folder = f"{self._root}/{table}/{key}/{name}"
        uri = f"{folder}/{MANIFEST}"
        try:
            manifest = manifest_fields(self._read(uri), uri)
        except FileNotFoundError as error:
            if is_live:
                raise CorruptError(f"{pointer} names {name}, which is no version; {REPAIR}") from error
            raise MissingError(
                f"{table}/{key} version {name} was asked for; the lake {self.place} does not hold it; "
                "leave the version out for the live one"
            ) from error
        return Version(table, key, name, folder, manifest["facts"], manifest.get("files", {}))

    def rows(self, version: Version, columns: list[str] | None = None, file: str = ROWS) -> pa.Table:
        """Read a Parquet file of a version, or some of its columns.

        Raises
        ------
        CorruptError : it is not what was written.
        """
        with self.parquet(version, file) as source:
            return source.read(columns)

    def has(self, version: Version, file: str) -> bool:
        """Return whether a version has a file of that name."""
        return self._exists(f"{version.folder}/{file}")

    @contextlib.contextmanager
    def parquet(self, version: Version, file: str = ROWS) -> Iterator[pq.ParquetFile]:
        """Open a Parquet file of a version, to be read inside the block.

        Raises
        ------
        CorruptError : it is gone, or not what was written.
        """
        path, stated = f"{version.folder}/{file}", version.files.get(file, {})
        with named_damage(path), self.files.open_input_file(path) as source:
            checks = (stated.get("bytes"), stated.get("footer_crc32"))
            with opened_file(source, path, *checks, is_remote=self.place.startswith(_S3)) as parquet:
                yield parquet

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Read the live versions of all partitions; of several, their keys are a further column."""
        keys = self.keys(name)
        if not keys:
            raise MissingError(f"table {name} was asked for; the lake {self.place} has {self._tables()}")
        parts: list[pa.Table] = []
        for key in keys:
            part = self.rows(self.version(name, key), columns)
            if key != WHOLE:
                part = part.append_column(PARTITION, pa.array([key] * len(part), pa.string()))
            parts.append(part)
        return pa.concat_tables(parts)

    def _tables(self) -> str:
        """List the tables for a message."""
        return ", ".join(self.tables()) or "nothing"

    def _folders(self, inside: str) -> list[str]:
        """List the folders in a folder, sorted; none where that is not there."""
        found = self.files.get_file_info(pf.FileSelector(inside, allow_not_found=True))
        return sorted(info.base_name for info in found if info.type == pf.FileType.Directory)

    def _exists(self, path: str) -> bool:
        """Return whether a file exists."""
        return self.files.get_file_info(path).type == pf.FileType.File

    def _read(self, path: str) -> bytes:
        """Read a small file."""
        with self.files.open_input_stream(path) as source:
            return source.read()


def _named(content: bytes, path: str) -> str:
    """Return the version that a live-version pointer names.

    Raises
    ------
    CorruptError : it names none.
    """
    name = content.decode(errors="replace")
    if not name.isalnum():
        raise CorruptError(f"{path} holds {name[:40]!r}, and no version's name; {REPAIR}")
    return name


def opened(place: str) -> tuple[pf.FileSystem, str]:
    """Return the file system of a place, and the place in it.

    Parameters
    ----------
    place : a folder, or s3://bucket/prefix
    """
    if not place.startswith(_S3):
        return pf.LocalFileSystem(), str(Path(place).expanduser().resolve())
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None
    return pf.S3FileSystem(endpoint_override=endpoint, region=region), place.removeprefix(_S3).rstrip("/")

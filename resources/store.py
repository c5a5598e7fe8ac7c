"""The lake's tables: versioned partitions of whole files.

    <lake>/<table>/<key>/<version>/rows.parquet, vectors.arrow, ...
    <lake>/<table>/<key>/<version>/manifest.json     written last: without it the version does not exist
    <lake>/<table>/<key>/current                     names the live version, replaced whole

A version is never changed once its manifest stands, so a reader that holds a manifest reads one
state of the partition whatever writers do meanwhile, and a killed writer leaves the old state.
"""

import contextlib
import dataclasses
import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.errors import CorruptError, MissingError
from guyot.identity import fingerprint
from resources.manifest import MANIFEST, ROWS, VECTORS, WHOLE, File, Manifest, version_of
from resources.settings import Settings
from resources.writer import Writer


class Store(ConfigurableResource[Any]):
    """Reads and writes the lake's tables; the only place that knows their paths."""

    settings: ResourceDependency[Settings]

    @property
    def root(self) -> str:
        """The lake's absolute path."""
        return str(Path(self.settings.lake).expanduser().resolve())

    def path(self, *parts: str) -> str:
        """Return a path inside the lake."""
        return "/".join((self.root, *parts))

    def file(self, manifest: Manifest, name: str = ROWS) -> str:
        """Return the path of a version's file."""
        return self.path(manifest.table, manifest.key, manifest.version, name)

    def partitions(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        base = Path(self.path(table))
        found = (p.parent.relative_to(base).as_posix() for p in base.rglob("current"))
        return sorted(found)

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None."""
        try:
            version = Path(self.path(table, key, "current")).read_text()
        except FileNotFoundError:
            return None
        return self.manifest(table, key, version)

    def required(self, table: str, key: str = WHOLE) -> Manifest:
        """Return the manifest of the live version.

        Raises
        ------
        MissingError : there is none.
        """
        found = self.current(table, key)
        if found is None:
            raise MissingError(
                f"{table}/{key} was asked for; the lake {self.root} does not hold it; "
                f"materialize {table} first"
            )
        return found

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None if that version does not exist."""
        try:
            text = Path(self.path(table, key, version, MANIFEST)).read_text()
        except FileNotFoundError:
            return None
        fields = json.loads(text)
        fields["files"] = {name: File(**file) for name, file in fields["files"].items()}
        return Manifest(**fields)

    def pinned(self, table: str, key: str, version: str) -> Manifest:
        """Return the manifest of one version, live or not, that something else names.

        Raises
        ------
        MissingError : the lake does not hold it.
        """
        found = self.manifest(table, key, version)
        if found is None:
            raise MissingError(
                f"{table}/{key} version {version} was asked for; the lake {self.root} does not hold it "
                f"any more; materialize what names it again"
            )
        return found

    def table(self, manifest: Manifest, name: str = ROWS, columns: list[str] | None = None) -> pa.Table:
        """Read a Parquet file of a version, or some columns of it."""
        return pq.read_table(self.file(manifest, name), columns=columns)

    def batches(
        self, manifest: Manifest, columns: list[str] | None = None, rows: int = 4096
    ) -> Iterator[pa.RecordBatch]:
        """Stream the main file of a version in batches of at most `rows` rows."""
        with pq.ParquetFile(self.file(manifest)) as file:
            yield from file.iter_batches(rows, columns=columns)

    def checked(self, manifest: Manifest, name: str) -> bytes:
        """Read a file of a version whole.

        Raises
        ------
        CorruptError : it is not the file that was written.
        """
        content = Path(self.file(manifest, name)).read_bytes()
        if hashlib.blake2b(content, digest_size=16).hexdigest() != manifest.files[name].digest:
            raise CorruptError(
                f"{self.file(manifest, name)} has {len(content)} bytes whose digest is not its manifest's; "
                f"materialize {manifest.table} again"
            )
        return content

    def vectors(self, manifest: Manifest, name: str = VECTORS) -> NDArray[np.float16]:
        """Memory-map the vectors of a version: float16[n, d], read-only, no copy.

        Raises
        ------
        CorruptError : the body is not where the manifest says.
        """
        fact = manifest.facts["vectors"][name]
        shape = (manifest.files[name].rows, fact["width"])
        if shape[0] == 0:
            return np.zeros(shape, np.float16)
        path = self.file(manifest, name)
        if manifest.files[name].bytes != Path(path).stat().st_size:
            raise CorruptError(f"{path} does not have the {manifest.files[name].bytes} bytes of its manifest")
        return np.memmap(path, np.float16, "r", offset=fact["body_offset"], shape=shape)

    def publish(self, manifest: Manifest) -> None:
        """Make a version the live one of its partition."""
        self._replace(self.path(manifest.table, manifest.key, "current"), manifest.version.encode())

    @contextlib.contextmanager
    def write(
        self, table: str, key: str, *, inputs: dict[str, str], settings: dict[str, Any], code: str
    ) -> Iterator[Writer]:
        """Write a version of a partition; it comes to exist, and goes live, when the block ends.

        If the block raises, nothing is published and the files are removed.
        """
        version = version_of(inputs, settings, code)
        writer = Writer(self.path(table, key, version))
        try:
            yield writer
        except BaseException:
            writer.abandon()
            raise
        files = writer.finish()
        digests = {name: file.digest for name, file in files.items()}
        manifest = Manifest(
            table, key, version, writer.content or fingerprint(digests),
            inputs, settings, code, files, writer.facts,
        )  # fmt: skip
        text = json.dumps(dataclasses.asdict(manifest), indent=1, sort_keys=True)
        self._replace(self.path(table, key, version, MANIFEST), text.encode())
        self.publish(manifest)

    def _replace(self, path: str, content: bytes) -> None:
        """Put a small file in place whole."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex}.tmp")
        temporary.write_bytes(content)
        temporary.replace(target)

"""The lake's tables: versioned partitions of whole files.

    <lake>/<table>/<key>/<version>/rows.parquet, vectors.arrow, ...
    <lake>/<table>/<key>/<version>/manifest.json     written last: without it the version does not exist
    <lake>/<table>/<key>/current                     names the live version, replaced atomically

A version is never changed once its manifest exists, so a reader that holds a manifest reads one
state of the partition whatever writers do meanwhile, and a killed writer leaves the old state. This
holds for a local folder and for S3.
"""

import contextlib
import functools
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dagster import ConfigurableResource, ResourceDependency

from guyot.errors import CorruptError, MissingError
from guyot.identity import fingerprint
from guyot.lake.manifests import REPAIR
from guyot.lake.names import CURRENT
from guyot.lake.parquet_file import named_damage, opened, require_size
from resources.lake import workdirs
from resources.lake.compacted import Origin
from resources.lake.manifest import MANIFEST, ROWS, VECTORS, WHOLE, Manifest, version_named, version_of
from resources.lake.vector_file import VectorLocation, VectorRows, mapped, ranged
from resources.lake.writer import Writer
from resources.places import absolute
from resources.settings import Settings
from resources.storage import unwritable
from resources.storage.concurrent import concurrent
from resources.storage.files import Files


class Store(ConfigurableResource[Any]):
    """Reads and writes the lake's tables; the only place that knows their paths."""

    settings: ResourceDependency[Settings]

    @functools.cached_property
    def root(self) -> str:
        """The lake's absolute path, or s3://bucket/prefix."""
        return absolute(self.settings.lake)

    @functools.cached_property
    def files(self) -> Files:
        """The lake's files."""
        return Files(self.root)

    def path(self, *parts: str) -> str:
        """Return a path inside the lake."""
        return "/".join((self.root, *parts))

    def file(self, manifest: Manifest, name: str = ROWS) -> str:
        """Return the path of a version's file."""
        return self.path(manifest.table, manifest.key, manifest.version, name)

    def partitions(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        prefix, suffix = f"{self.path(table)}/", f"/{CURRENT}"
        found = (
            f.uri.removeprefix(prefix) for f in self.files.walk(self.path(table)) if f.uri.endswith(suffix)
        )
        return sorted(name.removesuffix(suffix) for name in found)

    def versions(self, table: str) -> list[Manifest]:
        """Return the manifest of every version that a table's partitions have, live or not, sorted."""
        prefix, suffix = f"{self.path(table)}/", f"/{MANIFEST}"
        found = [
            f.uri.removeprefix(prefix).removesuffix(suffix).rpartition("/")
            for f in self.files.walk(self.path(table))
            if f.uri.endswith(suffix)
        ]
        read = concurrent(lambda name: self.manifest(table, name[0], name[2]), sorted(found))
        return [manifest for manifest in read if manifest is not None]

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None.

        Raises
        ------
        CorruptError : what names the live version, or its manifest, is damaged.
        """
        uri = self.path(table, key, CURRENT)
        try:
            version = version_named(self.files.read(uri), uri)
        except FileNotFoundError:
            return None
        return self.manifest(table, key, version)

    def origin(self, table: str, key: str = WHOLE) -> Origin | None:
        """Return what the live version was made from, or None; raise as `current` does."""
        return self.current(table, key)

    def required(self, table: str, key: str = WHOLE) -> Manifest:
        """Return the manifest of the live version, or raise MissingError."""
        found = self.current(table, key)
        if found is None:
            raise MissingError(
                f"{table}/{key} was asked for; the lake {self.root} does not hold it; "
                f"materialize {table} first"
            )
        return found

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None if that version does not exist.

        Raises
        ------
        CorruptError : the manifest is damaged.
        """
        uri = self.path(table, key, version, MANIFEST)
        try:
            return Manifest.read(self.files.read(uri), uri)
        except FileNotFoundError:
            return None

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
                "any more; materialize what names it again"
            )
        return found

    def table(self, manifest: Manifest, name: str = ROWS, columns: list[str] | None = None) -> pa.Table:
        """Read a Parquet file of a version, or some columns of it.

        Raises
        ------
        CorruptError : the file is gone, or its size or a page's checksum is another one.
        """
        with self._parquet(manifest, name) as file:
            return file.read(columns)

    def batches(
        self, manifest: Manifest, columns: list[str] | None = None, rows: int = 4096, name: str = ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Stream a Parquet file of a version in batches of at most `rows` rows.

        Raises
        ------
        CorruptError : as `table` does.
        """
        with self._parquet(manifest, name) as file:
            yield from file.iter_batches(rows, columns=columns)

    def checked(self, manifest: Manifest, name: str) -> bytes:
        """Read a whole file of a version.

        Raises
        ------
        CorruptError : it is gone, or its digest is not the one in the manifest.
        """
        uri = self.file(manifest, name)
        with named_damage(uri):
            content = self.files.read(uri)
        if hashlib.blake2b(content, digest_size=16).hexdigest() != manifest.files[name].digest:
            raise CorruptError(f"{uri} has {len(content)} bytes whose digest is not its manifest's; {REPAIR}")
        return content

    def vectors(self, manifest: Manifest, name: str = VECTORS) -> VectorRows:
        """Open the vectors of a version: float16[n, d], read-only, any range of rows in one read.

        A local file is mapped into memory, without a copy; on S3 each slice is a request.

        Raises
        ------
        CorruptError : the file is gone, or its size is not the one in the manifest.
        """
        at = self.vector_location(manifest, name)
        with named_damage(at.path):
            found = (ranged if self.files.remote else mapped)(at.path, at.shape, at.offset)
        if found.file_bytes is not None:
            require_size(at.path, found.file_bytes, manifest.files[name].bytes)
        return found.rows

    def vector_location(self, manifest: Manifest, name: str = VECTORS) -> VectorLocation:
        """Return the location of a version's vectors, a plain value that can be sent to other processes."""
        fact = manifest.facts["vectors"][name]
        shape = (manifest.files[name].rows, fact["width"])
        return VectorLocation(self.file(manifest, name), shape, fact["body_offset"])

    def publish(self, manifest: Manifest) -> None:
        """Make a version the live one of its partition."""
        with self.own_folder() as folder:
            self._publish(manifest, folder)

    @contextlib.contextmanager
    def write(
        self, table: str, key: str, *, inputs: dict[str, str], settings: dict[str, Any], code: str
    ) -> Iterator[Writer]:
        """Write a version of a partition; it is published and made live when the block ends.

        If the block raises, nothing is published and the files are removed. If another writer has
        published this version already, its files are kept and these are removed.
        """
        version = version_of(inputs, settings, code)
        with self.own_folder() as folder:
            version_folder = folder / version
            version_folder.mkdir()
            writer = Writer(version_folder)
            yield writer
            files = writer.finish()
            digests = {name: file.digest for name, file in files.items()}
            manifest = Manifest(
                table, key, version, writer.content or fingerprint(digests),
                inputs, settings, code, files, writer.facts,
            )  # fmt: skip
            (version_folder / MANIFEST).write_text(manifest.text)
            self.files.publish_folder(version_folder, self.path(table, key, version), MANIFEST)
            self._publish(manifest, folder)

    def _publish(self, manifest: Manifest, beside: Path) -> None:
        """Set the live-version pointer."""
        self.files.replace(
            self.path(manifest.table, manifest.key, CURRENT), manifest.version.encode(), beside
        )

    @contextlib.contextmanager
    def own_folder(self) -> Iterator[Path]:
        """Make a temporary folder for this writer, removed at the end."""
        with unwritable.explained(self.root):
            folder = workdirs.new_folder(self.files)
            try:
                yield folder
            finally:
                shutil.rmtree(folder)

    @contextlib.contextmanager
    def _parquet(self, manifest: Manifest, name: str) -> Iterator[pq.ParquetFile]:
        """Open a Parquet file of a version."""
        uri, file = self.file(manifest, name), manifest.files[name]
        with named_damage(uri), self.files.open(uri) as source:
            with opened(source, uri, file.bytes, file.footer_crc32, is_remote=self.files.remote) as parquet:
                yield parquet

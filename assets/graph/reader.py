"""Reads the tables that an asset declares, and raises on any other: so the graph in the UI is true."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from guyot.errors import GuyotError, MissingError
from resources.lake import workdirs
from resources.lake.compacted import Origin
from resources.lake.manifest import ROWS, VECTORS, WHOLE, Manifest
from resources.lake.store import Store
from resources.lake.vector_file import VectorLocation, VectorRows, crc32_of, require_crc32


class UndeclaredReadError(GuyotError, PermissionError):
    """An asset read a table that its declaration does not name."""


class TableReader:
    """The reading half of the store, for one asset.

    reader : the asset's name, for the error
    tables : what it may read: the tables of its declaration, and its own earlier versions
    absent : tables that are not of the lake's documents: as if no version had been made, whatever is there
    """

    def __init__(
        self, store: Store, reader: str, tables: frozenset[str], absent: frozenset[str] = frozenset()
    ) -> None:
        self._store, self._reader, self._tables, self.absent = store, reader, tables, absent

    @property
    def root(self) -> str:
        """The lake's absolute path, or s3://bucket/prefix."""
        return self._store.root

    def narrowed(self, reader: str, *tables: str) -> "TableReader":
        """Return a reader of these tables only, for use after the asset's build.

        Raises
        ------
        UndeclaredReadError : the asset does not declare that it reads one of the tables.
        """
        self.require_declared(*tables)
        return TableReader(self._store, reader, frozenset(tables), self.absent)

    def require_declared(self, *tables: str) -> None:
        """Raise UndeclaredReadError unless the asset declares that it reads the tables."""
        for table in tables:
            self._declared(table)

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None."""
        store = self._declared(table)
        return None if table in self.absent else store.current(table, key)

    def required(self, table: str, key: str = WHOLE) -> Manifest:
        """Return the manifest of the live version, or raise MissingError."""
        store = self._declared(table)
        if table in self.absent:
            raise MissingError(f"{self._reader} needs {table}, which is not of this lake's documents")
        return store.required(table, key)

    def origin(self, table: str, key: str = WHOLE) -> Origin:
        """Return what the live version was made from, or raise MissingError; less than its manifest."""
        found = None if table in self.absent else self._declared(table).origin(table, key)
        return self.required(table, key) if found is None else found

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None if that version does not exist."""
        return self._declared(table).manifest(table, key, version)

    def pinned(self, table: str, key: str, version: str) -> Manifest:
        """Return the manifest of one version, live or not, or raise MissingError."""
        return self._declared(table).pinned(table, key, version)

    def partitions(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        store = self._declared(table)
        return [] if table in self.absent else store.partitions(table)

    def table(self, manifest: Manifest, name: str = ROWS, columns: list[str] | None = None) -> pa.Table:
        """Read a Parquet file of a version, or some columns of it."""
        return self._declared(manifest.table).table(manifest, name, columns)

    def batches(
        self, manifest: Manifest, columns: list[str] | None = None, rows: int = 4096, name: str = ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Stream a Parquet file of a version in batches of at most `rows` rows."""
        return self._declared(manifest.table).batches(manifest, columns, rows, name)

    def checked(self, manifest: Manifest, name: str) -> bytes:
        """Read a file of a version whole, or raise CorruptError."""
        return self._declared(manifest.table).checked(manifest, name)

    def vectors(self, manifest: Manifest, name: str = VECTORS) -> VectorRows:
        """Open the vectors of a version: float16[n, d], read-only."""
        return self._declared(manifest.table).vectors(manifest, name)

    def whole_vectors(self, manifest: Manifest, name: str = VECTORS) -> NDArray[np.float16]:
        """Read all vectors of a version: float16[n, d], and check their checksum.

        Raises
        ------
        CorruptError : they are not those that were written.
        """
        rows = self.vectors(manifest, name)[:]
        stated = manifest.facts["vectors"][name].get("crc32")
        require_crc32(self.file(manifest, name), crc32_of(rows), stated)
        return rows

    def vector_location(self, manifest: Manifest, name: str = VECTORS) -> VectorLocation:
        """Return the location of a version's vectors, a plain value that can be sent to other processes."""
        return self._declared(manifest.table).vector_location(manifest, name)

    @contextlib.contextmanager
    def scratch_folder(self) -> Iterator[Path]:
        """Work in a folder of this process alone, which is gone afterwards."""
        folder = workdirs.new_folder(self._store.files)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def file(self, manifest: Manifest, name: str = ROWS) -> str:
        """Return the path of a version's file."""
        return self._declared(manifest.table).file(manifest, name)

    def _declared(self, table: str) -> Store:
        """Return the store, if the asset declares that it reads the table.

        Raises
        ------
        UndeclaredReadError : it does not.
        """
        if table not in self._tables:
            raise UndeclaredReadError(
                f"{self._reader} reads {table}; it declares {', '.join(sorted(self._tables)) or 'nothing'}; "
                f"add {table} to the reads of {self._reader}"
            )
        return self._store

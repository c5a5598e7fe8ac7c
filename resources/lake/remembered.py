"""The lake's tables as they were when each was first asked for: to look at many while none is built."""

import contextlib
import dataclasses
import functools
import hashlib
import os
from collections import defaultdict

from guyot.errors import CorruptError, GuyotError
from guyot.lake.names import CURRENT
from resources import progress
from resources.lake import compacted
from resources.lake.compacted import Origin, Row
from resources.lake.manifest import MANIFEST, SNAPSHOT, WHOLE, Manifest, version_named
from resources.lake.store import Store

MIN_COMPACTED = 1000  # manifests that were read one by one, from which on the next look shall not


class RememberedStore(Store):
    """A store that reads the live version of each partition once.

    What is live may be another version by now, and what another process publishes is not seen, so it is for
    a look at all partitions, and for no build. Some 1 kB of memory per partition.
    """

    @functools.cached_property
    def _live(self) -> dict[tuple[str, str], Manifest | None]:
        """The manifests that were read; None: there is none."""
        return {}

    @functools.cached_property
    def _states(self) -> dict[tuple[str, str, str], str]:
        """The state of each of them, from before it was read."""
        return {}

    @functools.cached_property
    def _origins(self) -> dict[tuple[str, str], Row]:
        """What was taken from compacted manifests."""
        return {}

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None, as it was when it was first asked for.

        Raises
        ------
        CorruptError : what names the live version, or its manifest, is damaged.
        """
        if (table, key) not in self._live:
            self._live[table, key] = self._with_known_snapshot(super().current(table, key))
        return self._live[table, key]

    def _with_known_snapshot(self, manifest: Manifest | None) -> Manifest | None:
        """Let manifests of one snapshot hold one object, so that they are told to be so at once."""
        snapshot = manifest and manifest.facts.get(SNAPSHOT)
        if manifest is None or snapshot is None:
            return manifest
        for known in self._snapshots:
            if known == snapshot:
                return dataclasses.replace(manifest, facts={**manifest.facts, SNAPSHOT: known})
        self._snapshots.append(snapshot)
        return manifest

    @functools.cached_property
    def _snapshots(self) -> list[dict[str, dict[str, str]]]:
        """The snapshots of what was read, each once."""
        return []

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None; a live one is remembered.

        Raises
        ------
        CorruptError : the manifest is damaged.
        """
        live = self._live.get((table, key))
        if live and live.version == version:
            return live
        self._states[table, key, version] = self._state(table, key, version)
        return super().manifest(table, key, version)

    def origin(self, table: str, key: str = WHOLE) -> Origin | None:
        """Return what the live version was made from, or None; of compacted manifests, if it is among them.

        Raises
        ------
        CorruptError : what names the live version is damaged; or its manifest, where that is read.
        """
        if (table, key) in self._live:
            return self._live[table, key]
        if (table, key) not in self._origins:
            row = self._rows(table).get(key)
            if row is None or not self._is_true(table, row):
                return self.current(table, key)
            self._origins[table, key] = row
        return self._origins[table, key]

    def partitions(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        rows = self._rows(table)
        if not rows:
            return super().partitions(table)
        prefix = f"{self.path(table)}/"
        if self.files.remote:
            pointers = (uri for uri in self._etags(table) if uri.endswith(f"/{CURRENT}"))
            return sorted(uri.removeprefix(prefix).removesuffix(f"/{CURRENT}") for uri in pointers)
        live = [key for key in rows if self.origin(table, key) is not None]
        with contextlib.suppress(FileNotFoundError), os.scandir(prefix) as entries:
            others = {entry.name for entry in entries if entry.is_dir()} - set(live)  # no key begins another
            walked = (file.uri for one in others for file in self.files.walk(f"{prefix}{one}"))
            found = [uri.removeprefix(prefix) for uri in walked if uri.endswith(f"/{CURRENT}")]
            return sorted({*live, *(name.removesuffix(f"/{CURRENT}") for name in found)})
        return []

    def compact(self, *, min_read: int = MIN_COMPACTED) -> list[str]:
        """Write what was looked at into the compacted manifests, if so many were read one by one.

        Returns
        -------
        The tables of which they were written; none where the lake cannot be written.
        """
        read: dict[str, dict[str, Row | None]] = defaultdict(dict)
        for (table, key), manifest in self._live.items():
            if (table, key) not in self._origins:
                read[table][key] = manifest and Row.of(manifest, self._states[table, key, manifest.version])
        if sum(row is not None for rows in read.values() for row in rows.values()) < max(1, min_read):
            return []
        written: list[str] = []
        with contextlib.suppress(GuyotError, OSError), self.own_folder() as folder:
            for table in sorted(read):
                rows = {**self._rows(table), **read[table]}
                content = compacted.content_of(row for row in rows.values() if row is not None)
                self.files.replace(compacted.uri_of(self.files, table), content, folder)
                written.append(table)
        return written

    def _is_true(self, table: str, row: Row) -> bool:
        """Return whether a row is of the live version, and of the manifest that is there."""
        if not row.state or row.state != self._state(table, row.key, row.version):
            return False
        uri = self.path(table, row.key, CURRENT)
        if self.files.remote:  # an ETag may be something else than a digest
            digest = hashlib.md5(row.version.encode(), usedforsecurity=False).hexdigest()
            if self._etags(table).get(uri) == digest:
                return True
        try:
            return version_named(self.files.read(uri), uri) == row.version
        except FileNotFoundError:
            return False

    def _state(self, table: str, key: str, version: str) -> str:
        """Return what tells a manifest from another in its place; empty where there is none."""
        uri = self.path(table, key, version, MANIFEST)
        if self.files.remote:
            return self._etags(table).get(uri, "")
        try:
            found = os.stat(uri)
        except OSError:
            return ""
        return f"{found.st_mtime_ns} {found.st_size}"

    def _rows(self, table: str) -> dict[str, Row]:
        """Return the compacted manifests of a table, which are none where they are damaged."""
        if table not in self._compacted:
            try:
                self._compacted[table] = compacted.read(self.files, table)
            except CorruptError as error:
                progress.note(f"{error}; its manifests are read one by one")
                self._compacted[table] = {}
        return self._compacted[table]

    @functools.cached_property
    def _compacted(self) -> dict[str, dict[str, Row]]:
        """The rows that were read, by table."""
        return {}

    @functools.cached_property
    def _listed(self) -> dict[str, dict[str, str]]:
        """The ETags of pointers and manifests on S3, by table and object."""
        return {}

    def _etags(self, table: str) -> dict[str, str]:
        """List a table's pointers and manifests on S3 with their ETags, once."""
        if table not in self._listed:
            self._listed[table] = self.files.etags(self.path(table), CURRENT, MANIFEST)
        return self._listed[table]

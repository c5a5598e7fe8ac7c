"""The lake's tables as they were when each was first asked for: to look at many while none is built."""

import contextlib
import functools
import hashlib
import os

from guyot.errors import CorruptError, GuyotError
from guyot.lake.names import CURRENT
from resources import progress
from resources.lake import compacted
from resources.lake.compacted import Origin, Row
from resources.lake.manifest import WHOLE, Manifest, version_named
from resources.lake.store import Store
from resources.places import inner_path
from resources.storage import s3

MIN_COMPACTED = 1000  # manifests that were read one by one, from which on the next look shall not


class RememberedStore(Store):
    """A store that reads the live version of each partition once.

    What is live may be another version by now, and what another process publishes is not seen, so it is for
    a look at all partitions, and for no build. Some 1 kB of memory per partition.
    """

    @functools.cached_property
    def _live(self) -> dict[tuple[str, str], Manifest | None]:
        """The manifests that were read."""
        return {}

    @functools.cached_property
    def _origins(self) -> dict[tuple[str, str], Row | None]:
        """What was taken from compacted manifests, and that there is none."""
        return {}

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None, as it was when it was first asked for.

        Raises
        ------
        CorruptError : what names the live version, or its manifest, is damaged.
        """
        if (table, key) not in self._live:
            known = self._origins.get((table, key))
            self._live[table, key] = (
                super().current(table, key) if known is None else self.pinned(table, key, known.version)
            )
        return self._live[table, key]

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None; a live one is remembered.

        Raises
        ------
        CorruptError : the manifest is damaged.
        """
        live = self._live.get((table, key))
        return live if live and live.version == version else super().manifest(table, key, version)

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
            if row is None or not self._is_live(table, row):
                return self.current(table, key)
            self._origins[table, key] = row
        return self._origins[table, key]

    def partitions(self, table: str) -> list[str]:
        """List the partitions of a table that have a live version, sorted."""
        rows = self._rows(table)
        if not rows:
            return super().partitions(table)
        if self.files.remote:
            return sorted(self._digests(table))
        live = [key for key in rows if self.origin(table, key) is not None]
        others = set(os.listdir(self.path(table))) - set(live)
        prefix = f"{self.path(table)}/"
        found = (file.uri for name in others for file in self.files.walk(f"{prefix}{name}"))
        names = (
            uri.removeprefix(prefix).removesuffix(f"/{CURRENT}")
            for uri in found
            if uri.endswith(f"/{CURRENT}")
        )
        return sorted({*live, *names})

    def compact(self, *, min_read: int = MIN_COMPACTED) -> list[str]:
        """Write what was looked at into the compacted manifests, if so many were read one by one.

        Returns
        -------
        The tables of which they were written; none where the lake cannot be written.
        """
        read = {name: manifest for name, manifest in self._live.items() if manifest is not None}
        single = {name for name in read if name not in self._origins}
        if len(single) < max(1, min_read):
            return []
        written: list[str] = []
        with contextlib.suppress(GuyotError, OSError), self.own_folder() as folder:
            for table in sorted({table for table, _ in single}):
                mine = {key: manifest for (name, key), manifest in read.items() if name == table}
                content = compacted.content_of({**self._rows(table), **mine}.values())
                self.files.replace(compacted.uri_of(self.files, table), content, folder)
                written.append(table)
        return written

    def _is_live(self, table: str, row: Row) -> bool:
        """Return whether a row is of the live version: by its pointer, on S3 by all pointers' digests."""
        if self.files.remote:
            digest = self._digests(table).get(row.key)
            if digest == hashlib.md5(row.version.encode(), usedforsecurity=False).hexdigest():
                return True
        uri = self.path(table, row.key, CURRENT)
        try:
            return version_named(self.files.read(uri), uri) == row.version
        except FileNotFoundError:
            return False

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
    def _digests_of(self) -> dict[str, dict[str, str]]:
        """Digests of pointers, by table and partition."""
        return {}

    def _digests(self, table: str) -> dict[str, str]:
        """List the ETags of a table's pointers on S3: of such small objects digests, or of no known kind."""
        if table not in self._digests_of:
            begin = f"{inner_path(self.path(table))}/"
            found = s3.etags(begin, f"/{CURRENT}")
            self._digests_of[table] = {
                name.removeprefix(begin).removesuffix(f"/{CURRENT}"): etag for name, etag in found
            }
        return self._digests_of[table]

"""The lake's tables as they were when each was first asked for: to look at many while none is built."""

import functools

from resources.lake.manifest import WHOLE, Manifest
from resources.lake.store import Store


class RememberedStore(Store):
    """A store that reads the live version of each partition once.

    What is live may be another version by now, and what another process publishes is not seen, so it is for
    a look at all partitions, and for no build. Some 3 kB of memory per partition.
    """

    @functools.cached_property
    def _live(self) -> dict[tuple[str, str], Manifest | None]:
        """What was read."""
        return {}

    def current(self, table: str, key: str = WHOLE) -> Manifest | None:
        """Return the manifest of the live version, or None, as it was when it was first asked for.

        Raises
        ------
        CorruptError : what names the live version, or its manifest, is damaged.
        """
        if (table, key) not in self._live:
            self._live[table, key] = super().current(table, key)
        return self._live[table, key]

    def manifest(self, table: str, key: str, version: str) -> Manifest | None:
        """Return the manifest of one version, or None; a live one is remembered.

        Raises
        ------
        CorruptError : the manifest is damaged.
        """
        live = self._live.get((table, key))
        return live if live and live.version == version else super().manifest(table, key, version)

"""What a partition is built from: with it the version that it will have is known before it is built."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from resources.lake.compacted import Row, json_text
from resources.lake.manifest import version_of
from resources.lake.store import Store


class VersionSettings(dict[str, Any]):
    """Settings that enter versions; those of many partitions are one object."""

    @functools.cached_property
    def text(self) -> str:
        """They as JSON, as compacted manifests have them."""
        return json_text(self)


@dataclasses.dataclass(frozen=True)
class BuildSpec:
    """One partition of a table, with all that its version hashes; plain values."""

    table: str
    key: str
    inputs: Mapping[str, str]
    settings: Mapping[str, Any]
    code: str

    @property
    def version(self) -> str:
        """The version that would be built."""
        return version_of(dict(self.inputs), dict(self.settings), self.code)

    def is_live(self, store: Store) -> bool:
        """Return whether the live version is the one that these inputs and settings give."""
        live = store.origin(self.table, self.key)
        if isinstance(live, Row) and (live.code, live.inputs) == (self.code, self.inputs):
            settings = self.settings
            text = settings.text if isinstance(settings, VersionSettings) else json_text(settings)
            return live.settings_text == text  # sooner compared than hashed
        return live is not None and live.version == self.version

    def is_fitted(self, store: Store) -> bool:
        """Return whether the live version has these settings, whatever documents it was trained on."""
        current = store.origin(self.table, self.key)
        return current is not None and (current.settings, current.code) == (dict(self.settings), self.code)

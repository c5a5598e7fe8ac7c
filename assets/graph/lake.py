"""The lake and what its assets are built with; everything in it follows from the settings."""

import dataclasses
import functools

from resources.encoder import EncoderResource
from resources.engines.chosen import engine_of
from resources.engines.threads import Engine
from resources.lake.remembered import RememberedStore
from resources.lake.store import Store
from resources.models.trainer import Trainer
from resources.settings import Settings
from resources.sources.registry import live_shards
from resources.sources.scan import Sources


@dataclasses.dataclass(frozen=True)
class LakeResources:
    """A lake, opened with its settings.

    remembers : whether it reads what is live once, see `RememberedStore`
    """

    settings: Settings
    remembers: bool = False

    @functools.cached_property
    def store(self) -> Store:
        """The lake's tables."""
        return (RememberedStore if self.remembers else Store)(settings=self.settings)

    def remembered(self) -> "LakeResources":
        """Return the lake as it is now, for a look at many partitions while nothing is built."""
        return LakeResources(self.settings, remembers=True)

    @functools.cached_property
    def sources(self) -> Sources:
        """The source files."""
        return Sources(settings=self.settings)

    @functools.cached_property
    def encoder(self) -> EncoderResource:
        """What turns documents into vectors."""
        return EncoderResource(settings=self.settings)

    @functools.cached_property
    def trainer(self) -> Trainer:
        """What trains and evaluates language models."""
        return Trainer(settings=self.settings)

    @functools.cached_property
    def engine(self) -> Engine:
        """What runs a function over items."""
        return engine_of(self.settings)

    def shards(self) -> list[str]:
        """List the shards with a live source file, in order.

        Raises
        ------
        MissingError : the sources were never scanned.
        """
        manifest = self.store.required("shard_registry")
        return live_shards(self.store.table(manifest, columns=["shard", "state"]))


def only_when_asked(lake: LakeResources) -> bool:
    """Return False, as `is_wanted` of an asset that only a backfill or the UI builds."""
    return False

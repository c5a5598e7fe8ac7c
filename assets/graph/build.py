"""Builds one partition of an asset: reuses the version if the lake holds it, else does the work.

`build_partition` is a function of plain values, so that an engine can run it in a thread, in another process
or on another machine.
"""

import dataclasses
import functools
import json
from collections.abc import Mapping
from typing import Any

from assets.graph import discover
from assets.graph.asset import LakeAsset
from assets.graph.build_spec import BuildSpec
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot, take
from guyot.errors import EvaluationError, MissingError, SettingError
from resources import memory, progress
from resources.lake.manifest import WHOLE, Manifest
from resources.lake.saved_batches import SavedBatches
from resources.lake.saved_checkpoints import SavedCheckpoints
from resources.settings import Settings


@dataclasses.dataclass(frozen=True)
class Build:
    """What the function of an asset may use to build one partition."""

    asset: LakeAsset
    spec: BuildSpec
    lake: LakeResources
    reader: TableReader

    @property
    def key(self) -> str:
        """The partition's key: a shard, a recipe, recipe/seed, or `all`."""
        return self.spec.key

    @property
    def settings(self) -> Settings:
        """The settings of the graph."""
        return self.lake.settings

    @property
    def name(self) -> str:
        """The partition as messages name it: the asset, and its key if it has one."""
        return self.asset.name if self.key == WHOLE else self.key

    def input(self, table: str) -> Manifest:
        """Return the version of the same key that the partition is built from.

        Raises
        ------
        MissingError : it was replaced since the build began.
        """
        found = self.reader.required(table, self.key)
        self.require_unchanged(table, found.content)
        return found

    @property
    def saved_batches(self) -> SavedBatches:
        """What an earlier build of this version finished before it was killed; of resumable assets."""
        return SavedBatches(self.lake.store.files, self.spec.table, self.key, self.spec.version)

    @property
    def saved_checkpoints(self) -> SavedCheckpoints:
        """Where a training keeps its state while it goes on; of resumable assets."""
        return SavedCheckpoints(self.lake.store.files, self.spec.table, self.key, self.spec.version)

    def advance(self, amount: float) -> None:
        """Count work that is done, in the asset's `progress_unit`."""
        progress.advance(self.asset.name, amount)

    def snapshot(self, *tables: str) -> Snapshot:
        """Take a snapshot of the live shards; each must have all the tables, made from one another.

        Raises
        ------
        MissingError : shards wait for an asset, or one of the tables changed since the build began.
        UndeclaredReadError : the asset does not declare that it reads one of the tables.
        """
        self.reader.require_declared(*tables)
        snapshot = take(self.lake, tables)
        for table in tables:
            for shard in snapshot.names:
                content = snapshot.manifest(self.reader, table, shard).content
                self.require_unchanged(f"{table}/{shard}", content)
        return snapshot

    def require_unchanged(self, name: str, content: str) -> None:
        """Require that the content of an input is the one that the spec names, if it names one.

        Raises
        ------
        MissingError : it was replaced since the build began.
        """
        wanted = self.spec.inputs.get(name)
        if wanted not in (None, content):
            raise MissingError(
                f"{self.asset.name}/{self.key} was to be built from {name} of content {wanted}, which was "
                f"replaced by {content} meanwhile; materialize {self.asset.name} again"
            )


@dataclasses.dataclass(frozen=True)
class PartitionTask:
    """One partition to be built; plain values."""

    asset: str
    spec: BuildSpec
    settings: str  # JSON


@dataclasses.dataclass(frozen=True)
class Built:
    """The result for a partition: a version, or the reason why there is none.

    reused : the lake held the version
    shown : what the UI shows of the work, beyond the version
    """

    key: str
    manifest: Manifest | None
    refusal: str = ""
    reused: bool = False
    shown: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def tasks(asset: LakeAsset, lake: LakeResources, specs: Mapping[str, BuildSpec]) -> list[PartitionTask]:
    """Return a task for each partition; places are absolute, since it may run in another folder."""
    settings = lake.settings.changed(lake=lake.store.root, source=lake.sources.root).model_dump_json()
    return [PartitionTask(asset.name, spec, settings) for spec in specs.values()]


def build_partition(task: PartitionTask, *, collect_refusals: bool = False) -> Built:
    """Reuse a partition's version if the lake holds it, else build it.

    Parameters
    ----------
    collect_refusals : return the message of a SettingError or an EvaluationError, instead of raising it: a
        recipe that cannot be cut, or a training that diverges, is no failure of the others
    """
    asset = discover.asset(task.asset)
    lake = _open(task.settings)
    try:
        return _build(Build(asset, task.spec, lake, asset.reader(lake)))
    except (SettingError, EvaluationError) as error:
        if not collect_refusals:
            raise
        return Built(task.spec.key, None, refusal=str(error))


def build_collecting_refusals(task: PartitionTask) -> Built:
    """Build a partition; a SettingError or an EvaluationError is part of the result."""
    return build_partition(task, collect_refusals=True)


@functools.lru_cache(maxsize=4)
def _open(settings: str) -> LakeResources:
    """Open a lake, once for all partitions that a process builds."""
    memory.keep_few_pools()
    return LakeResources(Settings(**json.loads(settings)))


def _build(build: Build) -> Built:
    """Reuse or build the version, and make it live."""
    asset, spec, store = build.asset, build.spec, build.lake.store
    found = store.manifest(spec.table, spec.key, spec.version)
    if found is not None and (asset.is_valid is None or asset.is_valid(build.lake)):
        store.publish(found)
        _clear(build)
        return Built(spec.key, found, reused=True)
    with store.write(
        spec.table, spec.key, inputs=dict(spec.inputs), settings=dict(spec.settings), code=spec.code
    ) as writer:
        shown = asset.build(build, writer) if asset.build else None
    _clear(build)
    return Built(spec.key, store.required(spec.table, spec.key), shown=shown or {})


def _clear(build: Build) -> None:
    """Remove what was kept for a build that would have gone on: the version is published."""
    if build.asset.is_resumable:
        build.saved_batches.clear()

"""An asset of the lake, declared once: in its own file, by `@lake_asset` on the function that builds it.

Everything else follows from the declaration: Dagster's definition and dependencies, the order, what is
stale, the lists per shard and per recipe, jobs, views of the catalogue, retention and docs.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.graph.build_spec import BuildSpec, VersionSettings
from assets.graph.lake import LakeResources
from assets.graph.partitions import SHARDS
from assets.graph.reader import TableReader
from assets.graph.reads import Over, Read
from assets.graph.tables import TableSpec
from guyot.errors import SettingError
from resources.lake.manifest import WHOLE, Manifest
from resources.lake.writer import Writer
from resources.setting_groups import KINDS, Documents
from resources.storage.concurrent import concurrent

if TYPE_CHECKING:
    from assets.graph.build import Build

Name = tuple[str, str, str]  # table, key, version
Inputs = Mapping[str, str]
BuildFunction = Callable[["Build", Writer], Mapping[str, Any] | None]
LookFunction = Callable[[dg.AssetExecutionContext, LakeResources], tuple[Manifest, Mapping[str, Any]]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class LakeAsset:
    """A declared asset. See `lake_asset` for the fields."""

    name: str
    description: str
    group_name: str
    tables: tuple[TableSpec, ...]
    build: BuildFunction | None
    look: LookFunction | None
    reads: tuple[Read, ...]
    code_version: str
    partitions_def: dg.PartitionsDefinition[Any] | None
    settings: tuple[str, ...]
    settings_of: Callable[[LakeResources, str], Mapping[str, Any]] | None
    inputs: Callable[[LakeResources, TableReader, Sequence[str]], Mapping[str, Inputs]] | None
    shows: Callable[[TableReader, Manifest], Mapping[str, Any]] | None
    pins: Callable[[TableReader, Manifest], set[Name]] | None
    is_valid: Callable[[LakeResources], bool] | None
    is_wanted: Callable[[LakeResources], bool] | None
    is_fitted: bool
    keeps_all_versions: bool
    is_serial: bool
    at_once: Callable[[LakeResources], int] | None
    is_resumable: bool
    progress_unit: str
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    pool: str | None
    documents: tuple[Documents, ...]

    @property
    def deps(self) -> tuple[str, ...]:
        """The assets that it reads."""
        return tuple(dict.fromkeys(read.table for read in self.reads if read.table != self.name))

    @property
    def is_per_shard(self) -> bool:
        """Whether it has a partition per shard."""
        return self.partitions_def is SHARDS

    def fits(self, lake: LakeResources) -> bool:
        """Return whether it makes sense for the documents of a lake."""
        return lake.settings.reading.documents in self.documents

    def workers(self, lake: LakeResources) -> int | None:
        """Return how many partitions are built at a time at most; None: as many as the engine has workers."""
        serial = 1 if self.is_serial and not lake.engine.has_own_cores else None
        return (self.at_once(lake) or None) if self.at_once else serial

    def reader(self, lake: LakeResources) -> TableReader:
        """Return what reads its declared tables, and its own earlier versions; those of others are absent."""
        from assets.graph.documents import absent  # which imports this module

        return TableReader(lake.store, self.name, frozenset((*self.deps, self.name)), absent(lake))

    def spec(self, lake: LakeResources, key: str = WHOLE) -> BuildSpec:
        """State what one partition is made from."""
        return self.specs(lake, [key])[key]

    def specs(self, lake: LakeResources, keys: Sequence[str]) -> dict[str, BuildSpec]:
        """Return the spec of each partition's version, by key.

        Raises
        ------
        MissingError : something that a partition is made from is not there.
        SettingError : the asset is not of the lake's documents.
        """
        if keys and not self.fits(lake):
            raise SettingError(
                f"{self.name} was asked for; it is of {' and '.join(self.documents)} documents, and "
                f"reading.documents={lake.settings.reading.documents}; leave it out"
            )
        reader = self.reader(lake)
        shards = lake.shards() if any(read.over is Over.SHARDS for read in self.reads) else []
        own = self.inputs(lake, reader, keys) if self.inputs else dict.fromkeys(keys, {})
        declared = concurrent(lambda key: self._inputs(reader, key, shards), keys)
        code, settings = self.code_version, self.version_settings
        is_same = bool(keys) and (self.is_per_shard or not self.settings_of)  # those of all shards are
        same = VersionSettings(settings(lake)) if is_same else None
        return {
            key: BuildSpec(
                self.name, key, {**of_key, **own[key]}, same or VersionSettings(settings(lake, key)), code
            )
            for key, of_key in zip(keys, declared, strict=True)
        }

    def version_settings(self, lake: LakeResources, key: str = WHOLE) -> dict[str, Any]:
        """Return the settings that enter a partition's version."""
        own = self.settings_of(lake, key) if self.settings_of else {}
        return {**lake.settings.select(*self.settings), **own}

    def _inputs(self, reader: TableReader, key: str, shards: Sequence[str]) -> dict[str, str]:
        """Return the contents that the declared reads give one partition."""
        inputs: dict[str, str] = {}
        for read in self.reads:
            if not read.is_input or read.table in reader.absent:
                continue
            if read.over is Over.SAME:
                inputs[read.table] = reader.origin(read.table, key).content
            elif read.over is Over.ONE:
                inputs[read.table] = reader.origin(read.table).content
            elif read.over is Over.SHARDS:
                inputs |= {f"{read.table}/{s}": reader.origin(read.table, s).content for s in shards}
        return inputs


def lake_asset(
    *,
    group_name: str,
    tables: Sequence[TableSpec],
    code_version: str,
    reads: Sequence[Read] = (),
    partitions_def: dg.PartitionsDefinition[Any] | None = None,
    settings: Sequence[str] = (),
    settings_of: Callable[[LakeResources, str], Mapping[str, Any]] | None = None,
    inputs: Callable[[LakeResources, TableReader, Sequence[str]], Mapping[str, Inputs]] | None = None,
    shows: Callable[[TableReader, Manifest], Mapping[str, Any]] | None = None,
    pins: Callable[[TableReader, Manifest], set[Name]] | None = None,
    is_valid: Callable[[LakeResources], bool] | None = None,
    is_wanted: Callable[[LakeResources], bool] | None = None,
    is_fitted: bool = False,
    keeps_all_versions: bool = False,
    is_serial: bool = False,
    at_once: Callable[[LakeResources], int] | None = None,
    is_resumable: bool = False,
    progress_unit: str = "",
    kinds: Sequence[str] = ("parquet",),
    owners: Sequence[str] = ("team:curation",),
    pool: str | None = None,
    documents: Sequence[Documents] = KINDS,
) -> Callable[[BuildFunction], LakeAsset]:
    """Declare an asset: the decorated function builds one partition of it.

    The function is called as `function(build, writer)`, see `assets.graph.build.Build`; it writes the
    tables and may return metadata for the UI that is no part of the version. Its name is the asset's, its
    docstring the description in the UI.

    Parameters
    ----------
    group_name, code_version, partitions_def, kinds, owners, pool : as for `dagster.asset`
    tables : the files of a version; the first is the main one
    reads : every table that it reads
    settings : names of the settings that enter its version
    settings_of : further values that enter a partition's version, such as its recipe; the same for all shards
    inputs : for the partitions of these keys, contents or versions that enter their versions beside those of
        the declared reads; called with a reader of the declared tables
    shows : what the UI shows of a version: tables, pictures
    pins : the versions that one of its versions needs for as long as it exists
    is_valid : whether what lies outside its folder, such as the catalogue's file, is there
    is_wanted : whether it is built with all others; where it is not, only a backfill or the UI builds it
    is_fitted : it is kept when shards change, until its settings change or a rebuild is requested
    keeps_all_versions : none of its versions is ever removed
    is_serial : its partitions are built in turn, since each uses all cores; not where each has its own
    at_once : how many of its partitions are built at a time; 0: as many as the engine has workers
    is_resumable : its function goes on from `Build.saved_batches` or `saved_checkpoints` of a killed one
    progress_unit : `documents` where the work itself counts them; else partitions are counted
    documents : in lakes of other documents it is not built, and its tables are absent
    """

    def declare(build: BuildFunction) -> LakeAsset:
        return LakeAsset(
            name=build.__name__, description=(build.__doc__ or "").strip(), group_name=group_name,
            tables=tuple(tables), build=build, look=None, reads=tuple(reads), code_version=code_version,
            partitions_def=partitions_def, settings=tuple(settings), settings_of=settings_of, inputs=inputs,
            shows=shows, pins=pins, is_valid=is_valid, is_wanted=is_wanted, is_fitted=is_fitted,
            keeps_all_versions=keeps_all_versions, is_serial=is_serial, at_once=at_once,
            is_resumable=is_resumable, progress_unit=progress_unit, kinds=tuple(kinds),
            owners=tuple(owners), pool=pool, documents=tuple(documents),
        )  # fmt: skip

    return declare


def lake_source(
    *, group_name: str, tables: Sequence[TableSpec], code_version: str, settings: Sequence[str] = ()
) -> Callable[[LookFunction], LakeAsset]:
    """Declare an asset that reads what lies outside the lake, so that only a scan can decide its version.

    The decorated function is called as `function(context, lake)` with Dagster's context; it returns the
    live version and what the UI shows of the look. `settings` name those that decide what it sees.
    """

    def declare(look: LookFunction) -> LakeAsset:
        without = lake_asset(
            group_name=group_name, tables=tables, code_version=code_version, settings=settings
        )
        return dataclasses.replace(
            without(lambda build, writer: None),
            name=look.__name__, description=(look.__doc__ or "").strip(), build=None, look=look,
        )  # fmt: skip

    return declare

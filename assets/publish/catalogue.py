"""The catalogue: one DuckDB file of views over the lake, rebuilt beside and swapped in."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from assets.graph import discover
from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named
from assets.graph.tables import ColumnSpec, TableSpec
from assets.graph.views import views
from assets.publish.database import Catalogue
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

GROUP = "publish"
VIEWS = TableSpec(
    "catalogue",
    "a table of the catalogue",
    (
        ColumnSpec("table", pa.string(), "a table or view of the file"),
        ColumnSpec("rows", pa.int64(), "its rows"),
    ),
)


def live_versions(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State what the file is made from: the live version of every partition that a view shows."""
    names = _live_names(lake, reader)
    versions = {f"{table}/{key}": reader.origin(table, key).version for table, key in names}
    return dict.fromkeys(keys, versions)


def is_valid(lake: LakeResources) -> bool:
    """Return whether the file exists and was built for the lake's present location."""
    return Catalogue(lake.store).is_valid()


@lake_asset(
    group_name=GROUP,
    tables=[VIEWS],
    reads=[named(name) for name in discover.names_outside(GROUP)],
    inputs=live_versions,
    is_valid=is_valid,
    code_version="2",
    kinds=["duckdb"],
    pool="catalogue_writer",
)
def catalogue(build: Build, writer: Writer) -> None:
    """One row is a table of the catalogue, with its rows; `guyot sql` asks it."""
    live: list[Manifest] = []
    for name, version in build.spec.inputs.items():
        table, _, key = name.partition("/")
        live.append(build.reader.pinned(table, key, version))
    rows = Catalogue(build.lake.store).build(live, list(_pinned(build.lake, build.reader, live)))
    writer.table(pa.table([list(rows), list(rows.values())], schema=VIEWS.schema))
    writer.content = build.spec.version  # as many rows can be other rows


def _live(lake: LakeResources, reader: TableReader) -> list[Manifest]:
    """List what the views show: the live version of every partition, of live shards alone."""
    return [reader.required(table, key) for table, key in _live_names(lake, reader)]


def _live_names(lake: LakeResources, reader: TableReader) -> list[tuple[str, str]]:
    """Name these partitions."""
    shards = set(lake.shards()) if reader.current("shard_registry") else set[str]()
    return [
        (view.asset, key)
        for view in {view.asset: view for view in views()}.values()
        for key in reader.partitions(view.asset)
        if not view.of_shards or key in shards
    ]


def _pinned(lake: LakeResources, reader: TableReader, live: Sequence[Manifest]) -> Iterator[Manifest]:
    """Find the versions that live ones pin and a view shows, and that are not live themselves."""
    shown = {view.asset for view in views() if view.shows_pinned}
    known = {(manifest.table, manifest.key, manifest.version) for manifest in live}
    for manifest in live:
        asset = discover.asset(manifest.table)
        names = asset.pins(asset.reader(lake), manifest) if asset.pins else set()
        for table, key, version in sorted(names - known):
            found = reader.manifest(table, key, version) if table in shown else None
            if found is not None:
                known.add((table, key, version))
                yield found

"""The report: one HTML page on the newest state, with nothing to fetch from anywhere."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.reader import TableReader
from assets.graph.reads import one
from assets.graph.tables import ColumnSpec, TableSpec
from assets.publish.database import Catalogue
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

PAGE = "report.html"
PAGES = TableSpec(
    "report",
    "a page",
    (ColumnSpec("page", pa.string(), "file of the page"), ColumnSpec("bytes", pa.int64(), "its size")),
)


def recipe_names(lake: LakeResources, key: str) -> Mapping[str, Any]:
    """State the order in which recipes are shown and coloured."""
    return {"recipes": list(BY_NAME)}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Link the page."""
    return {"page": dg.MetadataValue.path(reader.file(manifest, PAGE))}


@lake_asset(
    group_name="publish",
    tables=[PAGES],
    reads=[one("catalogue")],
    settings_of=recipe_names,
    shows=show,
    code_version="8",
    kinds=["altair"],
    owners=["team:research"],
)
def report(build: Build, writer: Writer) -> None:
    """One row is a page: results, charts, and dropped documents beside their witnesses."""
    from assets.publish.page.render import render

    page = render(Catalogue(build.lake.store), list(BY_NAME)).encode()
    with writer.file(PAGE) as file:
        file.write(page)
    writer.table(pa.table([[PAGE], [len(page)]], schema=PAGES.schema))

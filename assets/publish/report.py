"""The report: one HTML page on the newest state, with nothing to fetch from anywhere."""

from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, result
from assets.graph.partitions import BY_NAME
from assets.publish.database import Catalogue
from resources.lake.store import Store
from resources.lake.writer import Writer

CODE = "4"
PAGE = "report.html"


def spec(store: Store) -> BuildSpec:
    """State what the report is made from."""
    inputs = {"catalogue": store.required("catalogue").version}
    return BuildSpec("report", inputs, {"recipes": list(BY_NAME)}, CODE)


@dg.asset(
    group_name="train",
    kinds={"altair"},
    owners=["team:research"],
    deps=["catalogue"],
    code_version=CODE,
    metadata=columns(page="string: file of the page", bytes="int64: its size"),
)
def report(store: Store, catalogue: Catalogue) -> dg.MaterializeResult[Any]:
    """One row is a page: results, charts, and dropped documents beside their witnesses."""

    def write(writer: Writer) -> None:
        from assets.publish.page.render import render

        page = render(catalogue, list(BY_NAME)).encode()
        with writer.file(PAGE) as file:
            file.write(page)
        writer.table(pa.table({"page": [PAGE], "bytes": pa.array([len(page)], pa.int64())}))

    manifest = build(store, spec(store), write)
    return result(manifest, page=dg.MetadataValue.path(store.file(manifest, PAGE)))

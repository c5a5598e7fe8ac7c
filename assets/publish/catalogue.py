"""The catalogue: one DuckDB file of views over the lake, rebuilt beside and swapped in."""

from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.build import BuildSpec, build, columns, result
from assets.graph.views import VIEWS
from assets.publish.database import Catalogue
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.lake.writer import Writer

CODE = "1"


def spec(catalogue: Catalogue) -> BuildSpec:
    """State what the catalogue is made from: the live version of every partition."""
    return _spec(catalogue.live(), catalogue.is_valid())


def _spec(live: list[Manifest], is_valid: bool) -> BuildSpec:
    """State what it is made from; a file that is gone, or of a lake that was moved, is stale."""
    inputs = {f"{manifest.table}/{manifest.key}": manifest.version for manifest in live}
    inputs["file"] = "stands" if is_valid else "is to be built"
    return BuildSpec("catalogue", inputs, {}, CODE)


@dg.asset(
    group_name="train",
    kinds={"duckdb"},
    owners=["team:curation"],
    deps=[*dict.fromkeys(view.table for view in VIEWS)],
    code_version=CODE,
    pool="catalogue_writer",
    metadata=columns(table="string: a table or view of the file", rows="int64: its rows"),
)
def catalogue(store: Store, catalogue: Catalogue) -> dg.MaterializeResult[Any]:
    """One row is a table of the catalogue, with its rows; `guyot sql` asks it."""
    return result(build_catalogue(store, catalogue))


def build_catalogue(store: Store, catalogue: Catalogue) -> Manifest:
    """Rebuild the file and note what it was built from."""
    live = catalogue.live()
    rows = catalogue.build(live)

    def note(writer: Writer) -> None:
        table = {"table": list(rows), "rows": pa.array(list(rows.values()), pa.int64())}
        writer.table(pa.table(table))

    return build(store, _spec(live, is_valid=True), note)

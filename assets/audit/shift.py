"""Shift: what each mixture does to sources, kinds, lengths and clusters; a minority that vanishes is seen."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.audit.inputs import mixtures_under_audit
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.shift import MIN_DOCUMENTS, VANISHED
from guyot.audit.shift import shift as compare
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

GROUPS = TableSpec(
    "shift",
    "a group of documents under a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec(
            "grouping", pa.string(),
            "kind, source (first folder), length decile (of bytes, 1 the shortest) or cluster",
        ),
        ColumnSpec("group_name", pa.string(), "the group"),
        ColumnSpec("documents", pa.int64(), "before"),
        ColumnSpec("documents_kept", pa.int64(), "after"),
        ColumnSpec("tokens", pa.int64(), "before"),
        ColumnSpec("tokens_kept", pa.int64(), "after"),
        ColumnSpec("share", pa.float64(), "of all tokens before"),
        ColumnSpec("share_kept", pa.float64(), "of all tokens after"),
        ColumnSpec("ratio", pa.float64(), "share_kept over share; null where the group has no tokens"),
        ColumnSpec(
            "vanished", pa.bool_(),
            "of 10 documents or more, and kept less than a tenth as often as all documents are",
        ),
    ),
)  # fmt: skip
DIVERGENCES = TableSpec(
    "divergence",
    "a grouping under a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("grouping", pa.string(), "kind, source, length decile or cluster"),
        ColumnSpec(
            "divergence",
            pa.float64(),
            "Kullback-Leibler divergence of the shares of tokens after the cut from those before, in nats",
        ),
        ColumnSpec("vanished", pa.int64(), "groups that vanished"),
    ),
    file="divergences.parquet",
)
_DRAWN = ("kind", "source", "length decile")


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw each grouping before and after."""
    from assets.charts.audits import shifts
    from assets.charts.drawing import markdown_picture

    rows = reader.table(manifest).to_pylist()
    pictures = {
        f"by_{name}".replace(" ", "_"): dg.MetadataValue.md(
            markdown_picture(shifts([row for row in rows if row["grouping"] == name], name))
        )
        for name in _DRAWN
        if any(row["grouping"] == name for row in rows)
    }
    return {"vanished": sum(row["vanished"] for row in rows), **pictures}


@lake_asset(
    group_name="audit",
    tables=[GROUPS, DIVERGENCES],
    reads=mixtures_under_audit.READS,
    inputs=mixtures_under_audit.inputs,
    shows=show,
    code_version="1",
)
def shift(build: Build, writer: Writer) -> None:
    """One row is a group of documents under a recipe; divergences.parquet beside sums each grouping up."""
    found = mixtures_under_audit.load(build.reader)
    rows: list[dict[str, Any]] = []
    divergences: list[dict[str, Any]] = []
    for recipe, kept in zip(found.recipes, found.kept, strict=True):
        for grouping in found.groupings:
            changes = compare(grouping.group, len(grouping.names), found.tokens, kept)
            about = {"recipe": recipe, "grouping": grouping.name}
            divergences.append(
                {**about, "divergence": changes.divergence, "vanished": int(changes.vanished.sum())}
            )
            values = {name: getattr(changes, name).tolist() for name in GROUPS.names[3:]}
            for number, group in enumerate(grouping.names):
                row = {name: column[number] for name, column in values.items()}
                row = {name: None if value != value else value for name, value in row.items()}
                rows.append({**about, "group_name": group, **row})
    writer.table(pa.Table.from_pylist(rows, GROUPS.schema))
    writer.table(pa.Table.from_pylist(divergences, DIVERGENCES.schema), DIVERGENCES.file)


@lake_check(asset="shift")
def no_group_vanishes(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No kind, source or length decile vanishes from a mixture; of clusters some may."""
    rows = reader.table(reader.required("shift")).to_pylist()
    gone = [row for row in rows if row["vanished"] and row["grouping"] != "cluster"]
    names = ", ".join(f"{row['recipe']}: {row['grouping']} {row['group_name']}" for row in gone[:20])
    return dg.AssetCheckResult(
        passed=not gone,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{len(gone)} groups of {MIN_DOCUMENTS} documents or more are kept less than {VANISHED} times "
            f"as often as all are{': ' + names if gone else ''}"
        ),
    )

"""Shift: what each mixture does to sources, kinds, lengths and clusters; a minority that vanishes is seen."""

from typing import Any

import dagster as dg
import pyarrow as pa

from assets.audit import mixtures_under_audit
from assets.audit.mixtures_under_audit import Audited
from assets.graph.build import BuildSpec, build, columns, result
from guyot.audit.shift import MIN_DOCUMENTS, VANISHED
from guyot.audit.shift import shift as compare
from resources.lake.store import Store
from resources.lake.writer import Writer

CODE = "1"
DIVERGENCES = "divergences.parquet"
SCHEMA = pa.schema(
    [("recipe", pa.string()), ("grouping", pa.string()), ("group", pa.string())]
    + [(name, pa.int64()) for name in ("documents", "documents_kept", "tokens", "tokens_kept")]
    + [(name, pa.float64()) for name in ("share", "share_kept", "ratio")]
    + [("vanished", pa.bool_())]
)
_DIVERGENCE = pa.schema(
    [
        ("recipe", pa.string()),
        ("grouping", pa.string()),
        ("divergence", pa.float64()),
        ("vanished", pa.int64()),
    ]
)


def spec(store: Store) -> BuildSpec:
    """State what the audit is made from: every live mixture of the snapshot."""
    return BuildSpec("shift", mixtures_under_audit.inputs(store), {}, CODE)


@dg.asset(
    group_name="audit",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["pruned_mixtures", "cluster_scores", "minhash_scores", "quality_signals", "raw_shards"],
    code_version=CODE,
    metadata=columns(
        recipe="string: the recipe",
        grouping="string: kind, source (first folder), length decile (of bytes, 1 the shortest) or cluster",
        group="string: the group",
        documents="int64: before",
        documents_kept="int64: after",
        tokens="int64: before",
        tokens_kept="int64: after",
        share="double: of all tokens before",
        share_kept="double: of all tokens after",
        ratio="double: share_kept over share; null where the group has no tokens",
        vanished="bool: of 10 documents or more, and kept less than a tenth as often as all documents are",
    ),
)
def shift(store: Store) -> dg.MaterializeResult[Any]:
    """One row is a group of documents under a recipe; divergences.parquet beside sums each grouping up."""
    manifest = build(store, spec(store), lambda writer: audit(mixtures_under_audit.load(store), writer))
    from assets.charts.audit_charts import shifts
    from assets.charts.charts import markdown_picture

    rows = store.table(manifest).to_pylist()
    pictures = {
        f"by_{name}".replace(" ", "_"): dg.MetadataValue.md(
            markdown_picture(shifts([row for row in rows if row["grouping"] == name], name))
        )
        for name in ("kind", "source", "length decile")
        if any(row["grouping"] == name for row in rows)
    }
    return result(manifest, vanished=sum(row["vanished"] for row in rows), **pictures)


@dg.asset_check(asset="shift")
def no_group_vanishes(store: Store) -> dg.AssetCheckResult:
    """No kind, source or length decile vanishes from a mixture; of clusters some may."""
    rows = store.table(store.required("shift")).to_pylist()
    gone = [row for row in rows if row["vanished"] and row["grouping"] != "cluster"]
    told = ", ".join(f"{row['recipe']}: {row['grouping']} {row['group']}" for row in gone[:20])
    return dg.AssetCheckResult(
        passed=not gone,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{len(gone)} groups of {MIN_DOCUMENTS} documents or more are kept less than {VANISHED} times "
            f"as often as all are{': ' + told if gone else ''}"
        ),
    )


def audit(found: Audited, writer: Writer) -> None:
    """Compare every grouping before and after every cut."""
    rows: list[dict[str, Any]] = []
    divergences: list[dict[str, Any]] = []
    for recipe, kept in zip(found.recipes, found.kept, strict=True):
        for grouping in found.groupings:
            told = compare(grouping.group, len(grouping.names), found.tokens, kept)
            divergences.append(
                {"recipe": recipe, "grouping": grouping.name, "divergence": told.divergence,
                 "vanished": int(told.vanished.sum())}
            )  # fmt: skip
            values = {name: getattr(told, name).tolist() for name in SCHEMA.names[3:]}
            for number, group in enumerate(grouping.names):
                row = {name: column[number] for name, column in values.items()}
                row = {name: None if value != value else value for name, value in row.items()}
                rows.append({"recipe": recipe, "grouping": grouping.name, "group": group, **row})
    writer.table(pa.Table.from_pylist(rows, SCHEMA))
    writer.table(pa.Table.from_pylist(divergences, _DIVERGENCE), DIVERGENCES)

"""Duplicate radius: what each recipe takes for copies, in magnitudes of transformations.

A recipe that drops near-duplicates by vectors has a limit; `embedding_invariance` says how far a document
moves when it is transformed. Together they say up to which magnitude a transformed document counts as a copy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.audit.embedding_invariance import TRAINED
from assets.audit.inputs import mixtures_under_audit
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.invariance.radius import duplicate_radius as radius_of
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

_REASON = "near_duplicate"
_ROWS_AT_ONCE = 65_536
RADIUS = TableSpec(
    "duplicate_radius",
    "a recipe that dropped near-duplicates by vectors, and a transformation of a kind of documents",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec(
            "distance_limit", pa.float64(),
            "documents nearer than this cosine distance to an earlier one were dropped",
        ),
        ColumnSpec("kind", pa.string(), "python, other or image", "embedding_invariance.kind"),
        ColumnSpec("transformation", pa.string(), "what was done", "embedding_invariance.transformation"),
        ColumnSpec(
            "radius", pa.float64(),
            "the largest magnitude up to which the median distance is below the limit; 0: at none",
        ),
        ColumnSpec("distance", pa.float64(), "that median at the radius"),
        ColumnSpec(
            "beyond", pa.float64(),
            "the next magnitude that was measured, where it is not; null: the radius may be larger than 1",
        ),
        ColumnSpec("n", pa.int64(), "documents behind a median, at the smallest magnitude"),
    ),
)  # fmt: skip


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show a table of each recipe's radii."""
    rows = reader.table(manifest).to_pylist()
    by_recipe: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_recipe.setdefault(row["recipe"], []).append(row)
    return {"said": manifest.facts["said"]} | {
        recipe: dg.MetadataValue.md(_markdown(found)) for recipe, found in by_recipe.items()
    }


@lake_asset(
    group_name="audit",
    tables=[RADIUS],
    reads=[
        one("embedding_invariance"), one("cluster_scores", is_input=False), named("pruned_mixtures"),
    ],
    inputs=mixtures_under_audit.inputs,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="1",
)  # fmt: skip
def duplicate_radius(build: Build, writer: Writer) -> None:
    """One row is a recipe and a transformation: up to which magnitude it takes what is done for a copy."""
    moved = [
        row for row in build.reader.table(build.reader.required("embedding_invariance")).to_pylist()
        if row["weights"] == TRAINED
    ]  # fmt: skip
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in moved:
        by_name.setdefault((row["kind"], row["transformation"]), []).append(row)
    rows: list[dict[str, Any]] = []
    for recipe, mixture in mixtures_under_audit.mixtures(build.reader).items():
        limit = distance_limit(build.reader, mixture)
        if limit is None:
            continue
        for (kind, transformation), measured in by_name.items():
            found = radius_of(
                [row["magnitude"] for row in measured], [row["distance"] for row in measured], limit
            )
            rows.append(
                {
                    "recipe": recipe, "distance_limit": limit, "kind": kind, "transformation": transformation,
                    "radius": found.magnitude, "distance": found.distance, "beyond": found.beyond,
                    "n": min(measured, key=lambda row: row["magnitude"])["n"],
                }
            )  # fmt: skip
    writer.table(pa.Table.from_pylist(rows, RADIUS.schema))
    writer.facts |= {"said": _summary(rows)}


def distance_limit(reader: TableReader, mixture: Manifest) -> float | None:
    """Return the cosine distance below which a mixture's documents were dropped as near-duplicates.

    None where none was, or where a target reached documents without a duplicate, so that there is no limit.
    """
    limit: float | None = None
    for batch in reader.batches(mixture, ["reason", "threshold"], _ROWS_AT_ONCE):
        dropped = batch.filter(pc.fill_null(pc.equal(batch["reason"], _REASON), False))
        known = [value for value in dropped["threshold"].to_pylist() if value is not None]
        limit = max([*known, *([] if limit is None else [limit])], default=None)
    return limit


def _summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say for each recipe what it takes for copies however strong it is, and what not at all."""
    sentences: list[str] = []
    for recipe in dict.fromkeys(row["recipe"] for row in rows):
        own = [row for row in rows if row["recipe"] == recipe]
        whole = [_named(row) for row in own if row["beyond"] is None]
        never = [_named(row) for row in own if row["radius"] == 0]
        sentences.append(
            f"{recipe} (nearer than {own[0]['distance_limit']:.3g}) takes for copies, however strong: "
            f"{', '.join(whole) or 'nothing'}; at the weakest already not: {', '.join(never) or 'nothing'}"
        )
    return ". ".join(sentences) or "no mixture of this snapshot dropped near-duplicates by vectors"


def _named(row: Mapping[str, Any]) -> str:
    """Name a transformation, with the kind of documents."""
    return f"{row['transformation']} ({row['kind']})"


def _markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write a recipe's radii as a table, the largest first."""
    lines = ["| kind | transformation | radius | median distance there |", "| --- | --- | ---: | ---: |"]
    for row in sorted(rows, key=lambda row: (row["kind"], -row["radius"], row["transformation"])):
        radius = f"{row['radius']:g}" + (" or more" if row["beyond"] is None else "")
        lines.append(f"| {row['kind']} | {row['transformation']} | {radius} | {row['distance']:.4f} |")
    limit = rows[0]["distance_limit"]
    return f"Documents nearer than {limit:.4f} to an earlier one went.\n\n" + "\n".join(lines)

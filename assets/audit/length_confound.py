"""Length confound: how far every score and every mixture is a matter of length."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.audit.inputs import mixtures_under_audit
from assets.audit.inputs.mixtures_under_audit import Audited
from assets.charts.hexagons import hexagons
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.partitions import BY_NAME
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.audit.length_confound import stratified
from guyot.prune.length import Length
from guyot.stats import spearman
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

SCORE, MIXTURE = "score", "mixture"
CORRELATIONS = TableSpec(
    "length_confound",
    "a score or a mixture",
    (
        ColumnSpec(
            "subject", pa.string(),
            "score, a stored score of all documents; or mixture, a recipe's line of documents",
        ),
        ColumnSpec("name", pa.string(), "the score's column, or the recipe"),
        ColumnSpec("documents", pa.int64(), "documents that have the score"),
        ColumnSpec(
            "spearman_tokens", pa.float64(),
            "rank correlation with the tokens or their logarithm; null without variation",
        ),
        ColumnSpec("spearman_bytes", pa.float64(), "the same with bytes"),
        ColumnSpec("median_tokens_kept", pa.float64(), "of a mixture"),
        ColumnSpec("median_tokens_dropped", pa.float64(), "of what it drops; null where it drops nothing"),
        ColumnSpec("mean_tokens_kept", pa.float64(), "of a mixture"),
        ColumnSpec("mean_tokens_dropped", pa.float64(), "of what it drops"),
        ColumnSpec(
            "jaccard_kept_within_deciles", pa.float64(),
            "of the kept, with the same cut made within length deciles",
        ),
        ColumnSpec(
            "jaccard_dropped_within_deciles", pa.float64(),
            "of the dropped; near 1 where length plays no part",
        ),
        ColumnSpec(
            "tokens_kept_within_deciles", pa.float64(),
            "share of the mixture's tokens that the other cut keeps too",
        ),
    ),
)  # fmt: skip
HEXAGONS = TableSpec(
    "length_hexagons",
    "a cell of a score against the length",
    (
        ColumnSpec("name", pa.string(), "the score"),
        ColumnSpec("log10_tokens", pa.float64(), "of the cell's centre"),
        ColumnSpec("score", pa.float64(), "of the cell's centre"),
        ColumnSpec("documents", pa.int64(), "documents in the cell"),
    ),
    file="hexagons.parquet",
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw each score against the length."""
    from assets.charts.audits import score_against_length
    from assets.charts.drawing import markdown_picture

    cells = reader.table(manifest, HEXAGONS.file).to_pylist()
    return {
        f"{name}_against_length": dg.MetadataValue.md(
            markdown_picture(score_against_length([c for c in cells if c["name"] == name], name))
        )
        for name in dict.fromkeys(cell["name"] for cell in cells)
    }


@lake_asset(
    group_name="audit",
    tables=[CORRELATIONS, HEXAGONS],
    reads=mixtures_under_audit.READS,
    inputs=mixtures_under_audit.inputs,
    shows=show,
    code_version="2",
)
def length_confound(build: Build, writer: Writer) -> dict[str, Any]:
    """One row is a score or a mixture; hexagons.parquet beside has each score against the length, counted."""
    found = mixtures_under_audit.load(build.reader)
    rows = [_of_score(name, values, found) for name, values in found.scores.items()]
    rows += [_of_mixture(number, found) for number in range(len(found.recipes))]
    rows = [_without_nan(row) for row in rows]
    writer.table(pa.Table.from_pylist(rows, CORRELATIONS.schema))
    cells: list[dict[str, Any]] = []
    for name, values in found.scores.items():
        has_score = ~np.isnan(values)
        lengths = np.log10(np.maximum(found.tokens[has_score], 1))
        for x, y, documents in hexagons(lengths, values[has_score].astype(np.float64)):
            cells.append({"name": name, "log10_tokens": x, "score": y, "documents": documents})
    writer.table(pa.Table.from_pylist(cells, HEXAGONS.schema), HEXAGONS.file)
    past = confounded(rows, build.settings.audit.length_confound_threshold)
    return {"confounded": ", ".join(row["name"] for row in past) or "none"}


@lake_check(asset="length_confound")
def scores_are_not_lengths(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No score but that of a recipe that asks for length follows the length past the threshold."""
    threshold = lake.settings.audit.length_confound_threshold
    past = confounded(reader.table(reader.required("length_confound")).to_pylist(), threshold)
    named = ", ".join(f"{row['subject']} {row['name']} {row['spearman_tokens']:+.2f}" for row in past)
    return dg.AssetCheckResult(
        passed=not past,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"rank correlation with tokens past {threshold}: {named or 'none'}",
    )


def confounded(rows: list[dict[str, Any]], threshold: float) -> list[dict[str, Any]]:
    """Pick the rows that follow the length past a threshold, recipes with a step `length` aside."""
    return [
        row
        for row in rows
        if row.get("spearman_tokens") is not None
        and abs(row["spearman_tokens"]) > threshold
        and not (row["subject"] == MIXTURE and _asks_for_length(row["name"]))
    ]


def _asks_for_length(recipe: str) -> bool:
    """Return whether a recipe is meant to follow the length."""
    return recipe in BY_NAME and any(isinstance(step, Length) for step in BY_NAME[recipe].steps)


def _of_score(name: str, values: NDArray[np.floating], found: Audited) -> dict[str, Any]:
    """Correlate a stored score, where there is one."""
    has_score = ~np.isnan(values)
    row: dict[str, Any] = {"subject": SCORE, "name": name, "documents": int(has_score.sum())}
    for unit, lengths in (("tokens", found.tokens), ("bytes", found.bytes)):
        of_scored = lengths[has_score].astype(np.float64)
        row[f"spearman_{unit}"] = spearman(values[has_score].astype(np.float64), of_scored)
    return row


def _of_mixture(number: int, found: Audited) -> dict[str, Any]:
    """Correlate a recipe's line, and compare what it kept with what it dropped."""
    kept, place, tokens = found.kept[number], found.decisions(number).place, found.tokens
    row = {**_of_score(found.recipes[number], place, found), "subject": MIXTURE}
    for name, documents in (("kept", kept), ("dropped", ~kept)):
        if documents.any():
            row[f"median_tokens_{name}"] = float(np.median(tokens[documents]))
            row[f"mean_tokens_{name}"] = float(tokens[documents].mean())
    if not kept.all():
        again = stratified(place, kept, tokens)
        row |= {
            "jaccard_kept_within_deciles": again.kept,
            "jaccard_dropped_within_deciles": again.dropped,
            "tokens_kept_within_deciles": again.tokens,
        }
    return row


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no value."""
    return {name: value for name, value in row.items() if value == value}

"""Length confound: how far every score and every mixture is a matter of length."""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.audit import mixtures_under_audit
from assets.audit.mixtures_under_audit import Audited
from assets.charts.hexagons import hexagons
from assets.graph.build import BuildSpec, build, columns, result
from assets.graph.partitions import BY_NAME
from guyot.audit.length_confound import spearman, stratified
from guyot.prune.length import Length
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.settings import Settings

CODE = "2"
HEXAGONS = "hexagons.parquet"
SCORE, MIXTURE = "score", "mixture"
_NUMBERS = (
    "spearman_tokens", "spearman_bytes", "median_tokens_kept", "median_tokens_dropped", "mean_tokens_kept",
    "mean_tokens_dropped", "jaccard_kept_within_deciles", "jaccard_dropped_within_deciles",
    "tokens_kept_within_deciles",
)  # fmt: skip
SCHEMA = pa.schema(
    [("what", pa.string()), ("name", pa.string()), ("documents", pa.int64())]
    + [(name, pa.float64()) for name in _NUMBERS]
)
_HEXAGON = pa.schema(
    [
        ("name", pa.string()),
        ("log10_tokens", pa.float64()),
        ("score", pa.float64()),
        ("documents", pa.int64()),
    ]
)


def spec(store: Store) -> BuildSpec:
    """State what the audit is made from: the scores, and every live mixture of their snapshot."""
    return BuildSpec("length_confound", mixtures_under_audit.inputs(store), {}, CODE)


@dg.asset(
    group_name="audit",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["pruned_mixtures", "cluster_scores", "minhash_scores", "quality_signals"],
    code_version=CODE,
    metadata=columns(
        what="string: score, a stored score of all documents; or mixture, a recipe's line of documents",
        name="string: the score's column, or the recipe",
        documents="int64: documents that have the score",
        spearman_tokens="double: rank correlation with the tokens or their logarithm; null without variation",
        spearman_bytes="double: the same with bytes",
        median_tokens_kept="double: of a mixture",
        median_tokens_dropped="double: of what it drops; null where it drops nothing",
        mean_tokens_kept="double: of a mixture",
        mean_tokens_dropped="double: of what it drops",
        jaccard_kept_within_deciles="double: of the kept, with the same cut made within length deciles",
        jaccard_dropped_within_deciles="double: of the dropped; near 1 where length plays no part",
        tokens_kept_within_deciles="double: share of the mixture's tokens that the other cut keeps too",
    ),
)
def length_confound(store: Store, settings: Settings) -> dg.MaterializeResult[Any]:
    """One row is a score or a mixture; hexagons.parquet beside has each score against the length, counted."""
    manifest = build(store, spec(store), lambda writer: audit(mixtures_under_audit.load(store), writer))
    from assets.charts.audit_charts import score_against_length
    from assets.charts.charts import markdown_picture

    rows = store.table(manifest).to_pylist()
    cells = store.table(manifest, HEXAGONS).to_pylist()
    pictures = {
        f"{name}_against_length": dg.MetadataValue.md(
            markdown_picture(score_against_length([c for c in cells if c["name"] == name], name))
        )
        for name in dict.fromkeys(cell["name"] for cell in cells)
    }
    past = [row["name"] for row in confounded(rows, settings.audit.length_confound_threshold)]
    return result(manifest, confounded=", ".join(past) or "none", **pictures)


@dg.asset_check(asset="length_confound")
def scores_are_not_lengths(store: Store, settings: Settings) -> dg.AssetCheckResult:
    """No score but that of a recipe that asks for length follows the length past the threshold."""
    threshold = settings.audit.length_confound_threshold
    past = confounded(store.table(store.required("length_confound")).to_pylist(), threshold)
    told = ", ".join(f"{row['what']} {row['name']} {row['spearman_tokens']:+.2f}" for row in past)
    return dg.AssetCheckResult(
        passed=not past,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"rank correlation with tokens past {threshold}: {told or 'none'}",
    )


def confounded(rows: list[dict[str, Any]], threshold: float) -> list[dict[str, Any]]:
    """Pick the rows that follow the length past a threshold, recipes with a step `length` aside."""
    return [
        row
        for row in rows
        if row["spearman_tokens"] is not None
        and abs(row["spearman_tokens"]) > threshold
        and not (row["what"] == MIXTURE and _asks_for_length(row["name"]))
    ]


def _asks_for_length(recipe: str) -> bool:
    """Say whether a recipe is meant to follow the length."""
    return recipe in BY_NAME and any(isinstance(step, Length) for step in BY_NAME[recipe].steps)


def audit(found: Audited, writer: Writer) -> None:
    """Correlate every score with the length, and make every cut again within deciles."""
    rows = [_of_score(name, values, found) for name, values in found.scores.items()]
    rows += [_of_mixture(number, found) for number in range(len(found.recipes))]
    writer.table(pa.Table.from_pylist([_without_nan(row) for row in rows], SCHEMA))
    cells: list[dict[str, Any]] = []
    for name, values in found.scores.items():
        there = ~np.isnan(values)
        lengths = np.log10(np.maximum(found.tokens[there], 1))
        for x, y, documents in hexagons(lengths, values[there]):
            cells.append({"name": name, "log10_tokens": x, "score": y, "documents": documents})
    writer.table(pa.Table.from_pylist(cells, _HEXAGON), HEXAGONS)


def _of_score(name: str, values: NDArray[np.float64], found: Audited) -> dict[str, Any]:
    """Correlate a stored score, where there is one."""
    there = ~np.isnan(values)
    row: dict[str, Any] = {"what": SCORE, "name": name, "documents": int(there.sum())}
    for unit, lengths in (("tokens", found.tokens), ("bytes", found.bytes)):
        row[f"spearman_{unit}"] = spearman(values[there], lengths[there].astype(np.float64))
    return row


def _of_mixture(number: int, found: Audited) -> dict[str, Any]:
    """Correlate a recipe's line, and compare what it kept with what it dropped."""
    kept, place, tokens = found.kept[number], found.place(number), found.tokens
    row = {**_of_score(found.recipes[number], place, found), "what": MIXTURE}
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

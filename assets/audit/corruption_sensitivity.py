"""Corruption sensitivity: does the lake's encoder notice corrupted code? SCIP assumes that it does.

Python documents drawn from the snapshot are normalised and corrupted; parents and copies are encoded and
assigned to the lake's centroids, and nothing of them enters the lake's documents.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.audit.inputs.corruption_probes import PROBES, probe, sample
from assets.cluster.centroids import trained
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import one, shards
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from guyot.audit.corruption.edits import FAMILIES, SYNTAX
from guyot.audit.corruption.recall import PARTS, Recall, synthetic_recall
from guyot.audit.corruption.sensitivity import Response, is_sensitive, responses
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import TEXT

SHOWN_AT = (0.8, 0.2)  # alpha and share dropped of SCIP's paper
GROUPS = {
    "all": tuple(range(len(FAMILIES))),
    "syntax": tuple(range(len(SYNTAX))),
    "content": tuple(range(len(SYNTAX), len(FAMILIES))),
    **{family: (number,) for number, family in enumerate(FAMILIES)},
}
SENSITIVITY = TableSpec(
    "corruption_sensitivity",
    "a family of corruptions of Python code",
    (
        ColumnSpec("family", pa.string(), "what was done to the copies, such as closing_brackets"),
        ColumnSpec("kind", pa.string(), "syntax, or content, whose copies all parse"),
        ColumnSpec("n", pa.int64(), "copies, each of another document"),
        ColumnSpec(
            "farther", pa.float64(),
            "share of them that lie farther from their centroid than their parent from its own",
        ),
        ColumnSpec("farther_low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("farther_high", pa.float64(), "upper end"),
        ColumnSpec(
            "smaller", pa.float64(),
            "share of them in a cluster of fewer training documents than their parent's",
        ),
        ColumnSpec("smaller_low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("smaller_high", pa.float64(), "upper end"),
        ColumnSpec("change", pa.float64(), "mean change of the cosine distance"),
        ColumnSpec(
            "change_low", pa.float64(), "lower end of its 95% interval, by a bootstrap over documents"
        ),
        ColumnSpec("change_high", pa.float64(), "upper end"),
        ColumnSpec("unmoved", pa.float64(), "share of them whose cluster and distance are their parent's"),
        ColumnSpec(
            "passes", pa.bool_(),
            "whether the encoder is sensitive to it: farther is 0.6 or more, and farther_low above 0.5",
        ),
    ),
)  # fmt: skip
RECALL = TableSpec(
    "corruption_recall",
    "what a ranking finds of planted copies of some families",
    (
        ColumnSpec("method", pa.string(), "scip; prototypes, which drops the closest first; or random"),
        ColumnSpec(
            "alpha", pa.float64(),
            "of scip: share of what is dropped that goes for a small cluster; null for the others",
        ),
        ColumnSpec(
            "drop_fraction", pa.float64(),
            "share of all documents that is dropped, the planted copies among them",
        ),
        ColumnSpec(
            "family", pa.string(),
            "the families that are planted, in one document of ten: one, or all, syntax or content together",
        ),
        ColumnSpec("recall", pa.float64(), "share of the planted copies that is dropped"),
        ColumnSpec(
            "low", pa.float64(),
            "lower end of its 95% interval, by a bootstrap over parents; of random, of its draws",
        ),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec(
            "baseline", pa.float64(),
            "share of the same documents that is dropped where nothing is planted; recall above it is what "
            "corruption does",
        ),
        ColumnSpec("n", pa.int64(), "copies"),
    ),
    file="recall.parquet",
)  # fmt: skip
_MEASURES = ("farther", "smaller", "change")


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the responses of the families, and draw them and what rankings find."""
    shown: dict[str, Any] = {"documents": manifest.facts["documents"], "said": manifest.facts["said"]}
    if not manifest.rows:
        return shown
    from assets.charts.corruption import distance_changes, recall_against_alpha
    from assets.charts.drawing import markdown_picture

    rows = reader.table(manifest).to_pylist()
    probes = reader.table(manifest, PROBES.file, ["family", "distance_before", "distance_after"])
    moved = pc.subtract(probes["distance_after"], probes["distance_before"]).to_numpy().astype(np.float64)
    of = np.asarray(probes["family"].to_pylist())
    kinds = {row["family"]: row["kind"] for row in rows}
    boxes = distance_changes({family: moved[of == family] for family in kinds}, kinds)
    shown |= {"changes": dg.MetadataValue.md(markdown_picture(boxes)), "table": _markdown(rows)}
    recalls = [
        row for row in reader.table(manifest, RECALL.file).to_pylist() if row["drop_fraction"] == SHOWN_AT[1]
    ]
    if recalls:
        of_groups = [row for row in recalls if row["family"] in ("all", "syntax", "content")]
        picture = markdown_picture(recall_against_alpha(of_groups, SHOWN_AT[1]))
        shown["recall"] = dg.MetadataValue.md(picture)
    return shown


@lake_asset(
    group_name="audit",
    tables=[SENSITIVITY, PROBES, RECALL],
    reads=[shards("raw_shards"), shards("cluster_assignments"), one("centroids")],
    settings=("audit.corruption_sample_size", "audit.bootstrap_draws", "seed"),
    settings_of=encoder_settings,
    shows=show,
    documents=(TEXT,),
    code_version="1",
    pool="memory",
)
def corruption_sensitivity(build: Build, writer: Writer) -> None:
    """One row is a family of corruptions of Python code; probes.parquet beside has a row per copy."""
    reader, settings = build.reader, build.settings
    drawn = sample(reader, build.snapshot("raw_shards", "cluster_assignments"), settings)
    vectors, groups = trained(reader)
    found = probe(drawn, vectors, build.lake.encoder, settings, groups)
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    measured = responses(found.parents, found.copies, drawn.sizes, FAMILIES, **bootstrap)
    writer.table(pa.Table.from_pylist([_row(response) for response in measured], SENSITIVITY.schema))
    writer.table(found.table(), PROBES.file)
    enough = len(found.ids) >= PARTS
    recalls = (
        synthetic_recall(found.parents, found.copies, drawn.sizes, GROUPS, **bootstrap) if enough else []
    )
    writer.table(pa.Table.from_pylist([_recall_row(r) for r in recalls], RECALL.schema), RECALL.file)
    passed_over = len(drawn.ids) - len(found.ids)
    writer.facts |= {"documents": len(found.ids), "passed_over": passed_over}
    writer.facts |= {
        "passes": is_sensitive(measured) if measured else None,
        "said": _summary(measured, len(drawn.ids), passed_over) + _summary_of_recall(recalls),
    }


@lake_check(asset="corruption_sensitivity")
def encoder_is_sensitive_to_corruptions(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Corrupted copies of at least one family move away from their centroid: without that, no SCIP."""
    facts = reader.required("corruption_sensitivity").facts
    return dg.AssetCheckResult(
        passed=facts["passes"] is not False,
        severity=dg.AssetCheckSeverity.WARN,
        description=facts["said"],
        metadata={"documents": facts["documents"]},
    )


def _row(response: Response) -> dict[str, Any]:
    """Lay one family's response out."""
    row: dict[str, Any] = {
        "family": response.family,
        "kind": "syntax" if response.family in SYNTAX else "content",
        "n": response.n,
        "unmoved": response.unmoved,
        "passes": response.is_sensitive,
    }
    for name in _MEASURES:
        found = getattr(response, name)
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return row


def _recall_row(found: Recall) -> dict[str, Any]:
    """Lay out what one ranking finds of some families."""
    return {
        "method": found.method, "alpha": found.alpha, "drop_fraction": found.dropped, "family": found.group,
        "recall": found.found.value, "low": found.found.low, "high": found.found.high,
        "baseline": found.clean, "n": found.found.n,
    }  # fmt: skip


def _summary(measured: list[Response], drawn: int, passed_over: int) -> str:
    """Summarise in a sentence or two how families move."""
    if not drawn:
        return "the snapshot has no Python documents to corrupt: nothing is known of the encoder"
    about = f"{drawn - passed_over} of {drawn} Python documents, {passed_over} do not parse or are too long"
    if not measured:
        return f"{about}: no family has a place in them; nothing is known of the encoder"
    best = max(measured, key=lambda response: (response.farther.low, response.farther.value))
    moved = f"{best.farther.value:.2f} ({best.farther.low:.2f} to {best.farther.high:.2f})"
    n_sensitive = sum(response.is_sensitive for response in measured)
    advice = (
        "" if n_sensitive else "; SCIP would drop by something else than corruption: choose another encoder"
    )
    return (
        f"the encoder is sensitive to {n_sensitive} of {len(measured)} families; "
        f"most to {best.family}, whose "
        f"copies move farther from their centroid in a share of {moved}{advice} ({about})"
    )


def _summary_of_recall(recalls: list[Recall]) -> str:
    """Summarise how many planted copies SCIP drops, and how many of the same documents uncorrupted."""
    own = (r for r in recalls if (r.method, r.alpha, r.dropped, r.group) == ("scip", *SHOWN_AT, "all"))
    return "".join(
        f"; among the first {r.dropped:.0%} SCIP drops {r.found.value:.2f} ({r.found.low:.2f} to "
        f"{r.found.high:.2f}) of planted copies, and {r.clean:.2f} of the same documents clean"
        for r in own
    )


def _markdown(rows: list[dict[str, Any]]) -> dg.MarkdownMetadataValue:
    """Write the responses for the UI."""
    lines = ["| family | copies | farther | smaller cluster | sensitive |", "|---|---:|---:|---:|---|"]
    for row in rows:
        shares = [f"{row[n]:.2f} ({row[f'{n}_low']:.2f} to {row[f'{n}_high']:.2f})" for n in _MEASURES[:2]]
        sensitive = "yes" if row["passes"] else "no"
        lines.append(f"| {row['family']} | {row['n']} | {shares[0]} | {shares[1]} | {sensitive} |")
    return dg.MetadataValue.md("\n".join(lines))

"""Corruption sensitivity: does the lake's encoder feel corrupted code? SCIP rests on that it does.

Python documents drawn from the snapshot are normalised and corrupted; parents and copies are encoded and
assigned to the lake's centroids, and nothing of them enters the lake's documents.
"""

from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.audit.corruption_probes import TABLES, probe, sample
from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from assets.ingest import embeddings
from guyot.audit.corruption.edits import FAMILIES, SYNTAX
from guyot.audit.corruption.recall import PARTS, Recall, synthetic_recall
from guyot.audit.corruption.sensitivity import Response, is_sensitive, responses
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.encoder import EncoderResource
from resources.settings import Settings

CODE = "1"
PROBES, RECALL = "probes.parquet", "recall.parquet"
SHOWN_AT = (0.8, 0.2)  # alpha and share dropped of SCIP's paper
GROUPS = {
    "all": tuple(range(len(FAMILIES))),
    "syntax": tuple(range(len(SYNTAX))),
    "content": tuple(range(len(SYNTAX), len(FAMILIES))),
    **{family: (number,) for number, family in enumerate(FAMILIES)},
}
_SHARES = ("farther", "smaller", "change")
SCHEMA = pa.schema(
    [
        ("family", pa.string()), ("kind", pa.string()), ("n", pa.int64()),
        *((f"{name}{end}", pa.float64()) for name in _SHARES for end in ("", "_low", "_high")),
        ("unmoved", pa.float64()), ("passes", pa.bool_()),
    ]
)  # fmt: skip
_RECALL = pa.schema(
    [
        ("method", pa.string()), ("alpha", pa.float64()), ("p", pa.float64()), ("family", pa.string()),
        ("recall", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("clean", pa.float64()),
        ("n", pa.int64()),
    ]
)  # fmt: skip


def spec(store: Store, settings: Settings, encoder: EncoderResource) -> BuildSpec:
    """State what the audit is made from: the documents, where they lie, and the encoder."""
    shards = snapshot.live_shards(store)
    inputs = {f"{t}/{s}": store.required(t, s).content for s in shards for t in TABLES}
    inputs["centroids"] = store.required("centroids").content
    asked = settings.some("corruption_documents", "bootstrap_draws", "seed")
    return BuildSpec(
        "corruption_sensitivity", inputs, {**embeddings.encoder_settings(encoder), **asked}, CODE
    )


@dg.asset(
    group_name="audit",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["raw_shards", "centroids", "cluster_assignments"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        family="string: what was done to the copies, such as closing_brackets",
        kind="string: syntax, or content, whose copies all parse",
        n="int64: copies, each of another document",
        farther="double: share of them that lie farther from their centroid than their parent from its own",
        farther_low="double: lower end of its 95% interval (Wilson)",
        farther_high="double: upper end",
        smaller="double: share of them in a cluster of fewer training documents than their parent's",
        smaller_low="double: lower end of its 95% interval (Wilson)",
        smaller_high="double: upper end",
        change="double: mean change of the cosine distance",
        change_low="double: lower end of its 95% interval, by a bootstrap over documents",
        change_high="double: upper end",
        unmoved="double: share of them whose cluster and distance are their parent's",
        passes="bool: whether the encoder feels it: farther is 0.6 or more, and farther_low above 0.5",
    ),
)
def corruption_sensitivity(
    settings: Settings, store: Store, encoder: EncoderResource
) -> dg.MaterializeResult[Any]:
    """One row is a family of corruptions of Python code; probes.parquet beside has a row per copy."""
    build_spec = spec(store, settings, encoder)
    manifest = build(store, build_spec, lambda writer: audit(store, settings, encoder, writer))
    shown: dict[str, Any] = {"documents": manifest.facts["documents"], "said": manifest.facts["said"]}
    if manifest.rows:
        from assets.charts.charts import markdown_picture
        from assets.charts.corruption_charts import distance_changes, recall_against_alpha

        rows = store.table(manifest).to_pylist()
        probes = store.table(manifest, PROBES, ["family", "distance_before", "distance_after"])
        moved = pc.subtract(probes["distance_after"], probes["distance_before"]).to_numpy().astype(np.float64)
        of = np.asarray(probes["family"].to_pylist())
        kinds = {row["family"]: row["kind"] for row in rows}
        boxes = distance_changes({family: moved[of == family] for family in kinds}, kinds)
        shown |= {"changes": dg.MetadataValue.md(markdown_picture(boxes)), "table": _markdown(rows)}
        recalls = [row for row in store.table(manifest, RECALL).to_pylist() if row["p"] == SHOWN_AT[1]]
        if recalls:
            told = [row for row in recalls if row["family"] in ("all", "syntax", "content")]
            picture = markdown_picture(recall_against_alpha(told, SHOWN_AT[1]))
            shown["recall"] = dg.MetadataValue.md(picture)
    return result(manifest, **shown)


@dg.asset_check(asset="corruption_sensitivity")
def the_encoder_feels_corruptions(store: Store) -> dg.AssetCheckResult:
    """Corrupted copies of at least one family move away from their centroid: without that, no SCIP."""
    facts = store.required("corruption_sensitivity").facts
    return dg.AssetCheckResult(
        passed=facts["passes"] is not False,
        severity=dg.AssetCheckSeverity.WARN,
        description=facts["said"],
        metadata={"documents": facts["documents"]},
    )


def audit(store: Store, settings: Settings, encoder: EncoderResource, writer: Writer) -> None:
    """Corrupt a sample, encode it, and write what that did."""
    drawn = sample(store, settings)
    trained = store.vectors(store.required("centroids"))[:]
    found = probe(drawn, trained, encoder, settings)
    bootstrap = {"draws": settings.bootstrap_draws, "seed": settings.seed}
    measured = responses(found.parents, found.copies, drawn.sizes, FAMILIES, **bootstrap)
    writer.table(pa.Table.from_pylist([_row(response) for response in measured], SCHEMA))
    writer.table(found.table(), PROBES)
    enough = len(found.ids) >= PARTS
    recalls = (
        synthetic_recall(found.parents, found.copies, drawn.sizes, GROUPS, **bootstrap) if enough else []
    )
    rows = [
        {"method": r.method, "alpha": r.alpha, "p": r.dropped, "family": r.group, "recall": r.found.value,
         "low": r.found.low, "high": r.found.high, "clean": r.clean, "n": r.found.n}
        for r in recalls
    ]  # fmt: skip
    writer.table(pa.Table.from_pylist(rows, _RECALL), RECALL)
    passed_over = len(drawn.ids) - len(found.ids)
    writer.facts |= {"documents": len(found.ids), "passed_over": passed_over}
    writer.facts |= {
        "passes": is_sensitive(measured) if measured else None,
        "said": _said(measured, len(drawn.ids), passed_over) + _found(recalls),
    }


def _row(response: Response) -> dict[str, Any]:
    """Lay one family's response out."""
    row: dict[str, Any] = {
        "family": response.family,
        "kind": "syntax" if response.family in SYNTAX else "content",
        "n": response.n,
        "unmoved": response.unmoved,
        "passes": response.is_sensitive,
    }
    for name in _SHARES:
        found = getattr(response, name)
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return row


def _said(measured: list[Response], drawn: int, passed_over: int) -> str:
    """Say what came out in a sentence or two."""
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
        f"the encoder feels {n_sensitive} of {len(measured)} families; most of all {best.family}, whose "
        f"copies move farther from their centroid in a share of {moved}{advice} ({about})"
    )


def _found(recalls: list[Recall]) -> str:
    """Say what SCIP finds of planted copies, and what it drops of the same documents clean."""
    own = (r for r in recalls if (r.method, r.alpha, r.dropped, r.group) == ("scip", *SHOWN_AT, "all"))
    return "".join(
        f"; among the first {r.dropped:.0%} SCIP drops {r.found.value:.2f} ({r.found.low:.2f} to "
        f"{r.found.high:.2f}) of planted copies, and {r.clean:.2f} of the same documents clean"
        for r in own
    )


def _markdown(rows: list[dict[str, Any]]) -> dg.MarkdownMetadataValue:
    """Write the responses for the UI."""
    lines = ["| family | copies | farther | smaller cluster | felt |", "|---|---:|---:|---:|---|"]
    for row in rows:
        shares = [f"{row[n]:.2f} ({row[f'{n}_low']:.2f} to {row[f'{n}_high']:.2f})" for n in _SHARES[:2]]
        sensitive = "yes" if row["passes"] else "no"
        lines.append(f"| {row['family']} | {row['n']} | {shares[0]} | {shares[1]} | {sensitive} |")
    return dg.MetadataValue.md("\n".join(lines))

"""Contamination: how many evaluation records have a copy among what each mixture keeps."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.audit.inputs import mixtures_under_audit
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune.kept import contaminated_records
from assets.prune.kept.contaminated_records import COPIES, ContaminatedRecords
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

EXAMPLES = 20  # of a mixture and an evaluation set, at most
COUNTS = TableSpec(
    "contamination",
    "an evaluation set under a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("evaluation_set", pa.string(), "held_out, the lake's own, or a benchmark's"),
        ColumnSpec("records", pa.int64(), "its records"),
        ColumnSpec("exact", pa.int64(), "of which the mixture keeps a document of the same n-grams"),
        ColumnSpec(
            "near", pa.int64(), "of which the nearest that it keeps has a Jaccard similarity from 0.8 on"
        ),
        ColumnSpec(
            "overlapping", pa.int64(), "of which it keeps one that holds half of the record's n-grams"
        ),
        ColumnSpec(
            "reworded", pa.int64(), "of which it keeps one of a cosine from 0.95 on, with fewer n-grams"
        ),
        ColumnSpec("clean", pa.int64(), "the others"),
    ),
)
RECORDS = TableSpec(
    "contaminated_records",
    "an evaluation record with the nearest copy that a mixture keeps; up to 20 of an evaluation set",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("evaluation_set", pa.string(), "that of the record"),
        ColumnSpec("record", pa.string(), "its doc_id, in evaluation_sets or raw_shards"),
        ColumnSpec("copy", pa.string(), "exact, near, overlapping or reworded"),
        ColumnSpec("doc_id", pa.string(), "the document", source="contamination_scores.doc_id"),
        ColumnSpec("overlap", pa.float64(), "share of the record's n-grams that the document holds"),
        ColumnSpec("jaccard", pa.float64(), "Jaccard similarity of their n-grams"),
        ColumnSpec("cosine", pa.float32(), "cosine of their vectors"),
    ),
    file="records.parquet",
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the counts as a table."""
    rows = reader.table(manifest).to_pylist()
    lines = [COUNTS.names, ["---"] * len(COUNTS.names), *([str(v) for v in row.values()] for row in rows)]
    return {"counts": dg.MetadataValue.md("\n".join(f"| {' | '.join(line)} |" for line in lines))}


@lake_asset(
    group_name="audit",
    tables=[COUNTS, RECORDS],
    reads=[
        *contaminated_records.READS,
        one("cluster_scores", is_input=False),
        one("evaluation_sets"),
        named("raw_shards"),
    ],
    inputs=mixtures_under_audit.inputs,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="1",
)
def contamination(build: Build, writer: Writer) -> None:
    """One row is an evaluation set under a recipe; records.parquet beside names records and their copies."""
    reader = build.reader
    counts: list[dict[str, Any]] = []
    examples: list[pa.Table] = [RECORDS.schema.empty_table()]
    totals: dict[str, int] = {}
    for recipe, mixture in mixtures_under_audit.mixtures(reader).items():
        pairs = contaminated_records.kept_pairs(reader, mixture)
        sets = contaminated_records.scores_of(reader, mixture).facts["sets"]
        totals = totals or contaminated_records.n_records(reader, mixture, reader.required("evaluation_sets"))
        for number, name in enumerate(sets):
            found = contaminated_records.contaminated_records(pairs, number)
            of_each = np.bincount(found.copy, minlength=len(COPIES)).tolist()
            about = {"recipe": recipe, "evaluation_set": name, "records": totals[name]}
            copies = dict(zip(COPIES, of_each, strict=True))
            counts.append({**about, **copies, "clean": totals[name] - sum(of_each)})
            examples.append(_examples(found, recipe, name))
    writer.table(pa.Table.from_pylist(counts, COUNTS.schema))
    writer.table(pa.concat_tables(examples), RECORDS.file)


@lake_check(asset="contamination")
def no_mixture_keeps_copies(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No mixture keeps an exact or near copy of an evaluation record."""
    rows = reader.table(reader.required("contamination")).to_pylist()
    found = [row for row in rows if row["exact"] + row["near"]]
    names = ", ".join(
        f"{row['recipe']}: {row['exact'] + row['near']} of {row['records']} of {row['evaluation_set']}"
        for row in found[:20]
    )
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{len(found)} pairs of a mixture and an evaluation set have records with an exact or near copy"
            f"{': ' + names + '; put the step decontaminate first' if found else ''}"
        ),
    )


def _examples(found: ContaminatedRecords, recipe: str, name: str) -> pa.Table:
    """Lay the records with the nearest copies out, the nearest first."""
    pairs = found.pairs
    chosen = np.lexsort((pairs.record, -pairs.cosine, -pairs.overlap, found.copy))[:EXAMPLES]
    some = pairs.select(chosen)
    columns = [
        [recipe] * len(some), [name] * len(some), some.record.astype(str).tolist(),
        [COPIES[number] for number in found.copy[chosen].tolist()], some.document.astype(str).tolist(),
        some.overlap, some.jaccard, some.cosine,
    ]  # fmt: skip
    return pa.table(columns, schema=RECORDS.schema)

"""Duplicate truth: duplicates are planted beside a sample of the lake's documents, and methods seek them.

Nothing of what is planted enters the lake's documents.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.audit.inputs.planted_duplicates import PAIRS, Planted, alikeness, compare_words, encode, plant
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from assets.ingest.minhash_signatures import SHINGLE_SETTINGS, signing_version
from guyot.audit.duplicates.recall import (
    RecallPoint,
    SimilarPairs,
    close_pairs,
    kept_shares,
    recall_at,
    similar_vectors,
)
from guyot.audit.duplicates.synthetic import FAMILIES
from guyot.text.lsh import candidates
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import Shingles, shingles
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import TEXT

COSINES = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)
JACCARDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
RECALLS = TableSpec(
    "duplicate_truth",
    "a method at a threshold, on a family of planted duplicates",
    (
        ColumnSpec("method", pa.string(), "exact, minhash or semdedup"),
        ColumnSpec("family", pa.string(), "what was done to the planted ones; or every"),
        ColumnSpec(
            "threshold", pa.float64(), "the least similarity of duplicates: Jaccard, or cosine; 1 for exact"
        ),
        ColumnSpec("recall", pa.float64(), "share of the planted pairs that is found"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval (Wilson)"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("n", pa.int64(), "planted pairs"),
        ColumnSpec(
            "precision", pa.float64(),
            "share of all pairs found that are of one original; null but for every",
        ),
        ColumnSpec("found", pa.int64(), "all pairs found; null but for every"),
    ),
)  # fmt: skip
KEPT = TableSpec(
    "kept_by_limit",
    "a method at a threshold",
    (
        ColumnSpec("method", pa.string(), "minhash or semdedup"),
        ColumnSpec(
            "threshold", pa.float64(), "similarity at or above which duplicates go: Jaccard, or cosine"
        ),
        ColumnSpec(
            "kept", pa.float64(), "share of the lake's training documents that stay at this limit"
        ),
    ),
    file="kept.parquet",
)  # fmt: skip


def encoding_and_signing(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the encoder and the way of signing."""
    return {**encoder_settings(lake, key), **signing_version(lake, key)}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw what methods find at each limit, what stays of the lake, and how alike planted pairs are."""
    from assets.charts.audits import kept_by_limit, recall_by_limit, words_against_vectors
    from assets.charts.drawing import markdown_picture

    rows, kept = reader.table(manifest).to_pylist(), reader.table(manifest, KEPT.file).to_pylist()
    if not rows:
        return {"said": "no documents to plant duplicates of"}
    pairs = reader.table(manifest, PAIRS.file).to_pylist()
    pictures = {
        f"recall_of_{method}": recall_by_limit([r for r in rows if r["method"] == method], method)
        for method in ("minhash", "semdedup")
    } | {"kept": kept_by_limit(kept), "alike": words_against_vectors(pairs)}
    shown = {name: dg.MetadataValue.md(markdown_picture(chart)) for name, chart in pictures.items()}
    return {"originals": manifest.facts["originals"], **shown}


@lake_asset(
    group_name="audit",
    tables=[RECALLS, PAIRS, KEPT],
    reads=[one("cluster_scores"), one("minhash_scores"), named("raw_shards")],
    settings=(*SHINGLE_SETTINGS, "audit.duplicate_sample_size", "seed"),
    settings_of=encoding_and_signing,
    shows=show,
    documents=(TEXT,),
    code_version="2",
    pool="memory",
)
def duplicate_truth(build: Build, writer: Writer) -> None:
    """One row is a method at a limit, on a family of planted duplicates.

    Beside it pairs.parquet has how alike each planted pair is, kept.parquet what stays of the lake's own.
    """
    reader, settings = build.reader, build.settings
    made = plant(reader, snapshot_of(reader.required("cluster_scores")), settings)
    rows: list[dict[str, Any]] = []
    alike = PAIRS.schema.empty_table()
    if made.texts:
        vectors = encode(made.texts, build.lake.encoder.load())
        signed = shingles(made.texts, settings.minhash.shingle_unit, settings.minhash.shingle_size)
        distinct = signed.distinct()
        for method, limits, pairs in _methods(made, vectors, signed, distinct, settings.block_rows):
            one_of, other, similarity = pairs
            points = recall_at(similarity, one_of, other, made.original, made.family, FAMILIES, limits)
            rows += [_row(method, point) for point in points]
        alike = alikeness(made, vectors, distinct)
    writer.table(pa.Table.from_pylist(rows, RECALLS.schema))
    writer.table(alike, PAIRS.file)
    writer.table(pa.Table.from_pylist(_kept_rows(reader), KEPT.schema), KEPT.file)
    writer.facts |= {"originals": int((made.family < 0).sum())}


def _methods(
    made: Planted, vectors: NDArray[np.float16], signed: Shingles, distinct: Shingles, block_rows: int
) -> Iterator[tuple[str, tuple[float, ...], SimilarPairs]]:
    """Yield each method's name, its limits and the pairs that it finds."""

    def equals(which: NDArray[np.int64]) -> SimilarPairs:
        return close_pairs(lambda rows: np.equal.outer(which[rows], which), len(which), 1, block_rows)

    yield "exact", (1.0,), equals(np.unique(made.texts, return_inverse=True)[1])
    marks = signatures(signed)
    # of documents with equal signatures candidates are a chain, which links them all
    equal = equals(np.unique(marks, axis=0, return_inverse=True)[1])
    linked = np.concatenate([candidates(marks, min(JACCARDS)).pairs, np.stack(equal[:2], axis=1)])
    first, other = np.unique(linked, axis=0).T
    yield "minhash", JACCARDS, (first, other, compare_words(distinct, first, other))
    yield "semdedup", COSINES, similar_vectors(vectors, min(COSINES))


def _kept_rows(reader: TableReader) -> list[dict[str, Any]]:
    """Count what stays of the lake's own documents at each limit."""
    scores, linked = reader.required("cluster_scores"), reader.required("minhash_scores")
    cosine = reader.table(scores, columns=["max_similarity"])["max_similarity"]
    jaccard = reader.table(linked, columns=["jaccard"])["jaccard"]
    above_floor = tuple(limit for limit in JACCARDS if limit >= linked.facts["floor"])
    rows: list[dict[str, Any]] = []
    for method, column, limits in (("semdedup", cosine, COSINES), ("minhash", jaccard, above_floor)):
        shares = kept_shares(column.to_numpy().astype(np.float64), limits)
        rows += [
            {"method": method, "threshold": limit, "kept": share}
            for limit, share in zip(limits, shares, strict=True)
        ]
    return rows


def _row(method: str, point: RecallPoint) -> dict[str, Any]:
    """Lay one finding out."""
    precision = point.precision if point.precision == point.precision else None
    return {
        "method": method, "family": point.family, "threshold": point.limit, "recall": point.recall.value,
        "low": point.recall.low, "high": point.recall.high, "n": point.recall.n,
        "precision": precision, "found": point.found,
    }  # fmt: skip

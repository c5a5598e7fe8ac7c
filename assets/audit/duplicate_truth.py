"""Duplicate truth: duplicates are planted beside a sample of the lake's documents, and methods seek them.

Nothing of what is planted enters the lake's documents.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.audit.corruption_probes import MAX_CHARS, contents_of
from assets.graph import snapshot
from assets.graph.build import BuildSpec, build, columns, result
from assets.ingest import embeddings, minhash_signatures
from guyot.audit.duplicates.recall import RecallPoint, SimilarPairs, close_pairs, kept_shares, recall_at
from guyot.audit.duplicates.synthetic import FAMILIES, synthetic_duplicate
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.seeds import uniforms_of_bits
from guyot.text.lsh import candidates
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import Shingles, shingles
from guyot.vectors.exact import cosines, pair_cosines, unit_float16
from resources.lake.store import Store
from resources.lake.writer import Writer
from resources.models.encoder import EncoderResource
from resources.settings import Settings

CODE = "2"
KEPT, PAIRS = "kept.parquet", "pairs.parquet"
UNRELATED = "unrelated"
COSINES = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)
JACCARDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SCHEMA = pa.schema(
    [("method", pa.string()), ("family", pa.string())]
    + [(name, pa.float64()) for name in ("threshold", "recall", "low", "high")]
    + [("n", pa.int64()), ("precision", pa.float64()), ("found", pa.int64())]
)
_PAIRS = pa.schema(
    [("doc_id", pa.string()), ("family", pa.string()), ("jaccard", pa.float64()), ("cosine", pa.float32())]
)
_KEPT = pa.schema([("method", pa.string()), ("threshold", pa.float64()), ("kept", pa.float64())])


@dataclasses.dataclass(frozen=True)
class Planted:
    """Originals and their duplicates, the originals first.

    ids : S32, of the originals
    original : int64[n], the number of each one's original
    family : int64[n], place in FAMILIES; -1 for an original
    """

    ids: NDArray[np.bytes_]
    texts: list[str]
    original: NDArray[np.int64]
    family: NDArray[np.int64]


def spec(store: Store, settings: Settings, encoder: EncoderResource) -> BuildSpec:
    """State what the audit is made from: the scores and documents of the snapshot, encoder and shingles."""
    scores = ("cluster_scores", "minhash_scores")
    chosen = {
        **embeddings.encoder_settings(encoder),
        **minhash_signatures.signed_with(settings),
        **settings.some("duplicate_documents", "seed"),
    }
    return BuildSpec("duplicate_truth", {name: store.required(name).content for name in scores}, chosen, CODE)


@dg.asset(
    group_name="audit",
    kinds={"parquet"},
    owners=["team:curation"],
    deps=["cluster_scores", "minhash_scores", "raw_shards"],
    code_version=CODE,
    pool="memory",
    metadata=columns(
        method="string: exact, minhash or semdedup",
        family="string: what was done to the planted ones; or every",
        threshold="double: the least similarity of duplicates: Jaccard, or cosine; 1 for exact",
        recall="double: share of the planted pairs that is found",
        low="double: lower end of its 95% interval (Wilson)",
        high="double: upper end",
        n="int64: planted pairs",
        precision="double: share of all pairs found that are of one original; null but for every",
        found="int64: all pairs found; null but for every",
    ),
)
def duplicate_truth(settings: Settings, store: Store, encoder: EncoderResource) -> dg.MaterializeResult[Any]:
    """One row is a method at a limit, on a family of planted duplicates.

    Beside it pairs.parquet has how alike each planted pair is, kept.parquet what stays of the lake's own.
    """
    manifest = build(
        store, spec(store, settings, encoder), lambda writer: audit(store, settings, encoder, writer)
    )
    from assets.charts.audit_charts import kept_by_limit, recall_by_limit, words_against_vectors
    from assets.charts.charts import markdown_picture

    rows, kept = store.table(manifest).to_pylist(), store.table(manifest, KEPT).to_pylist()
    if not rows:
        return result(manifest, said="no documents to plant duplicates of")
    planted_pairs = store.table(manifest, PAIRS).to_pylist()
    pictures = {
        f"recall_of_{method}": recall_by_limit([r for r in rows if r["method"] == method], method)
        for method in ("minhash", "semdedup")
    } | {"kept": kept_by_limit(kept), "alike": words_against_vectors(planted_pairs)}
    shown = {name: dg.MetadataValue.md(markdown_picture(chart)) for name, chart in pictures.items()}
    return result(manifest, originals=manifest.facts["originals"], **shown)


def audit(store: Store, settings: Settings, encoder: EncoderResource, writer: Writer) -> None:
    """Plant duplicates, seek them by every method, and write what was found."""
    made = plant(store, settings)
    rows: list[dict[str, Any]] = []
    alikeness = _PAIRS.empty_table()
    if made.texts:
        vectors = unit_float16(encoder.load().encode(made.texts))
        signed = shingles(made.texts, settings.minhash_shingle, settings.minhash_shingle_size)
        for method, limits, pairs in _methods(made, vectors, signed, settings.block_rows):
            one, other, similarity = pairs
            told = recall_at(similarity, one, other, made.original, made.family, FAMILIES, limits)
            rows += [_row(method, found) for found in told]
        alikeness = _alikeness(made, vectors, signed)
    writer.table(pa.Table.from_pylist(rows, SCHEMA))
    writer.table(alikeness, PAIRS)
    cosine = store.table(store.required("cluster_scores"), columns=["max_similarity"])["max_similarity"]
    jaccard = store.table(store.required("minhash_scores"), columns=["jaccard"])["jaccard"]
    floor = store.required("minhash_scores").facts["floor"]
    kept = [
        {"method": method, "threshold": limit, "kept": share}
        for method, column, limits in (
            ("semdedup", cosine, COSINES),
            ("minhash", jaccard, tuple(limit for limit in JACCARDS if limit >= floor)),
        )
        for limit, share in zip(
            limits, kept_shares(column.to_numpy().astype(np.float64), limits), strict=True
        )
    ]
    writer.table(pa.Table.from_pylist(kept, _KEPT), KEPT)
    writer.facts |= {"originals": int((made.family < 0).sum())}


def plant(store: Store, settings: Settings) -> Planted:
    """Draw originals at random, by their doc_ids, and make a duplicate of each family of each."""
    taken = snapshot.of(store.required("cluster_scores"))
    documents = taken.table(store, "raw_shards", ["doc_id", "kind", "split"])
    training = documents.filter(pc.equal(documents["split"], "train"))
    ids = snapshot.ids_of(training["doc_id"])
    uniform = uniforms_of_bits(settings.seed, "duplicate-sample", snapshot.id_bits(ids))
    chosen = np.lexsort((ids, uniform))[: settings.duplicate_documents]
    chosen = chosen[np.argsort(ids[chosen])]
    kinds = training["kind"].take(chosen).to_pylist()
    contents = contents_of(store, taken, ids[chosen]) if len(chosen) else {}
    originals = [contents[doc_id] for doc_id in ids[chosen].tolist()]
    short = [row for row, text in enumerate(originals) if len(text) <= MAX_CHARS]
    texts = [originals[row] for row in short]
    original, family = list(range(len(texts))), [-1] * len(texts)
    for number, (text, kind) in enumerate([(originals[row], kinds[row]) for row in short]):
        for place, name in enumerate(FAMILIES):
            duplicate = synthetic_duplicate(text, kind, name)
            if duplicate is not None:
                texts.append(duplicate)
                original.append(number)
                family.append(place)
    return Planted(ids[chosen[short]], texts, np.array(original, np.int64), np.array(family, np.int64))


def _methods(
    made: Planted, vectors: NDArray[np.float16], signed: Shingles, block_rows: int
) -> Iterator[tuple[str, tuple[float, ...], SimilarPairs]]:
    """Let every method seek pairs, and yield its name, its limits and the pairs."""

    def equals(which: NDArray[np.int64]) -> SimilarPairs:
        return close_pairs(lambda rows: np.equal.outer(which[rows], which), len(which), 1, block_rows)

    yield "exact", (1.0,), equals(np.unique(made.texts, return_inverse=True)[1])
    marks = signatures(signed)
    # of documents with equal signatures candidates are a chain, which links them all
    equal = equals(np.unique(marks, axis=0, return_inverse=True)[1])
    linked = np.concatenate([candidates(marks, min(JACCARDS)), np.stack(equal[:2], axis=1)])
    one, other = np.unique(linked, axis=0).T
    yield "minhash", JACCARDS, (one, other, jaccards(signed.distinct(), one, other))

    def cosine(rows: slice) -> NDArray[np.float32]:
        return cosines(vectors[rows], vectors)

    yield "semdedup", COSINES, close_pairs(cosine, len(vectors), min(COSINES), block_rows)


def _alikeness(made: Planted, vectors: NDArray[np.float16], signed: Shingles) -> pa.Table:
    """Tell how alike each planted pair is, and each original and the next, which should not be."""
    duplicates = np.flatnonzero(made.family >= 0)
    n_unrelated = len(made.ids) if len(made.ids) > 1 else 0
    one = np.concatenate([made.original[duplicates], np.arange(n_unrelated)])
    other = np.concatenate([duplicates, np.roll(np.arange(n_unrelated), -1)])
    names = [FAMILIES[place] for place in made.family[duplicates]] + [UNRELATED] * n_unrelated
    return pa.table(
        {
            "doc_id": pa.array(made.ids[one].astype(str), pa.string()),
            "family": pa.array(names, pa.string()),
            "jaccard": jaccards(signed.distinct(), one, other),
            "cosine": pair_cosines(vectors[one], vectors[other]),
        }
    ).cast(_PAIRS)


def _row(method: str, found: RecallPoint) -> dict[str, Any]:
    """Lay one finding out."""
    precision = found.precision if found.precision == found.precision else None  # noqa: PLR0124
    return {
        "method": method, "family": found.family, "threshold": found.limit, "recall": found.recall.value,
        "low": found.recall.low, "high": found.recall.high, "n": found.recall.n,
        "precision": precision, "found": found.found,
    }  # fmt: skip

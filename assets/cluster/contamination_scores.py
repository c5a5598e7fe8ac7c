"""Contamination scores: training documents that share words or meaning with evaluation records.

The records are the lake's own held-out documents, and those of `evaluation_sets`. Pairs of documents and
records that both stayed are copied from the last scores. The table is a function of the snapshot and the
evaluation sets alone, never of the way to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import numpy as np
import pyarrow.compute as pc

from assets.cluster.scoring import contamination_changes, contamination_pairs
from assets.cluster.scoring.contamination_changes import ContaminationChanges, EvaluationSources
from assets.cluster.scoring.contamination_pairs import (
    SCORES,
    ContaminationPairs,
    Floors,
    compared_tables,
    joined,
    strongest,
)
from assets.cluster.scoring.contamination_records import RecordSource, records
from assets.cluster.scoring.contamination_search import RecordSearch
from assets.cluster.scoring.minhash_documents import training_rows
from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import positions
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import Snapshot, snapshot_of
from guyot.errors import MissingError
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.progress import tracked
from resources.setting_groups import IMAGE, TEXT
from resources.storage.concurrent import concurrent

_TABLES = ("raw_shards", "embeddings")
_SETTINGS = ("contamination.ngram_words", "contamination.min_overlap", "contamination.min_cosine")


def compared_inputs(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """Return the documents and vectors of the snapshot of cluster_scores, by their contents."""
    source = snapshot_of(reader.required("cluster_scores"))
    names = [(table, shard) for table in _TABLES for shard in source.names]
    found = concurrent(lambda name: source.content(reader, *name), names)
    inputs = {f"{table}/{shard}": content for (table, shard), content in zip(names, found, strict=True)}
    return dict.fromkeys(keys, inputs)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Count the documents and the records of each evaluation set that are in a pair."""
    table = reader.table(manifest, columns=["doc_id", "evaluation_set", "record"])
    lines = ["| evaluation set | pairs | documents | records |", "| --- | --- | --- | --- |"]
    for name in manifest.facts["sets"]:
        own = table.filter(pc.equal(table["evaluation_set"], name))
        counts = [len(own), *(pc.count_distinct(own[column]).as_py() for column in ("doc_id", "record"))]
        lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    return {"pairs": manifest.rows, "evaluation_sets": dg.MetadataValue.md("\n".join(lines))}


@lake_asset(
    group_name="cluster",
    tables=[SCORES],
    reads=[
        one("cluster_scores", is_input=False),
        one("evaluation_sets"),
        named("raw_shards"),
        named("embeddings"),
    ],
    inputs=compared_inputs,
    settings=_SETTINGS,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="1",
    pool="memory",
)
def contamination_scores(build: Build, writer: Writer) -> Mapping[str, Any]:
    """One row is a training document and an evaluation record that it holds words of, or is near to."""
    reader, settings = build.reader, build.settings.contamination
    source = snapshot_of(reader.required("cluster_scores"))
    benchmarks = reader.required("evaluation_sets")
    build.require_unchanged("evaluation_sets", benchmarks.content)
    _require_one_encoder(reader, source, benchmarks)
    floors = Floors(settings.min_overlap, settings.min_cosine)
    sources = contamination_changes.evaluation_sources(reader, source, benchmarks)
    previous = reader.current("contamination_scores")
    if previous is None or (previous.settings, previous.code) != (dict(build.spec.settings), build.spec.code):
        changes = contamination_changes.from_nothing(sources)
    else:
        changes = contamination_changes.since(reader, previous, build.spec, source, sources, floors)
    compared = list(_compared(build, source, sources, changes, floors))
    found = strongest(joined([changes.copied, *compared]), floors)
    contamination_pairs.write(writer, found, sources.sets)
    writer.facts |= {
        "snapshot": compared_tables(source), "sets": list(sources.sets), "digests": sources.digests,
    }  # fmt: skip
    copied = len(changes.copied)
    return {"pairs_copied": copied, "pairs_compared": sum(map(len, compared))}


def _compared(
    build: Build, source: Snapshot, sources: EvaluationSources, changes: ContaminationChanges, floors: Floors
) -> Iterator[ContaminationPairs]:
    """Compare what is new: new documents with all records, and documents that stayed with new records."""
    every = list(sources.by_origin.values())
    new = [sources.by_origin[origin] for origin in changes.new_origins]
    yield from _with(build, source, every, changes, floors, known=False)
    if len(changes.known):
        yield from _with(build, source, new, changes, floors, known=True)


def _with(
    build: Build, source: Snapshot, of: list[RecordSource], changes: ContaminationChanges, floors: Floors,
    *, known: bool,
) -> Iterator[ContaminationPairs]:  # fmt: skip
    """Compare the documents that stayed, or the others, with the records of some sources."""
    reader, n_words = build.reader, build.settings.contamination.ngram_words
    shards = [shard for shard in source.names if _chosen(reader, source, shard, changes, known=known)[0].size]
    for some in records(reader, of, n_words) if shards else ():
        search = RecordSearch.of(some, floors, n_words, build.settings.block_rows)
        for shard in tracked(shards, "contamination_scores", len(shards), "shards"):
            texts, vectors = (source.manifest(reader, table, shard) for table in _TABLES)
            yield search.pairs(reader, texts, vectors, *_chosen(reader, source, shard, changes, known=known))


def _chosen(
    reader: TableReader, source: Snapshot, shard: str, changes: ContaminationChanges, *, known: bool
) -> Any:
    """Return the doc_ids and the rows of a shard's training documents that stayed, or of the others."""
    ids, rows = training_rows(reader, source.manifest(reader, "raw_shards", shard))
    some = np.flatnonzero((positions(changes.known, ids) >= 0) == known)
    return ids[some], rows[some]


def _require_one_encoder(reader: TableReader, source: Snapshot, benchmarks: Manifest) -> None:
    """Refuse benchmarks that another encoder embedded than the documents.

    Raises
    ------
    MissingError : one did.
    """
    encoders = {manifest.facts.get("encoder_id") for manifest in source.manifests(reader, "embeddings")}
    if benchmarks.rows and encoders - {benchmarks.facts["encoder_id"]}:
        raise MissingError(
            f"contamination_scores of {benchmarks.rows} evaluation records need one encoder; they have "
            f"{benchmarks.facts['encoder_id']}, the documents {', '.join(sorted(map(str, encoders)))}; "
            "materialize embeddings and evaluation_sets again"
        )

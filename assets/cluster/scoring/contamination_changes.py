"""What is still valid of the last contamination scores: pairs of a document and a record that both stayed."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.cluster.scoring import contamination_pairs
from assets.cluster.scoring.contamination_pairs import ContaminationPairs, Floors, joined, may_miss
from assets.cluster.scoring.contamination_records import RecordSource, held_out_source, record_ids
from assets.cluster.scoring.minhash_documents import training_rows
from assets.graph.build_spec import BuildSpec
from assets.graph.doc_ids import positions
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from guyot.identity import fingerprint
from resources.lake.manifest import Manifest
from resources.sources.evaluation_files import HELD_OUT_SET


@dataclasses.dataclass(frozen=True)
class EvaluationSources:
    """Where all evaluation records are.

    sets : names; a set's place is its number
    digests : of each benchmark's records, by name
    by_origin : by the shard, or by a benchmark's name behind a slash, which no shard has
    """

    sets: tuple[str, ...]
    digests: dict[str, str]
    by_origin: dict[str, RecordSource]


@dataclasses.dataclass(frozen=True)
class ContaminationChanges:
    """What is taken from the last scores, and what is new.

    copied : pairs that stay
    known : S32[k], sorted: documents that are compared with new records alone
    new_origins : of the records that those are compared with
    """

    copied: ContaminationPairs
    known: NDArray[np.bytes_]
    new_origins: tuple[str, ...]


def evaluation_sources(reader: TableReader, source: Snapshot, benchmarks: Manifest) -> EvaluationSources:
    """Return where the records of a snapshot and of benchmark files are.

    Parameters
    ----------
    benchmarks : a version of evaluation_sets
    """
    table = reader.table(benchmarks, columns=["doc_id", "evaluation_set"])
    names: Sequence[str] = sorted(pc.unique(table["evaluation_set"]).to_pylist())
    origins = {shard: held_out_source(reader, source, shard) for shard in source.names}
    digests: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        own = table.filter(pc.equal(table["evaluation_set"], name))["doc_id"]
        digests[name] = fingerprint([benchmarks.facts["encoder_id"], own.to_pylist()])
        origins[f"/{name}"] = RecordSource(number, benchmarks, benchmarks, "evaluation_set", name)
    return EvaluationSources((HELD_OUT_SET, *names), digests, origins)


def from_nothing(sources: EvaluationSources) -> ContaminationChanges:
    """Take every document and record as new."""
    return ContaminationChanges(joined([]), np.zeros(0, "S32"), tuple(sources.by_origin))


def since(
    reader: TableReader, previous: Manifest, spec: BuildSpec, source: Snapshot, sources: EvaluationSources,
    floors: Floors,
) -> ContaminationChanges:  # fmt: skip
    """Find what stays of the last scores, which were made in the same way.

    Parameters
    ----------
    spec : what the new scores are made from

    Notes
    -----
    Reads the doc_ids of the shards that stayed, and no texts. A document of which a full list lost a record
    is compared with all records again, since others may come up.
    """
    same = {shard for shard in source.names if _is_same(previous, spec, shard)}
    before: dict[str, str] = previous.facts["digests"]
    same |= {f"/{name}" for name, digest in sources.digests.items() if before.get(name) == digest}
    documents = [np.zeros(0, "S32")]
    documents += [
        training_rows(reader, source.manifest(reader, "raw_shards", shard))[0]
        for shard in source.names
        if shard in same
    ]
    known = np.sort(np.concatenate(documents))
    stored = contamination_pairs.read(reader, previous, sources.sets)
    stored = stored.select(positions(known, stored.document) >= 0)
    records = [
        np.zeros(0, "S32"),
        *(record_ids(reader, sources.by_origin[origin]) for origin in sorted(same)),
    ]
    gone = positions(np.sort(np.concatenate(records)), stored.record) < 0
    again = may_miss(stored, floors, gone)
    known = known[positions(again, known) < 0]
    copied = stored.select(~gone & (positions(known, stored.document) >= 0))
    return ContaminationChanges(copied, known, tuple(o for o in sources.by_origin if o not in same))


def _is_same(previous: Manifest, spec: BuildSpec, shard: str) -> bool:
    """Return whether a shard's documents, their splits and their vectors are what they were."""
    names = [f"{table}/{shard}" for table in ("raw_shards", "embeddings")]
    return all(previous.inputs.get(name) == spec.inputs.get(name) for name in names)

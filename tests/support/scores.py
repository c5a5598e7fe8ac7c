"""A lake of given vectors, without texts or an encoder: up to its assignments, as the assets would make it."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from support.corpus import some_units
from support.lake import lake_at

from assets.cluster import cluster_assignments
from assets.graph.build import build
from assets.graph.lake import Lake
from assets.ingest import embeddings, quality_signals, raw_shards, shard_registry
from guyot.identity import fingerprint
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import WHOLE
from resources.lake.writer import Writer
from resources.sources.registry import Entry, table_of
from resources.sources.scan import Listing

WIDTH = 8
N_CLUSTERS = 3


@dataclasses.dataclass(frozen=True)
class Doc:
    """A document: its vector's number among `POOL`, and its side."""

    vector: int
    split: str = "train"


TWINS = (24, 25)  # of POOL: as far from the first centroid, to the last bit, but not the same
_FAR = np.array([[0.8, 0, 0, 0.6, 0, 0, 0, 0], [0.8, 0, 0, 0, 0.6, 0, 0, 0]], np.float32)
POOL: NDArray[np.float16] = np.concatenate([some_units(24, WIDTH), unit_float16(_FAR)])
Shards = dict[str, dict[int, Doc]]


def name_of(number: int) -> str:
    """Return the doc_id of a number; ids sort as their numbers do."""
    return f"{number:032x}"


def empty_lake(root: Path, centroids: int = N_CLUSTERS, **settings: object) -> Lake:
    """Return a lake of a tokenizer and some centroids, as far from one another as can be."""
    lake = lake_at(root, root, **settings)
    with lake.store.write("tokenizer", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"token": ["a"]}))
    with lake.store.write("centroids", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"cluster": range(centroids)}))
        writer.vectors(np.eye(centroids, WIDTH, dtype=np.float16))
    return lake


def register(lake: Lake, shards: Shards) -> None:
    """Make these the live shards, each of one file."""
    entry = Entry("file:///f", "f", "text", "f", "record", 1, "", "d", "", "", state="live")
    entries: list[Entry] = []
    for shard, documents in shards.items():
        content = fingerprint(json.dumps({str(n): dataclasses.asdict(d) for n, d in documents.items()}))
        entries.append(dataclasses.replace(entry, path=shard, shard=shard, digest=content))
    shard_registry.record(lake.store, Listing(table_of(entries), {}, {}))


def put(lake: Lake, shards: Shards) -> None:
    """Bring the lake to this state, down to the assignments."""
    register(lake, shards)
    store = lake.store
    for shard, documents in shards.items():
        ids = pa.array([name_of(number) for number in documents], pa.string())
        split = pa.array([document.split for document in documents.values()], pa.string())
        raw = raw_shards.spec(store, lake.settings, shard)
        build(store, raw, lambda w: w.table(pa.table({"doc_id": ids, "split": split})))
        build(store, quality_signals.spec(store, shard), lambda w: w.table(pa.table({"doc_id": ids})))

        def embed(writer: Writer) -> None:
            writer.table(pa.table({"doc_id": ids}))
            writer.vectors(POOL[[document.vector for document in documents.values()]])

        vectors = {"vectors": [document.vector for document in documents.values()]}
        build(
            store, dataclasses.replace(embeddings.spec(store, lake.encoder, shard), settings=vectors), embed
        )
        assigned = cluster_assignments.spec(store, shard)
        build(store, assigned, lambda w: cluster_assignments.assign_shard(store, lake.settings, shard, w))


def documents_of(*numbers: int, split: str = "train") -> dict[int, Doc]:
    """Return documents whose vectors have their own numbers."""
    return {number: Doc(number % len(POOL), split) for number in numbers}

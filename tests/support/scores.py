"""A lake of given vectors, without texts or an encoder: up to its assignments, as the assets would make it."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from support.corpus import some_units
from support.lake import build_asset, lake_at, spec_of

from assets.graph.build_spec import BuildSpec
from assets.graph.lake import LakeResources
from assets.ingest import shard_registry
from guyot.identity import fingerprint
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import WHOLE, Manifest
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


def empty_lake(root: Path, centroids: int = N_CLUSTERS, **settings: object) -> LakeResources:
    """Return a lake of a tokenizer and some centroids, as far from one another as can be."""
    lake = lake_at(root, root, **settings)
    with lake.store.write("tokenizer", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"token": ["a"]}))
    with lake.store.write("centroids", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"cluster": range(centroids)}))
        writer.vectors(np.eye(centroids, WIDTH, dtype=np.float16))
    return lake


def register(lake: LakeResources, shards: Shards) -> None:
    """Make these the live shards, each of one file."""
    entry = Entry("file:///f", "f", "text", "f", "record", 1, "", "d", "", "", state="live")
    entries: list[Entry] = []
    for shard, documents in shards.items():
        content = fingerprint(json.dumps({str(n): dataclasses.asdict(d) for n, d in documents.items()}))
        entries.append(dataclasses.replace(entry, path=shard, shard=shard, digest=content))
    shard_registry.record(lake, Listing(table_of(entries), {}, {}))


def put(lake: LakeResources, shards: Shards) -> None:
    """Bring the lake to this state, down to the assignments."""
    register(lake, shards)
    for shard, documents in shards.items():
        ids = pa.array([name_of(number) for number in documents], pa.string())
        split = pa.array([document.split for document in documents.values()], pa.string())
        write_version(lake, spec_of(lake, "raw_shards", shard), pa.table({"doc_id": ids, "split": split}))
        write_version(lake, spec_of(lake, "quality_signals", shard), pa.table({"doc_id": ids}))
        numbers = [document.vector for document in documents.values()]
        embedded = dataclasses.replace(spec_of(lake, "embeddings", shard), settings={"vectors": numbers})
        write_version(lake, embedded, pa.table({"doc_id": ids}), POOL[numbers])
    if shards:
        build_asset(lake, "cluster_assignments", *shards)


def write_version(
    lake: LakeResources, spec: BuildSpec, table: pa.Table, vectors: NDArray[np.float16] | None = None
) -> Manifest:
    """Make a version live, with these rows and vectors where the lake does not hold it."""
    found = lake.store.manifest(spec.table, spec.key, spec.version)
    if found is not None:
        lake.store.publish(found)
        return found
    inputs, settings = dict(spec.inputs), dict(spec.settings)
    with lake.store.write(spec.table, spec.key, inputs=inputs, settings=settings, code=spec.code) as writer:
        writer.table(table)
        if vectors is not None:
            writer.vectors(vectors)
    return lake.store.required(spec.table, spec.key)


@dataclasses.dataclass(frozen=True)
class Scored:
    """What a build of cluster_scores gives, and says of the way; see `cluster_scores.UpdateSummary`."""

    manifest: Manifest
    made: str
    why: str
    fresh: int
    removed: int
    orphaned: int
    touched: int


def score(lake: LakeResources) -> Scored:
    """Build cluster_scores, or find that the lake holds them."""
    (built,) = build_asset(lake, "cluster_scores")
    assert built.manifest is not None
    if built.reused:
        return Scored(built.manifest, "nothing", "", 0, 0, 0, 0)
    shown = built.shown
    counts = (shown[f"{name}_documents"] for name in ("fresh", "removed", "orphaned"))
    why = shown.get("rebuilt_because", "")
    return Scored(built.manifest, shown["made_by"], why, *counts, shown["groups_touched"])


def documents_of(*numbers: int, split: str = "train") -> dict[int, Doc]:
    """Return documents whose vectors have their own numbers."""
    return {number: Doc(number % len(POOL), split) for number in numbers}

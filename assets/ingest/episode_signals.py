"""Episode signals: numbers of each walk, from its own lines alone."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.partitions import SHARDS
from assets.graph.reader import TableReader
from assets.graph.reads import same
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.navigation.drawing import drawn_strip, svg_data_uri
from guyot.navigation.walk_signals import walk_signals
from guyot.navigation.walks import parse_walk, task_id
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import EPISODE

_BATCH_DOCUMENTS, SHOWN_WALKS = 1024, 8
SIGNALS = TableSpec(
    "episode_signals",
    "a document of a lake of episodes",
    (
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec("steps", pa.int64(), "actions"),
        ColumnSpec("moves", pa.int64(), "steps forward that moved"),
        ColumnSpec("bumps", pa.int64(), "steps forward that hit a wall"),
        ColumnSpec("turns", pa.int64(), "turns to the left and to the right"),
        ColumnSpec("cells", pa.int64(), "different cells it stood on, the start included"),
        ColumnSpec("reached_goal", pa.bool_(), "whether it ends at its goal"),
        ColumnSpec("geodesic", pa.int64(), "moves of the shortest way to the goal; -1: none leads there"),
        ColumnSpec("spl", pa.float64(), "geodesic / max(moves, geodesic) where it reached the goal, else 0"),
        ColumnSpec("maze_size", pa.int64(), "cells along a side of its maze, the border included"),
        ColumnSpec("task", pa.string(), "hash of its maze, start, heading and goal"),
    ),
    documents=(EPISODE,),
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw how the shard begins."""
    shard = reader.required("raw_shards", manifest.key)
    batch = next(reader.batches(shard, ["content"], SHOWN_WALKS), None) if manifest.rows else None
    if batch is None:
        return {}
    drawn = svg_data_uri(drawn_strip([parse_walk(walk) for walk in batch["content"].to_pylist()]))
    return {"its first walks": dg.MetadataValue.md(f"![walks in their mazes]({drawn})")}


@lake_asset(
    group_name="ingest",
    partitions_def=SHARDS,
    tables=[SIGNALS],
    reads=[same("raw_shards")],
    shows=show,
    progress_unit="documents",
    documents=(EPISODE,),
    code_version="1",
)
def episode_signals(build: Build, writer: Writer) -> None:
    """One row is an episode, in the shard's order. In a lake of other documents there is none."""
    with writer.parquet(SIGNALS.schema) as sink:
        for batch in build.reader.batches(build.input("raw_shards"), ["doc_id", "content"], _BATCH_DOCUMENTS):
            walks = [parse_walk(content) for content in batch["content"].to_pylist()]
            measured: dict[str, Any] = dataclasses.asdict(walk_signals(walks))
            measured |= {"doc_id": batch["doc_id"], "task": [task_id(walk) for walk in walks]}
            columns = [measured[name] for name in SIGNALS.names]
            sink.write_batch(pa.record_batch(columns, schema=SIGNALS.schema))
            build.advance(batch.num_rows)

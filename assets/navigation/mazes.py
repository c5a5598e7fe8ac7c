"""Mazes: in which policies learn, and others that only scores and probes know."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources, only_when_asked
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from guyot.navigation.mazes import mazes as drawn
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.navigation.episodes import HELD_OUT, TRAIN

MAZES = TableSpec(
    "mazes",
    "a maze",
    (
        ColumnSpec("split", pa.string(), "train: policies learn in it; held_out: scores and probes alone"),
        ColumnSpec("number", pa.int32(), "its place in the split, from 0"),
        ColumnSpec("size", pa.int32(), "cells along a side, the border among them"),
        ColumnSpec("walls", pa.string(), "cells row by row, 1 is a wall, eight to a byte, in hexadecimal"),
    ),
    key_columns=(),
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Count the mazes of each split."""
    return {name: manifest.facts[name] for name in (TRAIN, HELD_OUT)}


@lake_asset(
    group_name="navigation",
    tables=[MAZES],
    settings=[
        "navigation.seed", "navigation.maze_size", "navigation.train_mazes", "navigation.held_out_mazes",
    ],
    shows=show,
    is_wanted=only_when_asked,
    code_version="1",
)  # fmt: skip
def mazes(build: Build, writer: Writer) -> None:
    """One row is a maze, drawn from the seed; no maze is in two splits."""
    asked = build.settings.navigation
    counts = {TRAIN: asked.train_mazes, HELD_OUT: asked.held_out_mazes}
    tables = [
        _table(split, drawn(asked.seed, n, asked.maze_size, split=split)) for split, n in counts.items()
    ]
    writer.table(pa.concat_tables(tables))
    writer.facts |= counts


def walls_of(reader: TableReader, manifest: Manifest, split: str) -> NDArray[np.bool_]:
    """Read the mazes of a split: bool[n, size, size], True is wall."""
    table = reader.table(manifest, columns=["split", "size", "walls"])
    rows = [row for row in table.to_pylist() if row["split"] == split]
    size = rows[0]["size"] if rows else 1
    packed = np.array([np.frombuffer(bytes.fromhex(row["walls"]), np.uint8) for row in rows], np.uint8)
    bits = np.unpackbits(packed.reshape(len(rows), -1), axis=1, count=size * size)
    return bits.reshape(-1, size, size).astype(bool)


@lake_check(asset="mazes", blocking=True)
def mazes_share_nothing(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """No held-out maze is one of those that policies learn in."""
    manifest = reader.current("mazes")
    if manifest is None:
        return dg.AssetCheckResult(passed=True, metadata={"shared": 0})
    table = reader.table(manifest, columns=["split", "walls"]).to_pylist()
    splits = [{row["walls"] for row in table if row["split"] == split} for split in (TRAIN, HELD_OUT)]
    shared = len(splits[0] & splits[1])
    return dg.AssetCheckResult(passed=not shared, metadata={"shared": shared})


def _table(split: str, walls: NDArray[np.bool_]) -> pa.Table:
    """Write mazes as rows."""
    n, size, _ = walls.shape
    packed = np.packbits(walls.reshape(n, -1), axis=1)
    return pa.table(
        {
            "split": [split] * n,
            "number": np.arange(n, dtype=np.int32),
            "size": np.full(n, size, np.int32),
            "walls": [row.tobytes().hex() for row in packed],
        },
        schema=MAZES.schema,
    )

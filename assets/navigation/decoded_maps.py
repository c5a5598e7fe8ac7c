"""Rows of decoded maps, and their drawings: what `nav_audits` and `map_probes` show of the maps they read."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from assets.graph.tables import ColumnSpec
from guyot.navigation.drawing import svg_data_uri
from guyot.navigation.map_drawing import drawn_maps
from guyot.navigation.walks import Walk, format_walk, parse_walk
from resources.navigation.decoded_maps import DecodedMap
from resources.navigation.episodes import reached

COLUMNS = (
    ColumnSpec("walk", pa.string(), "the whole walk, as three lines of text"),
    ColumnSpec("moment", pa.int64(), "after how many of its actions"),
    ColumnSpec(
        "wall_probability", pa.list_(pa.float32()),
        "what a probe reads from the memory, of each of the 7 x 7 cells around, north up, row by row",
    ),
    ColumnSpec("is_near", pa.list_(pa.bool_()), "which of them lie within a cell of where it has stood"),
)  # fmt: skip
SHOWN_WALKS, SHOWN_FROM_ACTIONS, SHOWN_TO_ACTIONS, LARGEST_MAZE = 3, 16, 500, 51


def walks_to_show(walks: Sequence[Walk]) -> list[Walk]:
    """Choose the first walks that reached their goals, of 16 to 500 actions; three at most."""
    fits = (
        walk
        for walk in walks
        if SHOWN_FROM_ACTIONS <= len(walk.actions) <= SHOWN_TO_ACTIONS
        and len(walk.walls) <= LARGEST_MAZE
        and reached(walk)
    )
    return [walk for _, walk in zip(range(SHOWN_WALKS), fits, strict=False)]


def map_rows(found: Sequence[DecodedMap]) -> pa.Table:
    """Return what was read as a table of `COLUMNS`."""
    rows = [
        {
            "walk": format_walk(one.walk), "moment": one.moment,
            "wall_probability": one.wall_probability, "is_near": one.is_near,
        }
        for one in found
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema([(column.name, column.type) for column in COLUMNS]))


def map_strips(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Draw each walk over its moments, above what was read below; data URIs of SVG.

    Parameters
    ----------
    rows : with `COLUMNS`, those of a walk one after another
    """
    walks: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        walks.setdefault(row["walk"], []).append(row)
    return [
        svg_data_uri(
            drawn_maps(
                parse_walk(walk),
                [row["moment"] for row in own],
                np.array([row["wall_probability"] for row in own]),
                np.array([row["is_near"] for row in own], bool),
            )
        )
        for walk, own in walks.items()
    ]

"""Navigation audits: what a policy's memory holds of mazes that it never learnt in, beside controls."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import only_when_asked
from assets.graph.partitions import NAV_POLICIES
from assets.graph.reader import TableReader
from assets.graph.reads import one, same
from assets.graph.tables import ColumnSpec, TableSpec
from assets.navigation.mazes import walls_of
from assets.navigation.nav_policies import open_policy
from guyot.errors import SettingError
from guyot.navigation.tasks import tasks
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.navigation.episodes import HELD_OUT, reached
from resources.navigation.memory_readings import memory_readings
from resources.navigation.policies import walk_tasks

PROBE_MAZES = 0.6  # share of the held-out mazes that probes are fitted in; they are tested in the others
AUDITS = TableSpec(
    "nav_audits",
    "a probe of a policy, read from its memory or from a control",
    (
        ColumnSpec("probe", pa.string(), "what is read: occupancy of a mask's cells, a collision, a place"),
        ColumnSpec(
            "features", pa.string(),
            "trained: the memory; untrained: that of a network with drawn weights on the same walks; "
            "observation: what it senses at the moment; shuffled: memories of other moments",
        ),
        ColumnSpec("measure", pa.string(), "area under the ROC curve, 0.5 by chance; or R2, at most 1"),
        ColumnSpec("value", pa.float64(), "in mazes that the probe was not fitted in; null: no value"),
        ColumnSpec("n", pa.int64(), "moments, or cells, that it was tested at"),
    ),
    key_columns=(("policy", '"key"'),),
)  # fmt: skip


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the readings beside their controls."""
    from assets.charts.drawing import markdown_picture
    from assets.charts.navigation import readings

    rows = reader.table(manifest).to_pylist()
    shown: dict[str, Any] = {"success": manifest.facts["success"], "episodes": manifest.facts["episodes"]}
    for measure, title in (("area", "area under the ROC curve"), ("R2", "R2")):
        own = [row for row in rows if row["measure"] == measure]
        chart = readings(own, f"What is read from the memory of {manifest.key}: {title}")
        shown[title] = dg.MetadataValue.md(markdown_picture(chart))
    return shown


@lake_asset(
    group_name="navigation",
    partitions_def=NAV_POLICIES,
    tables=[AUDITS],
    reads=[one("mazes"), same("nav_policies")],
    settings=["navigation.seed", "navigation.audit_tasks", "navigation.held_out_tasks"],
    shows=show,
    is_wanted=only_when_asked,
    code_version="1",
    owners=["team:research"],
    pool="memory",
)
def nav_audits(build: Build, writer: Writer) -> None:
    """One row is a probe and what it was read from, of walks in held-out mazes."""
    reader, navigation = build.reader, build.settings.navigation
    policy = open_policy(reader, build.input("nav_policies"))
    walls = _distinct(walls_of(reader, reader.required("mazes"), HELD_OUT))
    cut = math.ceil(PROBE_MAZES * len(walls))
    if cut == len(walls):
        raise SettingError(
            f"nav_audits was asked for; navigation.held_out_mazes={navigation.held_out_mazes} gives "
            f"{len(walls)} different mazes, and probes are tested in others than they are fitted in; "
            "ask for 2 or more"
        )
    sides = [
        walk_tasks(policy, own, tasks(navigation.seed, own, n, stream=f"audit {name}"), navigation.seed)
        for name, own, n in (
            ("fit", walls[:cut], navigation.audit_tasks), ("test", walls[cut:], navigation.held_out_tasks),
        )
    ]  # fmt: skip
    rows = [
        dataclasses.asdict(found) for found in memory_readings(policy, sides[0], sides[1], navigation.seed)
    ]
    for row in rows:
        row["value"] = None if math.isnan(row["value"]) else row["value"]
    writer.table(pa.Table.from_pylist(rows, AUDITS.schema))
    writer.facts |= {
        "success": float(np.mean([reached(walk) for walk in sides[1]])),
        "episodes": len(sides[1]),
    }


def _distinct(walls: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out mazes that came before: of small ones there are few, and no maze may be on both sides."""
    _, first = np.unique(walls.reshape(len(walls), -1), axis=0, return_index=True)
    return walls[np.sort(first)]

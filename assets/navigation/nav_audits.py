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
from assets.navigation.decoded_maps import COLUMNS, map_rows, map_strips, walks_to_show
from assets.navigation.mazes import walls_of
from assets.navigation.nav_policies import open_policy
from guyot.errors import SettingError
from guyot.navigation.mazes import distinct
from guyot.navigation.tasks import tasks
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.navigation.decoded_maps import decoded_maps
from resources.navigation.episodes import HELD_OUT, reached
from resources.navigation.memory_length import success_by_memory
from resources.navigation.memory_readings import TRAINED, Reading, memory_readings
from resources.navigation.policies import Policy
from resources.navigation.policy_walks import walk_tasks
from resources.navigation.read_moments import read_moments
from resources.navigation_settings import NavigationSettings

TITLES = {
    "area": "area under the ROC curve", "R2": "R2", "cells": "cells from the truth, fewer are better",
    "success": "success by the observations remembered",
}  # fmt: skip
PROBE_MAZES = 0.6  # share of the held-out mazes that probes are fitted in; they are tested in the others
AUDITS = TableSpec(
    "nav_audits",
    "a probe of a policy, read from its memory or from a control",
    (
        ColumnSpec(
            "probe", pa.string(),
            "what is read: occupancy of a mask's cells, a collision, a place, apart on excursions and on the "
            "way; or how many observations are remembered",
        ),
        ColumnSpec(
            "features", pa.string(),
            "trained: the memory; untrained: that of a network with drawn weights on the same walks; "
            "observation: what it senses at the moment; shuffled: memories of other moments",
        ),
        ColumnSpec(
            "measure", pa.string(),
            "area: under the ROC curve, 0.5 by chance; R2: at most 1; cells: how far from the truth on "
            "average, less is better; success: share of tasks",
        ),
        ColumnSpec("value", pa.float64(), "in mazes that the probe was not fitted in; null: no value"),
        ColumnSpec("n", pa.int64(), "moments, cells or tasks that it was tested at"),
    ),
    key_columns=(("policy", '"key"'),),
)  # fmt: skip
MAPS = TableSpec(
    "decoded_maps",
    "a moment of a walk in a held-out maze",
    COLUMNS,
    file="decoded_maps.parquet",
    key_columns=(("policy", '"key"'),),
)
RECALLED_TASKS = 200  # of the held-out ones, walked with each length of memory


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the readings beside their controls, and walks with what was read on the way."""
    from assets.charts.drawing import markdown_picture
    from assets.charts.navigation import readings

    rows = reader.table(manifest).to_pylist()
    shown: dict[str, Any] = {"success": manifest.facts["success"], "episodes": manifest.facts["episodes"]}
    for measure, title in TITLES.items():
        own = [row for row in rows if row["measure"] == measure]
        if own:
            chart = readings(own, f"What is read from the memory of {manifest.key}: {title}")
            shown[title] = dg.MetadataValue.md(markdown_picture(chart))
    read = reader.table(manifest, MAPS.file).to_pylist()
    strips = [f"![walls as they are and as they are read]({uri})" for uri in map_strips(read)]
    return shown | (
        {"walks, and what is read on the way": dg.MetadataValue.md("\n\n".join(strips))} if strips else {}
    )


@lake_asset(
    group_name="navigation",
    partitions_def=NAV_POLICIES,
    tables=[AUDITS, MAPS],
    reads=[one("mazes"), same("nav_policies")],
    settings=["navigation.seed", "navigation.audit_tasks", "navigation.held_out_tasks"],
    shows=show,
    is_wanted=only_when_asked,
    code_version="2",
    owners=["team:research"],
    pool="memory",
)
def nav_audits(build: Build, writer: Writer) -> None:
    """One row is a probe and what it was read from, of walks in held-out mazes."""
    reader, navigation = build.reader, build.settings.navigation
    policy = open_policy(reader, build.input("nav_policies"))
    walls = distinct(walls_of(reader, reader.required("mazes"), HELD_OUT))
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
    found = memory_readings(policy, sides[0], sides[1], navigation.seed)
    rows = [dataclasses.asdict(one) for one in (*found, *_recalled(policy, walls[cut:], navigation))]
    for row in rows:
        row["value"] = None if math.isnan(row["value"]) else row["value"]
    writer.table(pa.Table.from_pylist(rows, AUDITS.schema))
    learnt = read_moments(policy, sides[0], navigation.seed)
    maps = decoded_maps(policy, learnt, walks_to_show(sides[1]), navigation.seed)
    writer.table(map_rows(maps), MAPS.file)
    writer.facts |= {
        "success": float(np.mean([reached(walk) for walk in sides[1]])),
        "episodes": len(sides[1]),
    }


def _recalled(policy: Policy, walls: NDArray[np.bool_], navigation: NavigationSettings) -> list[Reading]:
    """Walk tasks with a memory that is cut short."""
    n = min(RECALLED_TASKS, navigation.held_out_tasks)
    asked = tasks(navigation.seed, walls, n, stream="recalled")
    return [
        Reading(
            f"the last {n_seen} observations" if n_seen else "all observations", TRAINED, "success",
            float(success.mean()), len(success),
        )
        for n_seen, success in success_by_memory(policy, walls, asked, navigation.seed).items()
    ]  # fmt: skip

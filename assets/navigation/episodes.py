"""Episodes: what a policy did, task by task, as `guyot episodes` writes it into a folder that is a source."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import only_when_asked
from assets.graph.partitions import NAV_POLICIES
from assets.graph.reader import TableReader
from assets.graph.reads import one, same
from assets.graph.tables import ColumnSpec, TableSpec
from assets.navigation.mazes import walls_of
from assets.navigation.nav_policies import open_policy
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.navigation.episodes import (
    EPISODE_COLUMNS,
    HELD_OUT,
    TRAIN,
    corpus_tasks,
    episodes_of,
    held_out_tasks,
)

EPISODES = TableSpec(
    "episodes",
    "an episode",
    tuple(ColumnSpec(*column) for column in EPISODE_COLUMNS if column[0] != "policy"),
    key_columns=(("policy", '"key"'),),
)


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Count the episodes, and those that reached their goal in held-out mazes."""
    table = reader.table(manifest, columns=["split", "success", "task"])
    rows = table.to_pylist()
    reached = [row["success"] for row in rows if row["split"] == HELD_OUT]
    shown: dict[str, Any] = {"episodes": len(rows), "tasks": len({row["task"] for row in rows})}
    return shown | ({"success in held-out mazes": sum(reached) / len(reached)} if reached else {})


@lake_asset(
    group_name="navigation",
    partitions_def=NAV_POLICIES,
    tables=[EPISODES],
    reads=[one("mazes"), same("nav_policies")],
    settings=[
        "navigation.seed", "navigation.single_tasks", "navigation.repeated_tasks", "navigation.task_repeats",
        "navigation.held_out_tasks",
    ],
    shows=show,
    is_wanted=only_when_asked,
    code_version="1",
)  # fmt: skip
def episodes(build: Build, writer: Writer) -> None:
    """One row is an episode: its walk as text, and what is known of it."""
    reader, navigation = build.reader, build.settings.navigation
    policy = open_policy(reader, build.input("nav_policies"))
    drawn = {TRAIN: corpus_tasks, HELD_OUT: held_out_tasks}
    tables: list[pa.Table] = []
    for split, tasks_of in drawn.items():
        walls = walls_of(reader, reader.required("mazes"), split)
        asked = tasks_of(walls, navigation)
        tables.append(episodes_of(policy, build.key, walls, asked, split, navigation.seed))
    writer.table(pa.concat_tables(tables).drop_columns(["policy"]))

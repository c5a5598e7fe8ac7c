"""Navigation policies: agents that sense their own motion alone, and learn to reach a goal."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.lake import LakeResources, only_when_asked
from assets.graph.partitions import NAV_POLICIES
from assets.graph.reader import TableReader
from assets.graph.reads import one
from assets.graph.tables import ColumnSpec, TableSpec
from assets.navigation.mazes import walls_of
from guyot.identity import fingerprint
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.navigation.episodes import TRAIN
from resources.navigation.named_policies import named_policy
from resources.navigation.policies import CONFIG, WEIGHTS, Policy, policy_files, policy_of
from resources.navigation.policy_training import train_policy
from resources.progress import WorkProgress

CURVES = TableSpec(
    "nav_policies",
    "an update of a policy's learning",
    (
        ColumnSpec("steps", pa.int64(), "actions of all agents up to its end"),
        ColumnSpec("loss", pa.float64(), "mean of its minibatches, of imitation or of reward"),
        ColumnSpec("episodes", pa.int64(), "that ended in it"),
        ColumnSpec("success", pa.float64(), "share of them that reached their goal; null where none ended"),
        ColumnSpec("spl", pa.float64(), "mean success weighted by path length; null where none ended"),
        ColumnSpec("phase", pa.string(), "imitation or reward"),
        ColumnSpec("level", pa.int64(), "of the curriculum, from 0"),
    ),
    key_columns=(("policy", '"key"'),),
)


def settings_of_policy(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return all that determines a policy beside its mazes."""
    return {"policy": named_policy(key, lake.settings.navigation).as_json()}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Draw the learning curve."""
    from assets.charts.drawing import markdown_picture
    from assets.charts.navigation import learning_curve

    rows = reader.table(manifest).to_pylist()
    shown = {name: manifest.facts[name] for name in ("success", "spl", "seconds")}
    return shown | {
        "learning curve": dg.MetadataValue.md(markdown_picture(learning_curve(rows, manifest.key)))
    }


@lake_asset(
    group_name="navigation",
    partitions_def=NAV_POLICIES,
    tables=[CURVES],
    reads=[one("mazes")],
    settings_of=settings_of_policy,
    shows=show,
    is_wanted=only_when_asked,
    is_resumable=True,
    code_version="1",
    kinds=["pytorch"],
    owners=["team:research"],
)
def nav_policies(build: Build, writer: Writer) -> None:
    """One row is an update; beside the curve lies the policy's folder: config.json and model.safetensors."""
    settings = named_policy(build.key, build.settings.navigation)
    walls = walls_of(build.reader, build.reader.required("mazes"), TRAIN)
    steps = settings.n_updates * settings.steps_per_update
    progress = WorkProgress(f"nav_policies {build.key}", steps, "steps")
    trained = train_policy(walls, settings, saved=build.saved_checkpoints, progress=progress.at)
    rows = [
        {
            "steps": point.steps, "loss": point.loss, "episodes": point.episodes, "level": point.level,
            "success": point.success if point.episodes else None,
            "spl": point.spl if point.episodes else None,
            "phase": "imitation" if settings.imitates(number) else "reward",
        }
        for number, point in enumerate(trained.curve)
    ]  # fmt: skip
    writer.table(pa.Table.from_pylist(rows, CURVES.schema))
    for name, content in policy_files(trained).items():
        with writer.file(name) as file:
            file.write(content)
    last = [row for row in rows if row["episodes"]][-10:]
    writer.facts |= {
        name: float(np.mean([row[name] for row in last])) if last else 0.0 for name in ("success", "spl")
    }
    writer.facts["seconds"] = round(trained.seconds, 1)
    # the facts hold a time, and another torch may give other weights under the same version
    writer.content = fingerprint([hashlib.blake2b(trained.weights, digest_size=16).hexdigest(), rows])


def open_policy(reader: TableReader, manifest: Manifest, device: str = "cpu") -> Policy:
    """Load the policy of a version."""
    config = json.loads(reader.checked(manifest, CONFIG))
    return policy_of(config, reader.checked(manifest, WEIGHTS), device)

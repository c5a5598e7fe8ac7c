"""Map probes: what is read of an agent's map when the episodes that a probe learns from are pruned.

A policy is led along the episodes that each recipe keeps, a probe of occupancy is fitted to what its memory
then holds, and tested in held-out mazes. Each probe has as many updates, so that fewer episodes mean more
repeats and not less fitting.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.audit.inputs import mixtures_under_audit
from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import SortedIds, id_bits, ids_of
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.reads import named, one
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.navigation.decoded_maps import COLUMNS, map_rows, walks_to_show
from guyot.audit.maps.occupancy import MASKS, occupancy
from guyot.errors import SettingError
from guyot.navigation.walks import Walk, parse_walk
from guyot.seeds import draw_sample
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.models.reproducibility import deterministic
from resources.navigation.decoded_maps import decoded_maps
from resources.navigation.episode_encoder import policy_folder, policy_id
from resources.navigation.policies import load_policy
from resources.navigation.read_moments import read_moments
from resources.progress import WorkProgress
from resources.setting_groups import EPISODE

UPDATES = 288
_SETTING = "navigation.policy"
PROBES = TableSpec(
    "map_probes",
    "a recipe, and cells of one mask",
    (
        ColumnSpec("recipe", pa.string(), "whose episodes the probe was fitted to"),
        ColumnSpec("mask", pa.string(), "explored, old or near: which cells, as nav_audits has them"),
        ColumnSpec(
            "area", pa.float64(), "under the ROC curve, mean over cells; null where none can be judged"
        ),
        ColumnSpec("balanced_accuracy", pa.float64(), "of all cells together; null where there are none"),
        ColumnSpec("episodes", pa.int64(), "that it was fitted to, of the sample"),
        ColumnSpec("mazes", pa.int64(), "different mazes among them"),
        ColumnSpec("n", pa.int64(), "cells of moments in held-out mazes that it was tested at"),
    ),
    documents=(EPISODE,),
)
MAPS = TableSpec(
    "probed_maps",
    "a moment of a walk in a held-out maze, read by a probe of all sampled training episodes",
    COLUMNS,
    file="probed_maps.parquet",
    documents=(EPISODE,),
)
_ADVICE = "reading.split_column=split says which are held out of those that guyot episodes writes"


def policy_is_named(lake: LakeResources) -> bool:
    """Return whether the settings name a policy: nobody else has a memory to be read."""
    return bool(lake.settings.navigation.policy.strip())


def policy_settings(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the policy; nothing where none is named."""
    name = lake.settings.navigation.policy.strip()
    return {"policy": policy_id(policy_folder(name, _SETTING)) if name else ""}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show the areas of each recipe."""
    lines = ["| recipe | episodes | mazes | " + " | ".join(MASKS) + " |", "| --- " + "| ---: " * 5 + "|"]
    rows = reader.table(manifest).to_pylist()
    for recipe in dict.fromkeys(row["recipe"] for row in rows):
        own = {row["mask"]: row for row in rows if row["recipe"] == recipe}
        first = next(iter(own.values()))
        areas = " | ".join("" if own[m]["area"] is None else f"{own[m]['area']:.3f}" for m in MASKS)
        lines.append(f"| {recipe} | {first['episodes']:,} | {first['mazes']:,} | {areas} |")
    return {"area under the ROC curve": dg.MetadataValue.md("\n".join(lines)), **manifest.facts["counts"]}


@lake_asset(
    group_name="audit",
    tables=[PROBES, MAPS],
    reads=[one("cluster_scores", is_input=False), named("pruned_mixtures"), named("raw_shards")],
    inputs=mixtures_under_audit.inputs,
    settings=("audit.map_probe_sample_size", "seed"),
    settings_of=policy_settings,
    shows=show,
    is_wanted=policy_is_named,
    documents=(EPISODE,),
    code_version="2",
    pool="memory",
)
def map_probes(build: Build, writer: Writer) -> None:
    """One row is a recipe and a mask: how well a probe that learnt from what is kept reads other mazes."""
    reader, seed = build.reader, build.settings.seed
    if not policy_is_named(build.lake):
        raise SettingError("map_probes was asked for; name the folder of a policy by navigation.policy")
    policy = load_policy(policy_folder(build.settings.navigation.policy.strip(), _SETTING))
    ids, train, test, shared = _walks(build)
    learnt, tested = (read_moments(policy, walks, seed) for walks in (train, test))
    known, rows = SortedIds.of(ids), []
    recipes = mixtures_under_audit.mixtures(reader)
    progress = WorkProgress("map_probes", len(recipes), "recipes")
    with deterministic(1):
        for recipe, mixture in recipes.items():
            kept = _kept(reader, mixture, known)
            own = learnt.of(kept)
            found = occupancy(
                own.features, own.seen, tested.features, tested.seen, seed=seed, updates=UPDATES
            )
            mazes = {train[row].walls.tobytes() for row in np.flatnonzero(kept)}
            counts = {"episodes": int(kept.sum()), "mazes": len(mazes)}
            rows += [
                {
                    "recipe": recipe, "mask": mask, "area": _or_none(one_of.mean_area), "n": one_of.n,
                    "balanced_accuracy": _or_none(one_of.balanced_accuracy), **counts,
                }
                for mask, one_of in found.items()
            ]  # fmt: skip
            progress.advance()
    writer.table(pa.Table.from_pylist(rows, PROBES.schema))
    maps = decoded_maps(policy, learnt, walks_to_show(test), seed, UPDATES)
    writer.table(map_rows(maps), MAPS.file)
    writer.facts["counts"] = {"held-out episodes": len(test), "left out, in a maze of training": shared}


def _walks(build: Build) -> tuple[NDArray[np.bytes_], list[Walk], list[Walk], int]:
    """Read a sample of the training episodes, with their ids in order, and held-out ones in other mazes."""
    snapshot = snapshot_of(build.reader.required("cluster_scores"))
    table = snapshot.table(build.reader, "raw_shards", ["doc_id", "split"])
    is_train = pc.equal(table["split"], "train").to_numpy()
    every, size = ids_of(table["doc_id"]), build.settings.audit.map_probe_sample_size
    sampled, walks = list[NDArray[np.bytes_]](), list[list[Walk]]()
    for ids, label in ((every[is_train], "map-probes"), (every[~is_train], "map-probe-tests")):
        sampled.append(np.sort(ids[draw_sample(build.settings.seed, label, id_bits(ids), size)]))
        texts = snapshot.contents(build.reader, sampled[-1])
        walks.append([parse_walk(texts[one]) for one in sampled[-1].tolist()])
    train, held_out = walks
    mazes = {walk.walls.tobytes() for walk in train}
    test = [walk for walk in held_out if walk.walls.tobytes() not in mazes]
    if not test or not train:
        raise SettingError(
            f"map_probes was asked for; {len(test):,} of {len(held_out):,} held-out episodes are in mazes "
            f"that none of the {len(train):,} training episodes is in; {_ADVICE}"
        )
    return sampled[0], train, test, len(held_out) - len(test)


def _kept(reader: TableReader, mixture: Manifest, known: SortedIds) -> NDArray[np.bool_]:
    """Return which of the known episodes a mixture keeps."""
    kept = np.zeros(len(known.ids), bool)
    for batch in reader.batches(mixture, ["doc_id", "kept"], 65_536):
        at = known.positions(ids_of(batch["doc_id"]))
        kept[at[at >= 0]] = batch["kept"].to_numpy(zero_copy_only=False)[at >= 0]
    return kept


def _or_none(value: float) -> float | None:
    """Return nan as null."""
    return None if np.isnan(value) else value

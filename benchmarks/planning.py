"""How long `guyot run` takes where nothing is to be done, by the number of shards.

    python benchmarks/planning.py [--shards 1000 20000] [--folder kept]

A lake of four shards is built by the real graph. Then the source gets as many files as shards are asked for,
the registry looks at them, and every partition of the other assets gets the manifest that a build would have
written: inputs and settings by the asset's own declaration, files and facts of a real shard. What is measured
is the command, in a process of its own, with imports and all.
"""

import argparse
import dataclasses
import json
import os
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assets.graph import discover, plan
from assets.graph.asset import LakeAsset
from assets.graph.build_spec import BuildSpec
from assets.graph.lake import LakeResources
from assets.graph.snapshot import tables
from benchmarks.measuring.child import Limits
from benchmarks.measuring.child import run as run_measured
from jobs.materialize import materialize_stale
from resources.lake.manifest import MANIFEST, Manifest
from resources.setting_names import variable
from resources.settings import Settings

N_REAL, UNTIL = 4, "epoch_schedules"
SETTINGS = {"encoder": "hashing", "reading.shard_bytes": 1, "tokenization.vocabulary_size": 300}
LIMITS = Limits(20 << 30, 3600.0)


def main() -> None:
    """Make a lake, let it grow, and measure the command at each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shards", type=int, nargs="+", default=[1000, 20_000])
    parser.add_argument("--repetitions", type=int, default=2)
    parser.add_argument("--folder", help="where the lake is kept; by default it is removed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(asked.folder or name)
        folder.mkdir(exist_ok=True)
        settings = Settings.of(lake=str(folder / "lake"), source=str(folder / "source"), **SETTINGS)
        write_source(folder / "source", N_REAL)
        if not (folder / "lake").exists():
            materialize_stale(settings, None, UNTIL)
        real = {one.name: plan.keys(one, LakeResources(settings)) for one in discover.assets().values()}
        for n_shards in asked.shards:
            grow(settings, folder / "source", n_shards, real)
            for _ in range(1 + asked.repetitions):  # the first reads each manifest, and compacts them
                measure(settings, folder, n_shards)


def write_source(source: Path, n_files: int) -> None:
    """Write a file for each shard that has none yet."""
    source.mkdir(exist_ok=True)
    for number in range(n_files):
        path = source / f"file{number:06d}.jsonl"
        if not path.exists():
            lines = [{"text": f"file {number} text {line} of some words " * 5} for line in range(5)]
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def grow(settings: Settings, source: Path, n_shards: int, real: dict[str, list[str]]) -> None:
    """Give a lake as many shards, all of them live in every asset."""
    write_source(source, n_shards)
    materialize_stale(settings, None, plan.REGISTRY)
    lake = LakeResources(settings)
    snapshot: dict[str, dict[str, str]] = {shard: {} for shard in lake.shards()}
    for asset in plan.until(UNTIL):
        specs = asset.specs(lake, plan.keys(asset, lake))
        like = template(lake, asset, real[asset.name])
        for key, spec in specs.items() if like else ():
            facts = {**like[key if key in like else next(iter(like))].facts}
            facts |= {"snapshot": snapshot} if "snapshot" in facts else {}
            put(lake, like.get(key) or next(iter(like.values())), spec.version, key, spec, facts)
            if asset.is_per_shard and asset.name in tables(lake):
                snapshot[key][asset.name] = spec.version


def template(lake: LakeResources, asset: LakeAsset, keys: list[str]) -> dict[str, Manifest]:
    """Return the live manifests of the real partitions."""
    found = {key: lake.store.current(asset.name, key) for key in keys}
    return {key: manifest for key, manifest in found.items() if manifest is not None}


def put(
    lake: LakeResources, like: Manifest, version: str, key: str, spec: BuildSpec, facts: dict[str, Any]
) -> None:
    """Write a version with the files of another, as links."""
    folder = Path(lake.store.path(like.table, key, version))
    if (folder / MANIFEST).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in like.files:
        os.link(lake.store.file(like, name), folder / name)
    made = dataclasses.replace(
        like, key=key, version=version, content=f"{like.content}{key}", facts=facts,
        inputs=dict(spec.inputs), settings=dict(spec.settings), code=spec.code,
    )  # fmt: skip
    (folder / MANIFEST).write_text(made.text)
    (folder.parent / "current").write_text(version)


def measure(settings: Settings, folder: Path, n_shards: int) -> None:
    """Run the command, and print what it took."""
    given = settings.model_dump()
    variables = [f"{variable(name)}={value}" for name, value in SETTINGS.items()]
    program = str(Path(sysconfig.get_path("scripts")) / "guyot")
    places = ["--source", given["source"], "--lake", given["lake"]]
    command = ["env", *variables, program, "run", "--until", UNTIL, *places]
    done = run_measured(command, folder / "log", LIMITS)
    said = "nothing to do" if "up to date" in (folder / "log").read_text() else "SOMETHING WAS DONE"
    print(  # noqa: T201
        f"{n_shards:,} shards: {done.wall_seconds:.1f} s, {done.core_seconds:.1f} core-seconds, "
        f"{done.peak_bytes / 2**30:.2f} GiB; {said} {done.failure}",
        flush=True,
    )


if __name__ == "__main__":
    main()

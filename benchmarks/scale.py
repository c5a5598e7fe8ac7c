"""How long scores and mixtures of millions of documents take by how many workers, and what follows for more.

    .venv/bin/python benchmarks/scale.py [--documents 1000000 10000000] [--ways threads:1 threads:2 ray:2]

For each size a lake of synthetic vectors, in whose clusters near-copies are planted, then each step by the
assets' own functions in a process of its own, once for each way: an engine and its workers. `threads:1` has
one core to itself; `ray:2` is a cluster on this machine, of as many nodes of one processor each. What is
measured is printed as it comes and kept as JSON; then `benchmarks.scaling.report` fits the work of each step
and says what larger corpora would take.

To tell the terms of the work apart, the smallest size is also assigned to, and scored in, other numbers of
clusters (`--clusters`).
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click
import numpy as np
from mixtures import COPIES, link, with_copies
from planted import Planted, found_of, plant
from synthetic_lake import Shape, Synthetic, build_lake

from assets.graph.doc_ids import ids_of
from benchmarks.measuring.environments import ROOT
from benchmarks.measuring.machine import describe
from benchmarks.scaling.report import page

DECAY = 0.375  # of the deviation along the directions
MAPPED = ("cluster_assignments", "cluster_scores", "pruned_mixtures")
LIMIT_SECONDS = 7200.0
Rows = list[dict[str, Any]]


def main() -> None:
    """Measure all sizes and ways, and print what follows."""
    parser = argparse.ArgumentParser(description="Scores and mixtures of millions of documents")
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument(
        "--shard-documents", type=int, default=0, help="0: a tenth of the documents, at most 200,000"
    )
    parser.add_argument("--ways", nargs="+", default=["threads:1", "threads:2", "threads:4", "ray:2"])
    parser.add_argument("--clusters", type=int, nargs="*", default=[500, 2000, 12_000])
    parser.add_argument("--folder", type=Path, help="where lakes are made; by default it is removed")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "scale.json")
    parser.add_argument("--print", action="store_true", help="print the page of what was measured before")
    asked = parser.parse_args()
    if not asked.print:
        rows: Rows = []
        for documents in asked.documents:
            shard = asked.shard_documents or min(200_000, max(1, documents // 10))
            with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
                shape = Shape(documents, asked.width, shard)
                others = asked.clusters if documents == min(asked.documents) else []
                for row in measured(Path(folder), shape, asked.ways, others):
                    rows.append(row)
                    asked.output.parent.mkdir(parents=True, exist_ok=True)
                    asked.output.write_text(json.dumps({"machine": describe(), "rows": rows}, indent=1))
    click.echo(page(json.loads(asked.output.read_text())))


def measured(folder: Path, shape: Shape, ways: list[str], clusters: list[int]) -> Iterator[dict[str, Any]]:
    """Make a lake, and measure each step in each way, and with other numbers of clusters."""
    planted, copy_of = with_copies(plant(shape, DECAY))
    synthetic = build_lake(folder / "lake", shape, planted.vectors, copy_of)
    click.echo(f"{shape.documents:,} documents are laid out")
    for number, way in enumerate(ways):
        with way_settings(way) as settings:
            for step in ("centroids", *MAPPED) if number == 0 else MAPPED:
                yield one(folder, shape, step, way, settings)
                if step == "cluster_scores" and number == 0:
                    click.echo(f"  recall of planted pairs {recall(synthetic, planted, shape):.4f}")
                    link(synthetic, copies_of(synthetic, planted, shape))
    for n_clusters in clusters:
        chosen = {"clustering.n_clusters": n_clusters}
        for step in ("centroids", *MAPPED[:2]):
            row = one(folder, shape, step, "threads:2", {"threads": 2, **chosen})
            yield {**row, "clusters": n_clusters}


def one(folder: Path, shape: Shape, step: str, way: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Run a step in a process of its own; print and return what it took."""
    numbers = f"{shape.documents},{shape.width},{shape.shard_documents}"
    program = [sys.executable, "-m", "benchmarks.scaling.step"]
    command = [*program, str(folder / "lake"), numbers, step, json.dumps(settings)]
    load = os.getloadavg()[0]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=LIMIT_SECONDS
    )
    cost = json.loads(done.stdout.splitlines()[-1])
    click.echo(
        f"  {step:20} {way:10} {cost['seconds']:8.1f} s {cost['core_seconds']:8.1f} core-s"
        f" {cost['peak_bytes'] / 1e9:.2f} GB, {cost['anonymous_bytes'] / 1e9:.2f} of no file, load {load:.0f}"
    )
    return {
        "documents": shape.documents,
        "width": shape.width,
        "step": step,
        "way": way,
        "load": load,
        **cost,
    }


@contextlib.contextmanager
def way_settings(way: str) -> Iterator[dict[str, Any]]:
    """Give the settings of a way, such as threads:2; run a cluster meanwhile for ray:2."""
    engine, _, number = way.partition(":")
    if engine == "threads":
        yield {"threads": int(number)}
        return
    import ray
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    small = {"object_store_memory": 1 << 30, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
    try:
        for node in range(int(number)):  # each unpacks code in a folder of its own
            folder = f"runtime_resources_{node}"
            cluster.add_node(num_cpus=1, object_store_memory=1 << 30, runtime_env_dir_name=folder)
        time.sleep(3)
        yield {"engine": f"ray://{cluster.address}"}
    finally:
        ray.shutdown()
        cluster.shutdown()


def recall(synthetic: Synthetic, planted: Planted, shape: Shape) -> float:
    """Return the share of planted pairs that lose one."""
    return float(np.nanmean(found_of(synthetic, planted, shape)))


def copies_of(synthetic: Synthetic, planted: Planted, shape: Shape) -> np.ndarray[Any, Any]:
    """Return the doc_ids of the pairs that are copies: S32[p, 2]."""
    store, same = synthetic.lake.store, planted.meant == COPIES
    ids = np.concatenate(
        [
            ids_of(store.table(store.required("raw_shards", s), columns=["doc_id"])["doc_id"])
            for s in shape.shards
        ]
    )
    return np.stack([ids[planted.one[same]], ids[planted.other[same]]], axis=1)


if __name__ == "__main__":
    main()

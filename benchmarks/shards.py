"""How long a backfill of many small shards takes, and what it leaves in the event log.

    .venv/bin/python benchmarks/shards.py [SHARDS] [--per-partition 16]

A corpus of one small file per shard is ingested in one run by each of the assets of shards, with the hashing
encoder, so that what is measured is the graph and not the reading: seconds and bytes per shard.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

DOCUMENTS = 20
SETTINGS = {
    "encoder": "hashing",
    "tokenization.vocabulary_size": 300,
    "reading.shard_bytes": 1,
    "clustering.n_clusters": 16,
}


def main() -> None:
    """Measure, and print a JSON object per step."""
    parser = argparse.ArgumentParser(description="A backfill of many small shards")
    parser.add_argument("shards", type=int, nargs="?", default=1000)
    parser.add_argument("--per-partition", type=int, default=0, help="shards of a partition of Dagster's")
    asked = parser.parse_args()
    shards = asked.shards
    sys.path.insert(0, os.getcwd())
    with tempfile.TemporaryDirectory() as folder:
        source, lake = Path(folder) / "source", Path(folder) / "lake"
        write(source, shards)
        from assets.graph.lake import LakeResources
        from assets.graph.plan import stale_shards
        from jobs.materialize import backfill
        from resources.settings import Settings

        settings = Settings.of(lake=str(lake), source=str(source), **SETTINGS).changed(
            automation__shards_per_partition=asked.per_partition
        )
        steps = (
            "shard_registry", "raw_shards", "tokenizer", "quality_signals", "minhash_signatures",
            "embeddings", "centroids", "cluster_assignments", "look", "again",
        )  # fmt: skip
        before = 0
        for step in steps:
            begun, cpu = time.perf_counter(), time.process_time()
            if step == "look":  # as the sensor does
                stale_shards(LakeResources(settings))
            else:
                backfill(settings, [step] if step != "again" else [], [])
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
            log = bytes_of(lake / ".dagster")
            told = {
                "step": step, "shards": shards, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
                "ms_per_shard": round(1000 * seconds / shards, 1),
                "log_bytes_per_shard": (log - before) // shards,
            }  # fmt: skip
            print(json.dumps(told), flush=True)  # noqa: T201
            before = log


def write(source: Path, shards: int) -> None:
    """Write a file of a few documents per shard."""
    source.mkdir(parents=True)
    for shard in range(shards):
        rows = (
            json.dumps({"id": i, "text": f"document {i} of {shard} says {i * shard} " * 5})
            for i in range(DOCUMENTS)
        )
        (source / f"{shard:05d}.jsonl").write_text("\n".join(rows))


def bytes_of(folder: Path) -> int:
    """Count the bytes of the files under a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()

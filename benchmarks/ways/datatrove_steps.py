"""datatrove's four steps of MinHash on this machine, from JSON lines to JSON lines, two processes where it
can.
"""

import sys
from pathlib import Path

import numpy as np
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

from benchmarks.ways.stopwatch import documents_of, work

TASKS = 2


def split(documents: Path, folder: Path) -> None:
    """Cut the input into a file for each task."""
    folder.mkdir()
    lines = documents.read_text(encoding="utf-8").split("\n")[:-1]
    for task in range(TASKS):
        some = lines[task * len(lines) // TASKS : (task + 1) * len(lines) // TASKS]
        (folder / f"{task}.jsonl").write_text("\n".join(some) + "\n", encoding="utf-8")


def steps(folder: Path, config: MinhashConfig) -> None:
    """Run the steps one after another."""
    reader = JsonlReader(str(folder / "input"))
    signatures, buckets, gone = (str(folder / name) for name in ("signatures", "buckets", "gone"))
    pipelines = [
        ([reader, MinhashDedupSignature(signatures, config=config)], TASKS),
        (
            [MinhashDedupBuckets(signatures, buckets, config=config, only_dedup_in_index=False)],
            config.num_buckets,
        ),
        ([MinhashDedupCluster(buckets, gone, config=config)], 1),
        ([reader, MinhashDedupFilter(gone), JsonlWriter(str(folder / "kept"), compression=None)], TASKS),
    ]
    for number, (pipeline, tasks) in enumerate(pipelines):
        workers = min(tasks, TASKS)
        logs = str(folder / f"logs{number}")
        # a fork server's processes are not children of this one, so their time would be lost
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=workers, logging_dir=logs, start_method="fork"
        ).run()


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:3])
    config = MinhashConfig(n_grams=5, num_buckets=int(sys.argv[3]), hashes_per_bucket=int(sys.argv[4]))
    split(source / "documents.jsonl", output / "input")
    with work(output, "datatrove", "spacy", "numpy"):
        steps(output, config)
    ids = {one["id"] for file in (output / "kept").rglob("*.jsonl") for one in documents_of(file)}
    every = [document["id"] for document in documents_of(source / "documents.jsonl")]
    np.save(output / "dropped.npy", np.array([one not in ids for one in every]))

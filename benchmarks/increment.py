"""What an increment of the scores costs, beside a full rebuild: CPU time of this process, all threads.

A lake of synthetic embeddings is built through the store and the assets' own functions. Then one shard
with a hundredth more documents is added, and cluster_scores is made twice: from the scores before, and
from nothing. The charts that the asset draws for the UI cost the same for both and are left out.

    .venv/bin/python benchmarks/increment.py --documents 200000
"""

import argparse
import dataclasses
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster.scoring.comparison_lists import ALL_PAIRS, PER_CLUSTER
from assets.cluster.scoring.scored_documents import CLUSTERS
from assets.graph import discover
from assets.graph.build import Built, build_partition, tasks
from assets.graph.lake import LakeResources
from assets.ingest import shard_registry
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import ROWS, WHOLE, Manifest
from resources.settings import Settings
from resources.sources.registry import Entry, table_of
from resources.sources.scan import Listing

NEAR_DUPLICATES = 0.05  # share of documents that are a slightly changed copy of another
SPREAD = 0.9  # length of the noise about a topic's centre, whose length is 1
UNEVEN = 0.5  # deviation of the logarithm of the topics' sizes


@dataclasses.dataclass(frozen=True)
class Shape:
    """How large the lake is: documents before the increment, in all shards together and in each."""

    documents: int
    width: int
    shard_documents: int

    @property
    def added(self) -> int:
        """Documents of the increment: a hundredth."""
        return max(1, self.documents // 100)


@dataclasses.dataclass(frozen=True)
class Repetition:
    """CPU seconds of one repetition, and whether both ways wrote the same bytes."""

    rebuild: float
    increment: float
    assign_added: float
    equal: bool


def synthetic_vectors(shape: Shape) -> NDArray[np.float16]:
    """Draw topics of uneven size, documents about them, and near-duplicates of some."""
    n = shape.documents + shape.added
    draw = generator(0, "increment", n, shape.width)
    n_topics = max(1, round(n**0.5))
    centres = draw.standard_normal((n_topics, shape.width), np.float32)
    centres /= np.linalg.norm(centres, axis=1)[:, None]
    weights = np.exp(draw.standard_normal(n_topics) * UNEVEN)
    topic = draw.choice(n_topics, n, p=weights / weights.sum())
    noise = draw.standard_normal((n, shape.width), np.float32) * np.float32(shape.width**-0.5)
    rows = centres[topic] + SPREAD * noise
    copies = np.flatnonzero(draw.random(n) < NEAR_DUPLICATES)
    rows[copies] = rows[draw.integers(0, n, len(copies))] + 0.1 * noise[copies]
    return np.concatenate([unit_float16(rows[begin : begin + 8192]) for begin in range(0, n, 8192)])


@dataclasses.dataclass(frozen=True)
class Synthetic:
    """The lake of the benchmark, and the registry before and after the increment."""

    lake: LakeResources
    before: Listing
    after: Listing

    def register(self, listing: Listing) -> None:
        """Make the files of a listing the live ones."""
        shard_registry.record(self.lake, listing)

    def build(self, asset: str, keys: Sequence[str] = (WHOLE,)) -> list[Built]:
        """Build partitions of an asset; those that the lake holds are reused."""
        declared = discover.asset(asset)
        return [build_partition(task) for task in tasks(declared, self.lake, declared.specs(self.lake, keys))]

    def assign(self) -> None:
        """Assign every shard that is not."""
        self.build("cluster_assignments", self.lake.shards())

    def score(self) -> Manifest:
        """Build cluster_scores."""
        self.build("cluster_scores")
        return self.lake.store.required("cluster_scores")

    def forget(self, table: str) -> None:
        """Remove a table, so that nothing is left to build upon."""
        shutil.rmtree(Path(self.lake.store.path(table)), ignore_errors=True)

    def bytes_of(self, manifest: Manifest) -> list[bytes]:
        """Read the tables of the scores."""
        return [self.lake.store.checked(manifest, name) for name in (ROWS, CLUSTERS.file)]


def ids_of(shape: Shape) -> list[str]:
    """Draw a doc_id for each vector."""
    digits = generator(0, "ids").bytes(16 * (shape.documents + shape.added)).hex()
    return [digits[begin : begin + 32] for begin in range(0, len(digits), 32)]


def build_lake(root: Path, shape: Shape, mode: str, vectors: NDArray[np.float16]) -> Synthetic:
    """Write a lake whose documents have vectors and centroids but no scores."""
    limit = 0 if mode == PER_CLUSTER else 10 * shape.documents
    settings = Settings.of(
        lake=str(root), source=str(root), encoder="hashing", clustering__all_pairs_max_documents=limit,
        clustering__points_per_cluster=64, clustering__iterations=10,
    )  # fmt: skip
    begins = [*range(0, shape.documents, shape.shard_documents), shape.documents]
    names = [f"shard-{number:05d}" for number in range(len(begins))]
    before, after = (_listing(files) for files in (names[:-1], names))
    synthetic = Synthetic(LakeResources(settings), before, after)
    synthetic.register(after)
    with synthetic.lake.store.write("tokenizer", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"token": ["a"], "id": [0]}))
    ids = ids_of(shape)
    for shard, begin, end in zip(names, begins, [*begins[1:], len(vectors)], strict=True):
        _write_shard(synthetic.lake, shard, ids[begin:end], vectors[begin:end])
    synthetic.register(before)  # the centroids are older than the increment
    synthetic.build("centroids")
    return synthetic


def _listing(shards: list[str]) -> Listing:
    """List a file per shard."""
    entry = Entry("file:///f", "f", "text", "f", "train", 1, "", "d", "", "", state="live")
    entries = [dataclasses.replace(entry, uri=f"file:///{s}", path=s, shard=s) for s in shards]
    return Listing(table_of(entries), {}, {})


def _write_shard(lake: LakeResources, shard: str, ids: list[str], vectors: NDArray[np.float16]) -> None:
    """Write what a shard's scores are made from, up to its vectors."""
    doc_ids = pa.table({"doc_id": ids})
    split = pa.array(["train"] * len(ids), pa.string())
    _write(lake, "raw_shards", shard, doc_ids.append_column("split", split))
    _write(lake, "quality_signals", shard, doc_ids)
    _write(lake, "embeddings", shard, doc_ids, vectors)


def _write(
    lake: LakeResources, table: str, shard: str, rows: pa.Table, vectors: NDArray[np.float16] | None = None
) -> None:
    """Write a version as if its asset had built it."""
    spec = discover.asset(table).spec(lake, shard)
    inputs, settings = dict(spec.inputs), dict(spec.settings)
    with lake.store.write(table, shard, inputs=inputs, settings=settings, code=spec.code) as writer:
        writer.table(rows)
        if vectors is not None:
            writer.vectors(vectors)


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def repeat(synthetic: Synthetic) -> Repetition:
    """Score the lake before, add the shard to it, and score it once more from nothing."""
    synthetic.forget("cluster_scores")
    synthetic.register(synthetic.before)
    synthetic.assign()
    synthetic.score()
    synthetic.register(synthetic.after)
    synthetic.forget(f"cluster_assignments/{synthetic.lake.shards()[-1]}")
    assign_added = timed(synthetic.assign)
    increment = timed(synthetic.score)
    incremented = synthetic.bytes_of(synthetic.score())
    synthetic.forget("cluster_scores")
    rebuild = timed(synthetic.score)
    equal = incremented == synthetic.bytes_of(synthetic.score())
    return Repetition(rebuild, increment, assign_added, equal)


def report(shape: Shape, mode: str, repetitions: int) -> list[Repetition]:
    """Build, measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        synthetic = build_lake(Path(folder) / "lake", shape, mode, synthetic_vectors(shape))
        assign_all = timed(synthetic.assign)
        found = [repeat(synthetic) for _ in range(repetitions)]
        store = synthetic.lake.store
        sizes = store.table(store.required("cluster_scores"), CLUSTERS.file)["size"]
    size = np.sort(sizes.to_numpy())
    click.echo(f"{shape.documents} documents and {shape.added} more, width {shape.width}, {mode}")
    click.echo(f"{len(size)} clusters of {size[0]} to {size[-1]}, median {size[len(size) // 2]}")
    for name, values in (
        ("rebuild, CPU s", [f.rebuild for f in found]),
        ("increment, CPU s", [f.increment for f in found]),
        ("increment / rebuild", [f.increment / f.rebuild for f in found]),
        (
            "with assignments, increment / rebuild",
            [(f.increment + f.assign_added) / (f.rebuild + assign_all + f.assign_added) for f in found],
        ),
    ):
        low, middle, high = min(values), statistics.median(values), max(values)
        click.echo(f"{name:40s} median {middle:.4f}, from {low:.4f} to {high:.4f}, n={len(values)}")
    click.echo(f"{'assignments of all before, CPU s':40s} {assign_all:.4f}")
    click.echo(f"equal bytes: {'yes' if all(f.equal for f in found) else 'NO'}")
    return found


def main() -> None:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description="CPU time of an increment beside a rebuild")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--shard-documents", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=3)
    modes = [PER_CLUSTER, ALL_PAIRS]
    parser.add_argument("--mode", choices=modes, default=modes[0])
    given = parser.parse_args()
    report(Shape(given.documents, given.width, given.shard_documents), given.mode, given.repetitions)


if __name__ == "__main__":
    main()

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
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.cluster import centroids, cluster_assignments, cluster_scores
from assets.graph import snapshot
from assets.graph.build import build
from assets.ingest import embeddings, quality_signals, raw_shards, shard_registry
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16
from resources.engines.threads import Engine
from resources.lake.manifest import ROWS, WHOLE, Manifest
from resources.lake.store import Store
from resources.models.encoder import EncoderResource
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


def synthetic(shape: Shape) -> NDArray[np.float16]:
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
class Lake:
    """The lake of the benchmark: its resources, and the registry before and after the increment."""

    settings: Settings
    store: Store
    before: Listing
    after: Listing

    @property
    def engine(self) -> Engine:
        """The threads."""
        return Engine(settings=self.settings)

    def assign(self) -> None:
        """Assign every shard that is not."""
        for shard in snapshot.live_shards(self.store):
            build_spec = cluster_assignments.spec(self.store, shard)
            build(
                self.store,
                build_spec,
                lambda w, s=shard: cluster_assignments.assign_shard(self.store, self.settings, s, w),
            )

    def score(self) -> Manifest:
        """Make cluster_scores."""
        return cluster_scores.build_scores(self.store, self.settings, self.engine)[0]

    def forget(self, table: str) -> None:
        """Remove a table, so that nothing is left to build upon."""
        shutil.rmtree(Path(self.store.path(table)), ignore_errors=True)

    def bytes_of(self, manifest: Manifest) -> list[bytes]:
        """Read the tables of the scores."""
        return [self.store.checked(manifest, name) for name in (ROWS, cluster_scores.CLUSTERS)]


def ids_of(shape: Shape) -> list[str]:
    """Draw a doc_id for each vector."""
    digits = generator(0, "ids").bytes(16 * (shape.documents + shape.added)).hex()
    return [digits[begin : begin + 32] for begin in range(0, len(digits), 32)]


def build_lake(root: Path, shape: Shape, mode: str, vectors: NDArray[np.float16]) -> Lake:
    """Write a lake whose documents have vectors and centroids but no scores."""
    limit = 0 if mode == cluster_scores.PER_CLUSTER else 10 * shape.documents
    settings = Settings.of(
        lake=str(root), source=str(root), encoder="hashing", clustering__all_pairs_max_documents=limit,
        clustering__points_per_cluster=64, clustering__iterations=10,
    )  # fmt: skip
    store, encoder = Store(settings=settings), EncoderResource(settings=settings)
    begins = [*range(0, shape.documents, shape.shard_documents), shape.documents]
    names = [f"shard-{number:05d}" for number in range(len(begins))]
    before, after = (_listing(files) for files in (names[:-1], names))
    shard_registry.record(store, after)
    with store.write("tokenizer", WHOLE, inputs={}, settings={}, code="") as writer:
        writer.table(pa.table({"token": ["a"], "id": [0]}))
    ids = ids_of(shape)
    for shard, begin, end in zip(names, begins, [*begins[1:], len(vectors)], strict=True):
        _write_shard(store, settings, encoder, shard, ids[begin:end], vectors[begin:end])
    lake = Lake(settings, store, before, after)
    shard_registry.record(store, before)  # the centroids are older than the increment
    trained = centroids.spec(store, settings, encoder)
    build(store, trained, lambda w: centroids.train(store, settings, w))
    return lake


def _listing(shards: list[str]) -> Listing:
    """List a file per shard."""
    entry = Entry("file:///f", "f", "text", "f", "train", 1, "", "d", "", "", state="live")
    entries = [dataclasses.replace(entry, uri=f"file:///{s}", path=s, shard=s) for s in shards]
    return Listing(table_of(entries), {}, {})


def _write_shard(
    store: Store,
    settings: Settings,
    encoder: EncoderResource,
    shard: str,
    ids: list[str],
    vectors: NDArray[np.float16],
) -> None:
    """Write what a shard's scores are made from, up to its vectors."""
    same = pa.array([""] * len(ids), pa.string())
    with raw_shards.spec(store, settings, shard).write(store) as writer:
        split = pa.array(["train"] * len(ids), pa.string())
        writer.table(pa.table({"doc_id": ids, "content": same, "split": split}))
    with quality_signals.spec(store, shard).write(store) as writer:
        writer.table(pa.table({"doc_id": ids}))
    with embeddings.spec(store, encoder, shard).write(store) as writer:
        writer.table(pa.table({"doc_id": ids}))
        writer.vectors(vectors)


def timed(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def repeat(lake: Lake) -> Repetition:
    """Score the lake before, add the shard to it, and score it once more from nothing."""
    lake.forget("cluster_scores")
    shard_registry.record(lake.store, lake.before)
    lake.assign()
    lake.score()
    shard_registry.record(lake.store, lake.after)
    added = snapshot.live_shards(lake.store)[-1]
    lake.forget(f"cluster_assignments/{added}")
    assign_added = timed(lake.assign)
    increment = timed(lake.score)
    incremented = lake.bytes_of(lake.score())
    lake.forget("cluster_scores")
    rebuild = timed(lake.score)
    equal = incremented == lake.bytes_of(lake.score())
    return Repetition(rebuild, increment, assign_added, equal)


def report(shape: Shape, mode: str, repetitions: int) -> list[Repetition]:
    """Build, measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        lake = build_lake(Path(folder) / "lake", shape, mode, synthetic(shape))
        assign_all = timed(lake.assign)
        found = [repeat(lake) for _ in range(repetitions)]
        sizes = lake.store.table(lake.store.required("cluster_scores"), cluster_scores.CLUSTERS)["size"]
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
    modes = [cluster_scores.PER_CLUSTER, cluster_scores.ALL_PAIRS]
    parser.add_argument("--mode", choices=modes, default=modes[0])
    given = parser.parse_args()
    report(Shape(given.documents, given.width, given.shard_documents), given.mode, given.repetitions)


if __name__ == "__main__":
    main()

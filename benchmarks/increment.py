"""What an increment of the scores costs, beside a full rebuild: CPU time of this process, all threads.

A lake of synthetic embeddings is built through the store and the assets' own functions. Then one shard
with a hundredth more documents is added, and cluster_scores is made twice: from the scores before, and
from nothing. The charts that the asset draws for the UI cost the same for both and are left out.

    .venv/bin/python benchmarks/increment.py --documents 200000
"""

import argparse
import dataclasses
import statistics
import tempfile
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from planted import SPREAD, UNEVEN
from synthetic_lake import Shape, Synthetic, build_lake, timed

from assets.cluster.scoring.comparison_lists import ALL_PAIRS, PER_CLUSTER
from assets.cluster.scoring.scored_documents import CLUSTERS
from guyot.seeds import generator
from guyot.vectors.exact import unit_float16

NEAR_DUPLICATES = 0.05  # share of documents that are a slightly changed copy of another


@dataclasses.dataclass(frozen=True)
class Repetition:
    """CPU seconds of one repetition, and whether both ways wrote the same bytes."""

    rebuild: float
    increment: float
    assign_added: float
    equal: bool


def synthetic_vectors(shape: Shape) -> NDArray[np.float16]:
    """Draw topics of uneven size, documents about them, and near-duplicates of some."""
    n = shape.total
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
        limit = 0 if mode == PER_CLUSTER else 10 * shape.documents
        synthetic = build_lake(
            Path(folder) / "lake", shape, synthetic_vectors(shape),
            clustering__all_pairs_max_documents=limit,
        )  # fmt: skip
        synthetic.build("centroids")
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

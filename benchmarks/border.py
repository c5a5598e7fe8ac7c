"""What the border margin finds and costs: recall of planted near-duplicates, and CPU time of this process.

Pairs at stated cosines are planted among synthetic documents about topics, whose directions vary unequally,
as those of real encoders do. A pair is found if the later of the two has a similarity at least that of the
pair. The scores are rebuilt for each margin in turn, as often as asked; times are of all threads.

    .venv/bin/python benchmarks/border.py --documents 200000
"""

import argparse
import dataclasses
import statistics
import tempfile
from pathlib import Path

import click
import numpy as np
from planted import COSINES, Planted, found_of, plant
from synthetic_lake import Shape, Synthetic, build_lake, timed

from assets.graph.lake import LakeResources

MARGINS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of one margin: the share of pairs found at each cosine, of visitors, and CPU s of each rebuild."""

    recall: list[float]
    visitors: float
    seconds: list[float]


def measure(synthetic: Synthetic, planted: Planted, shape: Shape, margin: float) -> Outcome:
    """Rebuild the scores with a margin, and look for the pairs."""
    settings = synthetic.lake.settings.changed(clustering__border_margin=margin)
    synthetic = dataclasses.replace(synthetic, lake=LakeResources(settings))
    synthetic.forget("cluster_scores")
    seconds = timed(synthetic.score)
    manifest = synthetic.lake.store.required("cluster_scores")
    found = found_of(synthetic, planted, shape)
    recall = [float(np.nanmean(found[planted.meant == cosine])) for cosine in COSINES]
    return Outcome(recall, manifest.facts["visitors"] / manifest.rows, [seconds])


def report(shape: Shape, decay: float, repetitions: int) -> dict[float, Outcome]:
    """Build, measure and print."""
    planted = plant(shape, decay)
    with tempfile.TemporaryDirectory() as folder:
        synthetic = build_lake(
            Path(folder) / "lake", shape, planted.vectors, clustering__all_pairs_max_documents=0
        )
        synthetic.register(synthetic.after)
        synthetic.build("centroids")
        synthetic.assign()
        synthetic.score()  # the first time costs more
        rounds = [{m: measure(synthetic, planted, shape, m) for m in MARGINS} for _ in range(repetitions)]
        n_clusters = synthetic.lake.store.required("centroids").rows
    found = {m: dataclasses.replace(rounds[0][m], seconds=[r[m].seconds[0] for r in rounds]) for m in MARGINS}
    n, each = len(planted.vectors), len(planted.meant) // len(COSINES)
    click.echo(f"{n} documents, width {shape.width}, decay {decay}, {n_clusters} clusters")
    click.echo(f"{each} pairs at each cosine, {repetitions} repetitions")
    columns = "  ".join(f"{cosine:>7}" for cosine in COSINES)
    click.echo(f"margin  visitors  {columns}     all   CPU s (least to most)  relative (least to most)")
    for margin, outcome in found.items():
        beside = [one / two for one, two in zip(outcome.seconds, found[0.0].seconds, strict=True)]
        times, relative = (
            f"{statistics.median(some):.2f} ({min(some):.2f} to {max(some):.2f})"
            for some in (outcome.seconds, beside)
        )
        recalls = "  ".join(f"{r:7.4f}" for r in (*outcome.recall, statistics.fmean(outcome.recall)))
        click.echo(f"{margin:<6}  {outcome.visitors:8.2%}  {recalls}  {times}  {relative}")
    return found


def main() -> None:
    """Read the arguments and report."""
    parser = argparse.ArgumentParser(description="Recall of planted pairs and CPU time by border margin")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--shard-documents", type=int, default=10_000)
    parser.add_argument("--decay", type=float, default=0.375)
    parser.add_argument("--repetitions", type=int, default=3)
    given = parser.parse_args()
    report(Shape(given.documents, given.width, given.shard_documents), given.decay, given.repetitions)


if __name__ == "__main__":
    main()

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
from increment import SPREAD, UNEVEN, Shape, Synthetic, build_lake, ids_of, timed
from numpy.typing import NDArray

from assets.cluster.scoring.comparison_lists import PER_CLUSTER
from assets.graph.lake import LakeResources
from guyot.seeds import generator
from guyot.vectors.exact import pair_cosines, unit_float16

COSINES = (0.95, 0.98, 0.995)
MARGINS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1)
PLANTED = 0.02  # of all documents, copies at each cosine
BLOCK_ROWS = 8192


@dataclasses.dataclass(frozen=True)
class Planted:
    """Vectors of all documents, and the pairs among them.

    one, other : int64[p], rows; meant : float64[p], the cosine that was planted
    """

    vectors: NDArray[np.float16]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    meant: NDArray[np.float64]


def plant(shape: Shape, decay: float) -> Planted:
    """Draw topics of uneven size, documents about them, and copies of some at stated cosines.

    Direction i deviates by i^-decay; at 0 all directions are alike.
    """
    n, width = shape.documents + shape.added, shape.width
    draw = generator(0, "border", n, width)
    scale = np.arange(1, width + 1, dtype=np.float32) ** np.float32(-decay)
    scale /= np.linalg.norm(scale)
    n_topics = max(1, round(n**0.5))
    centres = draw.standard_normal((n_topics, width), np.float32) * scale
    centres /= np.linalg.norm(centres, axis=1)[:, None]
    weights = np.exp(draw.standard_normal(n_topics) * UNEVEN)
    topic = draw.choice(n_topics, n, p=weights / weights.sum())
    vectors = np.empty((n, width), np.float16)
    for begin in range(0, n, BLOCK_ROWS):
        some = topic[begin : begin + BLOCK_ROWS]
        noise = draw.standard_normal((len(some), width), np.float32) * scale
        vectors[begin : begin + len(some)] = unit_float16(centres[some] + SPREAD * noise)
    each = max(1, round(n * PLANTED))
    meant = np.repeat(COSINES, each)
    one, other = draw.permutation(n)[: 2 * len(meant)].reshape(2, -1)
    for begin in range(0, len(one), BLOCK_ROWS):
        part = slice(begin, begin + BLOCK_ROWS)
        rows = vectors[one[part]].astype(np.float32)
        away = draw.standard_normal(rows.shape, np.float32) * scale
        away -= (away * rows).sum(axis=1)[:, None] * rows
        away /= np.linalg.norm(away, axis=1)[:, None]
        cosine = meant[part, None].astype(np.float32)
        vectors[other[part]] = unit_float16(cosine * rows + np.sqrt(1 - cosine**2) * away)
    return Planted(vectors, one, other, meant)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of one margin: the share of pairs found at each cosine, of visitors, and CPU s of each rebuild."""

    recall: list[float]
    visitors: float
    seconds: list[float]


def measure(synthetic: Synthetic, planted: Planted, ids: list[str], margin: float) -> Outcome:
    """Rebuild the scores with a margin, and look for the pairs."""
    settings = synthetic.lake.settings.changed(clustering__border_margin=margin)
    synthetic = dataclasses.replace(synthetic, lake=LakeResources(settings))
    synthetic.forget("cluster_scores")
    seconds = timed(synthetic.score)
    store = synthetic.lake.store
    manifest = store.required("cluster_scores")
    table = store.table(manifest, columns=["distance", "max_similarity"])
    row = np.empty(len(ids), np.int64)  # of each document in the scores, which are by doc_id
    row[np.argsort(np.array(ids))] = np.arange(len(ids))
    distance = table["distance"].to_numpy()
    similarity = np.nan_to_num(table["max_similarity"].to_numpy(), nan=-1)
    pairs = np.stack([row[planted.one], row[planted.other]])
    far = distance[pairs]
    first_is_later = np.where(far[0] == far[1], pairs[0] > pairs[1], far[0] < far[1])
    later = np.where(first_is_later, *pairs)
    found = similarity[later] >= pair_cosines(planted.vectors[planted.one], planted.vectors[planted.other])
    recall = [float(found[planted.meant == cosine].mean()) for cosine in COSINES]
    return Outcome(recall, manifest.facts["visitors"] / manifest.rows, [seconds])


def report(shape: Shape, decay: float, repetitions: int) -> dict[float, Outcome]:
    """Build, measure and print."""
    planted, ids = plant(shape, decay), ids_of(shape)
    with tempfile.TemporaryDirectory() as folder:
        synthetic = build_lake(Path(folder) / "lake", shape, PER_CLUSTER, planted.vectors)
        synthetic.register(synthetic.after)
        synthetic.assign()
        synthetic.score()  # the first time costs more
        rounds = [{m: measure(synthetic, planted, ids, m) for m in MARGINS} for _ in range(repetitions)]
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

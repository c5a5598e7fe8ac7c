"""Learning curves of recipes, as means over their runs, and when each reaches what random ends at."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.partitions import split_run
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from assets.train.training_runs import CURVE
from guyot.train.learning_curve import tokens_to_reach
from resources.lake.manifest import Manifest

CURVES = TableSpec(
    "leaderboard_curves",
    "a point of a recipe's learning curve",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("tokens", pa.int64(), "tokens, or images, read up to it; the first point is before any"),
        ColumnSpec(
            "bits_per_byte",
            pa.float64(),
            "on the curve's documents, mean over runs; of images per image",
        ),
        ColumnSpec("runs", pa.int64(), "runs behind it"),
    ),
    file="curves.parquet",
)


@dataclasses.dataclass(frozen=True)
class MeanCurve:
    """The learning curves of a recipe's runs.

    seeds : int64[s], ascending
    tokens : int64[p], those of all runs
    bits : float64[s, p], bits per byte
    """

    seeds: NDArray[np.int64]
    tokens: NDArray[np.int64]
    bits: NDArray[np.float64]


def mean_curves(
    reader: TableReader, evaluations: Mapping[str, Sequence[Manifest]], baseline: str
) -> dict[str, MeanCurve]:
    """Read the curves of evaluated runs that can be laid over one another.

    Parameters
    ----------
    evaluations : versions of evaluations, by recipe
    baseline : the recipe that others are compared with

    Returns
    -------
    By recipe, the curves over the held-out documents and points that most runs of the baseline have, or of
    all recipes where it has none. Runs with others, such as of another snapshot or budget, are left out.
    """
    curves = {
        recipe: {split_run(one.key)[1]: _curve(reader, one) for one in found}
        for recipe, found in evaluations.items()
    }
    of_baseline = [key for key, _ in curves.get(baseline, {}).values() if key[1]]
    counts = Counter(of_baseline or [key for runs in curves.values() for key, _ in runs.values() if key[1]])
    if not counts:
        return {}
    wanted = min(counts, key=lambda key: (-counts[key], key))
    found: dict[str, MeanCurve] = {}
    for recipe, runs in curves.items():
        seeds = sorted(seed for seed, (key, _) in runs.items() if key == wanted)
        if seeds:
            bits = np.stack([runs[seed][1] for seed in seeds])
            found[recipe] = MeanCurve(np.array(seeds, np.int64), np.array(wanted[1], np.int64), bits)
    return found


def curve_rows(curves: Mapping[str, MeanCurve]) -> pa.Table:
    """Lay the means over runs out, as CURVES."""
    rows = [
        {"recipe": recipe, "tokens": tokens, "bits_per_byte": bits, "runs": len(curve.seeds)}
        for recipe, curve in curves.items()
        for tokens, bits in zip(curve.tokens.tolist(), curve.bits.mean(axis=0).tolist(), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=CURVES.schema)


def efficiency(curve: MeanCurve | None, baseline: MeanCurve | None) -> dict[str, Any]:
    """Find when a recipe's mean curve reaches the baseline's final value, by the seeds that both have.

    Notes
    -----
    Of the mean curve, not the mean of each run's: so the baseline itself reaches its own value at its end,
    and a run that never does leaves no hole. In both, the luck of the shared seeds is the same.
    """
    nothing = {"tokens_to_random": None, "tokens_to_random_fraction": None}
    if curve is None or baseline is None:
        return nothing
    shared, own, others = np.intersect1d(curve.seeds, baseline.seeds, return_indices=True)
    if not len(shared):
        return nothing
    target = float(baseline.bits[others].mean(axis=0)[-1])
    tokens = tokens_to_reach(curve.tokens, curve.bits[own].mean(axis=0), target)
    if tokens is None:
        return nothing
    return {"tokens_to_random": tokens, "tokens_to_random_fraction": tokens / int(baseline.tokens[-1])}


def _curve(
    reader: TableReader, evaluation: Manifest
) -> tuple[tuple[str, tuple[int, ...]], NDArray[np.float64]]:
    """Read the curve of an evaluated run: (what it can be laid over, bits per byte float64[p])."""
    run = reader.pinned("training_runs", evaluation.key, evaluation.inputs["training_runs"])
    if CURVE.file not in run.files:  # of before runs had one
        return ("", ()), np.zeros(0)
    table = reader.table(run, CURVE.file)
    return (run.facts["curve"], tuple(table["tokens"].to_pylist())), table["bits_per_byte"].to_numpy()

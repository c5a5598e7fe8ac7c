"""A recipe's row of the leaderboard, and its rows by slice of the held-out documents."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.tables import ColumnSpec, TableSpec
from assets.train.comparing.run_costs import CLEAN_SLICE, RunCosts
from guyot.train.paired_costs import (
    PairedCosts,
    difference,
    mean_cost,
    seed_differences,
    seeds_needed,
    verdict,
)
from resources.settings import Settings

_VALUE, _DIFFERENCE = ("bits_per_byte", "low", "high"), ("difference", "difference_low", "difference_high")
_ENDS = ("", "_low", "_high")
_DIFFERENCE_COLUMNS = (
    ColumnSpec(
        "difference", pa.float64(),
        "bits per byte more than random's by the seeds that both have, below 0 better; null without them",
    ),
    ColumnSpec("difference_low", pa.float64(), "lower end of its 95% interval over seeds and groups"),
    ColumnSpec("difference_high", pa.float64(), "upper end"),
    ColumnSpec("verdict", pa.string(), "better, worse, or no difference shown: the interval holds 0"),
)  # fmt: skip
_CLEAN_COLUMNS = (
    ColumnSpec(
        "bits_per_byte_clean", pa.float64(),
        "on the held-out documents of which no compared mixture keeps a copy by words; null where none is "
        "left, and where it is not known, since contamination_scores are of another snapshot",
    ),
    ColumnSpec("bits_per_byte_clean_low", pa.float64(), "lower end"),
    ColumnSpec("bits_per_byte_clean_high", pa.float64(), "upper end"),
    ColumnSpec("difference_clean", pa.float64(), "bits per byte more than random's on them"),
    ColumnSpec("difference_clean_low", pa.float64(), "lower end"),
    ColumnSpec("difference_clean_high", pa.float64(), "upper end"),
    ColumnSpec("verdict_clean", pa.string(), "what that difference shows"),
    ColumnSpec(
        "contaminated_documents", pa.int64(),
        "held-out documents that they are without: an exact, near or overlapping copy is in a compared "
        "mixture; null where it is not known",
    ),
)  # fmt: skip
_EFFICIENCY_COLUMNS = (
    ColumnSpec(
        "tokens_to_random", pa.float64(),
        "training tokens, or images, at which its learning curve, the mean over the seeds that both have, "
        "comes down to where random's ends; linear between points; null where it does not, or there is no "
        "curve to compare",
    ),
    ColumnSpec("tokens_to_random_fraction", pa.float64(), "share of the tokens that random was trained with"),
)  # fmt: skip
RANKING = TableSpec(
    "leaderboard",
    "a recipe",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec("runs", pa.int64(), "evaluated runs; values are means over them"),
        ColumnSpec("documents", pa.int64(), "documents that the mixture keeps"),
        ColumnSpec("tokens", pa.int64(), "their tokens; of images those that have a target"),
        ColumnSpec("kept_fraction", pa.float64(), "share of the eligible documents"),
        ColumnSpec(
            "bits_per_byte", pa.float64(),
            "on all held-out documents; lower is better. Of images, here and below, bits per image",
        ),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval over seeds and held-out groups"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_short", pa.float64(), "on the shorter half of them; null of images"),
        ColumnSpec("bits_per_byte_short_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_short_high", pa.float64(), "upper end"),
        ColumnSpec("bits_per_byte_long", pa.float64(), "on the longest tenth; null of images"),
        ColumnSpec("bits_per_byte_long_low", pa.float64(), "lower end"),
        ColumnSpec("bits_per_byte_long_high", pa.float64(), "upper end"),
        *_DIFFERENCE_COLUMNS,
        ColumnSpec("paired_seeds", pa.int64(), "seeds that both were trained with"),
        ColumnSpec("held_out_documents", pa.int64(), "held-out documents behind the values"),
        ColumnSpec("held_out_groups", pa.int64(), "their groups, such as packages"),
        ColumnSpec(
            "seeds_needed", pa.int64(),
            "paired seeds that would show a difference of training.resolution with a power of 0.8, by the "
            "spread so far; null with fewer than two",
        ),
        *_CLEAN_COLUMNS,
        *_EFFICIENCY_COLUMNS,
    ),
)  # fmt: skip
SLICES = TableSpec(
    "leaderboard_slices",
    "a recipe on a slice of the held-out documents",
    (
        ColumnSpec("recipe", pa.string(), "the recipe"),
        ColumnSpec(
            "slice", pa.string(),
            "all, short, long, a kind of documents, of images split and its name, or clean: those without a "
            "copy in a compared mixture",
        ),
        ColumnSpec("bits_per_byte", pa.float64(), "mean over seeds; of images bits per image"),
        ColumnSpec("low", pa.float64(), "lower end of its 95% interval over seeds and held-out groups"),
        ColumnSpec("high", pa.float64(), "upper end"),
        *_DIFFERENCE_COLUMNS,
        ColumnSpec("documents", pa.int64(), "held-out documents in the slice"),
        ColumnSpec("held_out_groups", pa.int64(), "their groups"),
    ),
    file="slices.parquet",
)  # fmt: skip


def slice_rows(
    recipe: str,
    costs: RunCosts,
    baseline: RunCosts | None,
    contaminated: NDArray[np.bytes_] | None,
    settings: Settings,
) -> list[dict[str, Any]]:
    """Describe a recipe on each slice of the held-out documents, as rows of SLICES.

    Parameters
    ----------
    baseline : what it is compared with
    contaminated : held-out documents that the slice `clean` is without; None: not known
    """
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    rows: list[dict[str, Any]] = []
    for name, chosen in costs.slices(contaminated).items():
        own = mean_cost(costs.of(chosen), **bootstrap)
        row = {
            "recipe": recipe, "slice": name, **dict(zip(_VALUE, (own.value, own.low, own.high), strict=True)),
            "documents": len(chosen), "held_out_groups": own.n,
        }  # fmt: skip
        pair = _pair(costs, baseline, chosen)
        if pair is not None:
            found = difference(*pair, **bootstrap)
            row |= dict(zip(_DIFFERENCE, (found.value, found.low, found.high), strict=True))
            row["verdict"] = verdict(found)
        rows.append(row)
    return rows


def ranked(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a recipe's slices into the columns of RANKING; those of a slice that is not there are null."""
    by_name = {row["slice"]: row for row in rows}
    found = {name: by_name.get(name, {}) for name in ("all", "short", "long", CLEAN_SLICE)}
    whole, clean = found["all"], found[CLEAN_SLICE]
    row = {name: whole.get(name) for name in (*_VALUE, *_DIFFERENCE, "verdict", "held_out_groups")}
    row["held_out_documents"] = whole.get("documents")
    for name in ("short", "long", CLEAN_SLICE):
        row |= {f"bits_per_byte_{name}{e}": found[name].get(c) for e, c in zip(_ENDS, _VALUE, strict=True)}
    row |= {f"difference_clean{e}": clean.get(c) for e, c in zip(_ENDS, _DIFFERENCE, strict=True)}
    return row | {"verdict_clean": clean.get("verdict")}


def power(costs: RunCosts | None, baseline: RunCosts | None, settings: Settings) -> dict[str, Any]:
    """Count the seeds that were paired, and those that a small difference would need."""
    pair = None if costs is None else _pair(costs, baseline, np.arange(len(costs.ids)))
    if pair is None:
        return {"paired_seeds": 0, "seeds_needed": None}
    differences = seed_differences(*pair)
    needed = seeds_needed(differences, settings.training.resolution)
    return {"paired_seeds": len(differences), "seeds_needed": needed}


def _pair(
    costs: RunCosts, baseline: RunCosts | None, chosen: NDArray[np.int64]
) -> tuple[PairedCosts, PairedCosts] | None:
    """Return the costs of a recipe and of the baseline on the same documents, where they share a seed."""
    if baseline is None or not np.isin(costs.seeds, baseline.seeds).any():
        return None
    return costs.shared_with(baseline, chosen)

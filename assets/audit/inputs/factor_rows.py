"""Rows of the factor audit: of recipes, from what they drop, and of known copies."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.audit.inputs.known_factors import KnownFactors, Removed, nearest_earlier
from assets.graph.reader import TableReader
from guyot.audit.factors.factor import Factor, binned
from guyot.audit.factors.known_duplicates import copies_with_originals, duplicates_found
from guyot.audit.factors.pair_agreement import pair_agreement
from guyot.audit.factors.removal import removal
from guyot.stats import Interval

Rows = list[dict[str, Any]]
LIMITS = (0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3)
NEAREST = "nearest earlier"


def removal_rows(
    recipe: str, factor: Factor, own: Removed, draws: int, stream: np.random.Generator
) -> tuple[Rows, dict[str, Any]]:
    """Lay out what a recipe removes of each level, and how that goes with the factor."""
    found = removal(factor, own.removed, draws=draws, stream=stream)
    about = {"recipe": recipe, "factor": factor.name}
    rows = [
        {**about, "level": factor.levels[level], "documents": rate.n, "removed": removed, "rate": rate.value,
         "low": rate.low, "high": rate.high}
        for level, rate, removed in zip(found.level.tolist(), found.rate, found.removed.tolist(), strict=True)
    ]  # fmt: skip
    return rows, {
        **about, "levels": len(rows), "removed": int(found.removed.sum()),
        "cramers_v": _or_none(found.cramers_v), "p": _or_none(found.p),
    }  # fmt: skip


def agreement_rows(found: KnownFactors, recipes: Mapping[str, Removed]) -> Rows:
    """Compare what recipes drop with its witnesses, factor by factor and in the group of known copies."""
    rows: Rows = []
    factors = [binned(factor) for factor in found.factors]
    factors += [found.group] if (found.group.level >= 0).any() else []
    for recipe, own in recipes.items():
        for factor in factors:
            agreed = pair_agreement(factor, own.dropped, own.witness)
            if agreed is not None:
                about = {"recipe": recipe, "factor": factor.name, "pairs": agreed.share.n}
                rows.append({**about, **interval_columns(agreed.share, "share", ""), "chance": agreed.chance})
    return rows


def duplicate_rows(reader: TableReader, found: KnownFactors, recipes: Mapping[str, Removed]) -> Rows:
    """Measure what limits and recipes find of known copies; nothing where no copies are known."""
    group = found.group.level
    if not len(copies_with_originals(group, np.ones(len(group), np.bool_))[0]):
        return []
    rows: Rows = []
    dropped, witness, distance = nearest_earlier(reader, found.known)
    for limit in LIMITS:
        near = distance < limit
        rows.append(_duplicates(NEAREST, limit, group, dropped[near], witness[near]))
    rows += [
        _duplicates(recipe, None, group, own.dropped, own.witness)
        for recipe, own in recipes.items() if len(own.dropped)
    ]  # fmt: skip
    return rows


def _duplicates(
    rule: str, limit: float | None, group: NDArray[np.int32], dropped: NDArray[np.int64],
    witness: NDArray[np.int64],
) -> dict[str, Any]:  # fmt: skip
    """Lay out what one rule finds."""
    found = duplicates_found(group, dropped, witness)
    precision, recall = found.precision, found.recall
    return {
        "rule": rule, "distance_limit": limit, "removed": precision.n if precision else 0,
        "excess": recall.n if recall else 0,
        **interval_columns(precision, "precision", "precision_"),
        **interval_columns(recall, "recall", "recall_"),
    }  # fmt: skip


def interval_columns(found: Interval | None, name: str, prefix: str) -> dict[str, float | None]:
    """Lay out a value and the ends of its interval; null where there is none."""
    value, low, high = (found.value, found.low, found.high) if found else (None, None, None)
    return {name: value, f"{prefix}low": low, f"{prefix}high": high}


def _or_none(value: float) -> float | None:
    """Return nan as null."""
    return None if np.isnan(value) else value

"""Long files first (Brevity): short ones hold more distinct files per token."""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from guyot.cut import Asked, Scores
from guyot.documents import there
from guyot.prune.line import places, spent_within


@dataclass(frozen=True)
class Length:
    """Drop the longest documents, or as a control the shortest.

    `measure` is tokens of the training tokenizer, bytes or lines. With `per_kind` every kind, such as a
    language, loses the same share of what the recipe counts, so that each has a limit of its own; for a
    limit that is a number of tokens, bytes or lines see `Bounds`. As a step before the last it keeps
    `keep_fraction`.
    """

    method: Literal["length"] = "length"
    drop: Literal["longest", "shortest"] = "longest"
    measure: Literal["tokens", "bytes", "lines"] = "tokens"
    per_kind: bool = False
    keep_fraction: float | None = None


def length_scores(
    tokens: NDArray[np.int64],
    n_bytes: NDArray[np.int64],
    lines: NDArray[np.int64],
    step: Length,
    kind: NDArray[np.int32] | None = None,
    asked: Asked | None = None,
) -> Scores:
    """Score documents by their length.

    Parameters
    ----------
    tokens, n_bytes, lines : int64[n]
    kind : int32[n], a number for each document's kind; used with `per_kind`
    asked : used with `per_kind`

    Returns
    -------
    Scores: minus the length where the longest go, the length where the shortest go.

    Notes
    -----
    O(n log n). Singh et al. 2024, Brevity is the soul of wit (arXiv:2407.00434): drop the longest until a
    fraction of tokens is gone; state the recipe's target in tokens for that.

    Examples
    --------
    >>> size = np.array([10, 300])
    >>> length_scores(size, size, size, Length()).values.tolist()
    [-10.0, -300.0]
    """
    match step.measure:
        case "tokens":
            measured = tokens
        case "bytes":
            measured = n_bytes
        case "lines":
            measured = lines
        case _:
            assert_never(step.measure)
    sign, reason = (-1.0, "long") if step.drop == "longest" else (1.0, "short")
    values = sign * measured.astype(np.float64)
    if not step.per_kind or asked is None:
        return Scores(values, reason)
    groups = there(kind, "kind")
    return Scores(values, reason, order=_by_share(values, groups, asked), group=groups)


def _by_share(values: NDArray[np.float64], kind: NDArray[np.int32], asked: Asked) -> NDArray[np.int64]:
    """Put documents in line by the share of their kind that is kept when they are."""
    rows = np.flatnonzero(asked.alive)
    best_first = rows[np.lexsort((rows, -values[rows], kind[rows]))]
    weights, of = asked.weights[best_first], kind[best_first]
    total = np.bincount(of, weights=weights)
    part = spent_within(weights, of) / np.maximum(total[of], 1)
    return places(best_first[np.lexsort((best_first, part))], len(values))

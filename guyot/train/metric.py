"""Bits per byte, with an interval: a language model's cost of encoding unseen text.

Per byte, not per token, so that models with different tokenizers compare.
"""

import math

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError, EvaluationError
from guyot.seeds import generator
from guyot.stats import Interval, percentile_interval, resampled_rows


def bits_per_byte(nats: NDArray[np.float64], bytes_: NDArray[np.int64], *, draws: int, seed: int) -> Interval:
    """Divide all bits by all bytes, and bootstrap over documents.

    Parameters
    ----------
    nats : float64[n], the negative log-likelihood of each document
    bytes_ : int64[n], the bytes that were scored, 1 or more each
    draws : bootstrap draws, 1 or more
    seed : of the draws

    Returns
    -------
    Interval; `value` is a ratio of sums, so a long document weighs more; `low` and `high` are the
    2.5th and 97.5th percentiles of the draws.

    Raises
    ------
    EvaluationError : no documents, a document of no bytes, nats that are not finite or below 0, or no
        draws. It never becomes a number.
    ArrayError : arrays of different lengths.

    Notes
    -----
    O(draws x n) time, 16 MB of memory beyond n. The percentile bootstrap of Efron 1979; a run's own
    noise (its seed) is not in the interval.

    Examples
    --------
    >>> one_bit_per_byte = np.array([2, 4]) * math.log(2)
    >>> bits_per_byte(one_bit_per_byte, np.array([2, 4]), draws=10, seed=0).value
    1.0
    """
    _check(nats, bytes_, draws)
    ratios = _bootstrap(nats, bytes_, draws, seed) / math.log(2)
    return percentile_interval(float(nats.sum() / bytes_.sum() / math.log(2)), ratios, len(nats))


def _check(nats: NDArray[np.float64], bytes_: NDArray[np.int64], draws: int) -> None:
    """Refuse what has no bits per byte."""
    if nats.ndim != 1 or nats.shape != bytes_.shape:
        raise ArrayError(
            f"nats{list(nats.shape)} and bytes{list(bytes_.shape)} must hold a value per document"
        )
    if not len(nats) or draws < 1:
        raise EvaluationError(
            f"bits per byte of {len(nats)} documents by {draws} draws; at least one of each is needed"
        )
    bad = np.flatnonzero(~(np.isfinite(nats) & (nats >= 0)) | (bytes_ < 1))
    if bad.size:
        raise EvaluationError(
            f"{bad.size} of {len(nats)} documents have no score: document {bad[0]} has "
            f"{nats[bad[0]]} nats over {bytes_[bad[0]]} bytes; leave out empty documents, and look "
            "for a diverged training where nats are not finite"
        )


def _bootstrap(
    nats: NDArray[np.float64], bytes_: NDArray[np.int64], draws: int, seed: int
) -> NDArray[np.float64]:
    """Draw documents with replacement, float64[draws] nats per byte."""
    blocks = resampled_rows(len(nats), draws, generator(seed, "bootstrap"))
    return np.concatenate([nats[rows].sum(axis=1) / bytes_[rows].sum(axis=1) for rows in blocks])

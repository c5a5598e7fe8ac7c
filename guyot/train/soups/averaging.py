"""Averages of models' weights."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError
from guyot.train.soups.ingredients import check_alike, is_float

Weights = dict[str, NDArray[Any]]
_BLOCK_VALUES = 1 << 18  # of all ingredients together, so that a block stays in the processor's cache


def average(ingredients: Sequence[Mapping[str, NDArray[Any]]], shares: Sequence[float]) -> Weights:
    """Average models' weights by given shares.

    Parameters
    ----------
    ingredients : named arrays, float[...] of any width, of each model; of the same names and shapes
    shares : of each model, 0 or more, finite; scaled to a sum of 1

    Returns
    -------
    Named arrays, float32[...] for floats of any width, and the tensors of whole numbers, which are equal,
    as they are

    Raises
    ------
    ArrayError : models that do not go together (`check_alike`), or shares that are no average.

    Notes
    -----
    Summed in float64 and rounded once, to float32. The products are added in order of their size, so the
    order of the ingredients does not matter, to the bit; a model alone, or several copies of it, come out
    as that model. O(parameters x ingredients x log ingredients) time; memory for one model beyond the
    ingredients.

    Examples
    --------
    >>> average([{"w": np.array([0.0, 4.0])}, {"w": np.array([4.0, 4.0])}], [3, 1])["w"].tolist()
    [1.0, 4.0]
    """
    check_alike(ingredients)
    _check_shares(shares, len(ingredients))
    return {
        name: average_tensor([one[name] for one in ingredients], shares)
        if is_float(array.dtype)
        else array.copy()
        for name, array in ingredients[0].items()
    }


def uniform(ingredients: Sequence[Mapping[str, NDArray[Any]]]) -> Weights:
    """Average models' weights with equal shares: the paper's uniform soup; see `average`.

    Parameters
    ----------
    ingredients : named arrays, float[...] of any width, of each model; of the same names and shapes

    Returns
    -------
    Named arrays, float32[...]

    Examples
    --------
    >>> uniform([{"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, 2.0])}])["w"].tolist()
    [2.0, 2.0]
    """
    return average(ingredients, [1.0] * len(ingredients))


def average_tensor(arrays: Sequence[NDArray[Any]], shares: Sequence[float]) -> NDArray[np.float32]:
    """Average one tensor of several models, float32[...]; see `average`.

    Parameters
    ----------
    arrays : float[...] of any width and one shape
    shares : 0 or more, not all 0
    """
    found = np.empty(arrays[0].shape, np.float32)
    flat = [np.ascontiguousarray(array).reshape(-1) for array in arrays]
    into = found.reshape(-1)
    total = math.fsum(shares)
    scale = np.array(shares, np.float64)[:, None]
    step = max(1, _BLOCK_VALUES // len(arrays))
    for begin in range(0, into.size, step):
        products = np.stack([one[begin : begin + step] for one in flat], dtype=np.float64) * scale
        products.sort(axis=0)
        into[begin : begin + step] = products.sum(axis=0) / total
    return found


def _check_shares(shares: Sequence[float], n_ingredients: int) -> None:
    """Refuse shares that are no average."""
    if len(shares) != n_ingredients:
        raise ArrayError(
            f"{len(shares)} shares were given for {n_ingredients} ingredients; give one for each"
        )
    bad = [share for share in shares if not (math.isfinite(share) and share >= 0)]
    if bad or math.fsum(shares) <= 0:
        raise ArrayError(
            f"shares {', '.join(f'{share:g}' for share in shares)} were given; each must be 0 or more, and "
            "their sum above 0"
        )

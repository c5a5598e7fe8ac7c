"""What a soup may be made of: models with the same tensors, best of one common checkpoint."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError

_N_EXAMPLES = 3
_BLOCK_VALUES = 1 << 18
# models of one checkpoint were at .93 and above in examples/papers/soups.py, others at 0 within .02
MIN_COSINE = 0.5


def check_alike(ingredients: Sequence[Mapping[str, NDArray[Any]]], names: Sequence[str] = ()) -> None:
    """Refuse ingredients that are not of one architecture.

    Parameters
    ----------
    ingredients : named arrays, float[...] or of whole numbers, of each model; one or more models
    names : of the ingredients, for messages; their places from 1 where none are given

    Raises
    ------
    ArrayError : no ingredients, tensors of other names or shapes, no tensor of floats, or tensors of
        whole numbers (never averaged) that differ. The message has the numbers and the first names.

    Examples
    --------
    >>> check_alike([{"w": np.zeros(2)}, {"w": np.zeros(3)}])
    Traceback (most recent call last):
    guyot.errors.ArrayError: 1 of 1 tensors of ingredient 2 have another shape than in ingredient 1: w [3], \
not [2]; soups are of models of one architecture and one tokenizer
    """
    if not ingredients:
        raise ArrayError("a soup of 0 models was asked for; give one or more")
    called = list(names) or [f"ingredient {place}" for place in range(1, len(ingredients) + 1)]
    first = ingredients[0]
    for name, other in zip(called[1:], ingredients[1:], strict=True):
        _check_names(first, other, called[0], name)
        _check_shapes(first, other, called[0], name)
        _check_whole_numbers(first, other, called[0], name)
    if not any(is_float(array.dtype) for array in first.values()):
        raise ArrayError(
            f"{called[0]} has {len(first)} tensors, none of floats; a soup averages floats, give models"
        )


def is_float(dtype: np.dtype[Any]) -> bool:
    """Return whether arrays of a dtype are averaged."""
    return np.issubdtype(dtype, np.floating)


def lowest_cosine(ingredients: Sequence[Mapping[str, NDArray[Any]]]) -> float:
    """Return the lowest cosine between two ingredients, over all their tensors of two or more dimensions.

    Models that were trained on from one checkpoint stay near it; those of different initial weights are
    at about 0. Tensors of one dimension, such as gains around 1, would make all models alike.

    Parameters
    ----------
    ingredients : named arrays, float[...] of any width, of each model; of the same names and shapes

    Returns
    -------
    -1 to 1; 1.0 for one ingredient, or where no tensor has two dimensions

    Notes
    -----
    O(ingredients squared x parameters) time; memory for one tensor of each.

    Examples
    --------
    >>> lowest_cosine([{"w": np.array([[1.0, 0.0]])}, {"w": np.array([[0.0, 1.0]])}])
    0.0
    """
    products = np.zeros((len(ingredients), len(ingredients)))
    for name, array in ingredients[0].items():
        if array.ndim >= 2 and is_float(array.dtype):
            flat = [one[name].reshape(-1) for one in ingredients]
            for begin in range(0, array.size, _BLOCK_VALUES):
                block = np.stack([one[begin : begin + _BLOCK_VALUES] for one in flat], dtype=np.float64)
                products += block @ block.T
    lengths = np.sqrt(np.diag(products))
    scale = np.outer(lengths, lengths)
    cosines = np.divide(products, scale, out=np.ones_like(products), where=scale > 0)
    np.fill_diagonal(cosines, 1.0)
    return float(cosines.min())


def init_warning(inits: Sequence[str], cosine: float | None = None) -> str:
    """Say in words that ingredients do not share their initial weights; empty where nothing speaks for that.

    Parameters
    ----------
    inits : what identifies each one's initial weights, such as a digest; none where it is not known
    cosine : from `lowest_cosine`, for models whose initial weights nobody wrote down

    Examples
    --------
    >>> init_warning(["a", "a"]), init_warning([], 0.9)
    ('', '')
    >>> init_warning(["a", "b"]).split(";")[0]
    'the 2 ingredients began with 2 different initial weights'
    """
    n_different = len(set(inits))
    advice = "an average of such models is usually far worse than each; train them on from one checkpoint"
    if n_different > 1:
        return (
            f"the {len(inits)} ingredients began with {n_different} different initial weights; {advice} "
            "(training.warmup_tokens)"
        )
    if cosine is not None and cosine < MIN_COSINE:
        return (
            f"the weights of two ingredients have a cosine of {cosine:.2f}, below {MIN_COSINE}: they do not "
            f"seem to come from one checkpoint; {advice}"
        )
    return ""


def _check_names(first: Mapping[str, Any], other: Mapping[str, Any], first_name: str, name: str) -> None:
    """Refuse tensors that one of two models lacks."""
    lacking, beyond = sorted(set(first) - set(other)), sorted(set(other) - set(first))
    if lacking or beyond:
        raise ArrayError(
            f"{first_name} has {len(first)} tensors, {name} has {len(other)}: it lacks "
            f"{_first_names(lacking)} and has {_first_names(beyond)} besides; soups are of models of one "
            "architecture"
        )


def _check_shapes(
    first: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]], first_name: str, name: str
) -> None:
    """Refuse tensors of other shapes."""
    wrong = [tensor for tensor in sorted(first) if first[tensor].shape != other[tensor].shape]
    if wrong:
        shown = [f"{t} {list(other[t].shape)}, not {list(first[t].shape)}" for t in wrong[:_N_EXAMPLES]]
        more = f" and {len(wrong) - _N_EXAMPLES} more" if len(wrong) > _N_EXAMPLES else ""
        raise ArrayError(
            f"{len(wrong)} of {len(first)} tensors of {name} have another shape than in {first_name}: "
            f"{'; '.join(shown)}{more}; soups are of models of one architecture and one tokenizer"
        )


def _check_whole_numbers(
    first: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]], first_name: str, name: str
) -> None:
    """Refuse differences that cannot be averaged."""
    wrong = [
        tensor
        for tensor in sorted(first)
        if is_float(first[tensor].dtype) != is_float(other[tensor].dtype)
        or (not is_float(first[tensor].dtype) and not np.array_equal(first[tensor], other[tensor]))
    ]
    if wrong:
        raise ArrayError(
            f"{len(wrong)} tensors of whole numbers differ between {first_name} and {name}: "
            f"{_first_names(wrong)}; only floats are averaged, so make these equal or leave them out"
        )


def _first_names(names: Sequence[str]) -> str:
    """List the first names, and how many there are."""
    if not names:
        return "none"
    more = f" and {len(names) - _N_EXAMPLES} more" if len(names) > _N_EXAMPLES else ""
    return f"{', '.join(names[:_N_EXAMPLES])}{more}"

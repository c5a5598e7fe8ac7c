"""Transformations of any text, each with a magnitude: what an encoder should, or should not, overlook.

A magnitude above 0 and at most 1 says how much of what there is to change is changed, one place at least. At
magnitude 1 letters, runs of spaces and line ends are all changed, a tenth of the text is left by truncation,
and one word in two has a typing error.
"""

import re
from collections.abc import Callable

import numpy as np

Transformation = Callable[[str, float, np.random.Generator], str | None]
TRUNCATED, MISTYPED = 0.9, 0.5  # of characters and words, at magnitude 1
_SPACES = re.compile(r"(?<=\S) +(?=\S)|\n")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERED = re.compile(r"\w+")


def whitespace(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    r"""Double spaces between words and line ends; indentation stays.

    Parameters
    ----------
    magnitude : share of the runs of spaces and line ends
    stream : draws which

    Returns
    -------
    None where there are none.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> whitespace("a b\n  c", 1, generator(0, "doc"))
    'a  b\n\n  c'
    """
    return _replaced(text, _SPACES, magnitude, stream, lambda found, _: found + found)


def case(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    """Exchange capital and small letters of words.

    Parameters
    ----------
    magnitude : share of the words
    stream : draws which

    Returns
    -------
    None where there are none.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> case("One word", 1, generator(0, "doc"))
    'oNE WORD'
    """
    return _replaced(text, _LETTERED, magnitude, stream, lambda found, _: found.swapcase())


def typos(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    """Exchange two neighbouring letters inside words of three letters or more.

    Parameters
    ----------
    magnitude : share, of half of the words
    stream : draws which, and where in them

    Returns
    -------
    None where there is no such word.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> typos("abc", 1, generator(0, "doc"))
    'acb'
    """
    return _replaced(text, _WORD, magnitude * MISTYPED, stream, _mistyped)


def truncation(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    """Cut the end off.

    Parameters
    ----------
    magnitude : share, of nine tenths of the characters
    stream : is not drawn from

    Returns
    -------
    None where nothing but space would be left.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> truncation("0123456789", 1, generator(0, "doc"))
    '0'
    """
    left = text[: len(text) - round(len(text) * magnitude * TRUNCATED)]
    return left if left.strip() else None


TEXT_TRANSFORMATIONS: dict[str, Transformation] = {
    "whitespace": whitespace,
    "case": case,
    "typos": typos,
    "truncation": truncation,
}


def n_chosen(n: int, magnitude: float) -> int:
    """Return how many of n places a magnitude stands for: one at least, if there is one.

    Examples
    --------
    >>> n_chosen(10, 0.25), n_chosen(3, 0.01), n_chosen(0, 1)
    (2, 1, 0)
    """
    return min(n, max(1, round(n * magnitude)))


def _mistyped(word: str, stream: np.random.Generator) -> str:
    """Exchange two neighbouring letters, not the first, that differ; a word without such stays."""
    places = [i for i in range(1, len(word) - 1) if word[i] != word[i + 1]]
    if not places:
        return word
    at = places[int(stream.integers(len(places)))]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _replaced(
    text: str, pattern: re.Pattern[str], magnitude: float, stream: np.random.Generator,
    replace: Callable[[str, np.random.Generator], str],
) -> str | None:  # fmt: skip
    """Replace what a pattern finds, at a drawn share of its places."""
    found = list(pattern.finditer(text))
    if not found:
        return None
    chosen = stream.permutation(len(found))[: n_chosen(len(found), magnitude)]
    pieces: list[str] = []
    done = 0
    for i in sorted(int(place) for place in chosen):
        begin, end = found[i].span()
        pieces += [text[done:begin], replace(text[begin:end], stream)]
        done = end
    return "".join([*pieces, text[done:]])

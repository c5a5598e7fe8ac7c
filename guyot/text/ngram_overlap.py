"""Word n-grams that documents share with evaluation records: how much of a record a document holds.

A word is a run of letters and digits, in lower case; all else separates words. An n-gram is a run of n words,
as a 64-bit hash. What a document shares with a record is counted in distinct n-grams.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.text.shingles import Shingles, shingles

NGRAM_WORDS = 13  # Brown et al. 2020, appendix C
_LOWER = bytes(ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256))
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """Return the words of a text in lower case, with spaces between them.

    Examples
    --------
    >>> normalised("def has_Close(x):").split()
    ['def', 'has', 'close', 'x']
    """
    if text.isascii():
        return text.encode().translate(_LOWER).decode()
    return _BETWEEN_WORDS.sub(" ", text.lower())


def ngrams(texts: list[str], n_words: int = NGRAM_WORDS) -> Shingles:
    """Hash texts' word n-grams, in the order of the text; repeated ones are repeated.

    Parameters
    ----------
    texts : n texts
    n_words : words of an n-gram

    Returns
    -------
    Shingles of n texts. One of fewer words is a single n-gram of all of them, which only a text of the same
    words has; one without a word has none.

    Raises
    ------
    SettingError : n_words below 1.

    Notes
    -----
    O(bytes). Two different n-grams have the same hash with a probability of 2^-64. What is a letter follows
    Unicode as Python has it; a script without spaces between words gives few, long words. Text is not brought
    to a normal form of Unicode.

    Examples
    --------
    >>> found = ngrams(["One, two... THREE", "one two three four", "!"], 3)
    >>> found.offsets.tolist(), bool(found.hashes[0] == found.hashes[1])
    ([0, 1, 3, 3], True)
    """
    found = shingles([normalised(text) for text in texts], "words", n_words)
    has_words = found.hashes != shingles([""], "words", n_words).hashes[0]
    if has_words.all():
        return found
    before = np.append(0, np.cumsum(has_words))
    return Shingles(found.hashes[has_words], before[found.offsets])


@dataclass(frozen=True)
class Overlaps:
    """Pairs of a document and an evaluation record, in this order.

    document, record : int64[p]
    shared : int64[p], distinct n-grams that both have
    document_ngrams, record_ngrams : int64[p], those that each has
    """

    document: NDArray[np.int64]
    record: NDArray[np.int64]
    shared: NDArray[np.int64]
    document_ngrams: NDArray[np.int64]
    record_ngrams: NDArray[np.int64]

    @property
    def overlap(self) -> NDArray[np.float64]:
        """The share of the record's n-grams that the document holds (containment): float64[p]."""
        return self.shared / np.maximum(self.record_ngrams, 1)

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """The Jaccard similarity of the two sets of n-grams: float64[p]; 0 where both have none."""
        return self.shared / np.maximum(self.document_ngrams + self.record_ngrams - self.shared, 1)

    def select(self, some: NDArray[np.bool_] | NDArray[np.int64]) -> "Overlaps":
        """Return some of the pairs.

        Parameters
        ----------
        some : bool[p], or int64[q], their places
        """
        return Overlaps(*(column[some] for column in vars(self).values()))

"""MinHash pairs of texts in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.columns import MinHashPairs
from guyot.corpus.progress import Progress
from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.text.minhash_signatures import N_PERMUTATIONS, signatures
from guyot.text.shingles import Shingles, concatenate, shingles

WORDS = 5  # in a shingle, as the graph has by default
_BATCH_DOCUMENTS = 512


@dataclass(frozen=True)
class TextShingles:
    """The distinct shingles of texts, made as they are asked for: few texts have a candidate."""

    texts: list[str]

    def take(self, rows: NDArray[np.int64]) -> Shingles:
        """Return the distinct shingles of some texts, in the order of the rows.

        Parameters
        ----------
        rows : int64[r], their numbers
        """
        wanted = [self.texts[int(row)] for row in rows]
        return concatenate([shingles(some, "words", WORDS).distinct() for some in _batches(wanted)])


def text_pairs(texts: list[str], floor: float, progress: Progress | None = None) -> MinHashPairs:
    """Compare the candidate pairs of texts exactly.

    Parameters
    ----------
    floor : pairs below this Jaccard similarity are left out

    Raises
    ------
    SettingError : a floor not above 0 and at most 1.

    Notes
    -----
    Equal texts are signed once.

    Examples
    --------
    >>> found = text_pairs(["a b c d e f", "x y", "a  b c d e f"], 0.8)
    >>> found.one.tolist(), found.other.tolist(), found.jaccard.tolist()
    ([0], [2], [1.0])
    """
    progress = progress or Progress()
    number: dict[str, int] = {}
    text = np.array([number.setdefault(one, len(number)) for one in texts], np.int64)
    different = list(number)
    progress.begin("signing", len(different))
    signed = [np.zeros((0, N_PERMUTATIONS), np.uint32)]
    for some in _batches(different):
        signed.append(signatures(shingles(some, "words", WORDS)))
        progress.advance(len(some))
    progress.begin("comparing", unit="pairs")
    return shingle_pairs(TextShingles(different), np.concatenate(signed)[text], floor, progress.reached, text)


def _batches(texts: list[str]) -> Iterator[list[str]]:
    """Cut a list of texts into batches."""
    for begin in range(0, len(texts), _BATCH_DOCUMENTS):
        yield texts[begin : begin + _BATCH_DOCUMENTS]

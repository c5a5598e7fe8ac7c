"""All pairs of texts whose shingle sets are alike, exactly: no hashing of sets, no luck, nothing of Guyot's.

Two sets of a Jaccard similarity t or above share an element among the first n - ceil(t n) + 1 of each, in any
order of the elements (prefix filtering, Chaudhuri et al. 2006); with the rarest first few sets meet. Those
that
do are compared as sets.
"""

import math
from collections import Counter
from itertools import combinations

import numpy as np
from numpy.typing import NDArray


def pairs_at(texts: list[str], jaccard: float, words: int) -> NDArray[np.int64]:
    """Find all pairs of texts of at least this similarity: int64[p, 2], rows, the lower first, sorted.

    words : in a shingle; words are what `str.split` makes; a text of fewer is one shingle

    Examples
    --------
    >>> pairs_at(["a b c", "x y z", "a b  c"], 0.8, 2).tolist()
    [[0, 2]]
    """
    sets = [_shingles(text, words) for text in texts]
    of_set: dict[frozenset[int], list[int]] = {}
    for row, one in enumerate(sets):
        of_set.setdefault(one, []).append(row)
    different = list(of_set)
    pairs = [pair for rows in of_set.values() for pair in combinations(rows, 2)]
    for one, other in _near(different, jaccard):
        pairs += [(a, b) for a in of_set[different[one]] for b in of_set[different[other]]]
    found = np.sort(np.array(pairs, np.int64).reshape(-1, 2), axis=1)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def _shingles(text: str, words: int) -> frozenset[int]:
    """Return the runs of words of a text; strings are named by Python's hash, which is the same in a
    process.
    """
    given = text.split()
    return frozenset(hash(tuple(given[i : i + words])) for i in range(max(1, len(given) - words + 1)))


def _near(sets: list[frozenset[int]], jaccard: float) -> list[tuple[int, int]]:
    """Find the pairs of different sets: the smaller ones first, each asks those before it."""
    counts = Counter(element for one in sets for element in one)
    holders: dict[int, list[int]] = {}
    found = []
    for row in sorted(range(len(sets)), key=lambda number: (len(sets[number]), number)):
        one = sets[row]
        least = jaccard * len(one) - 1e-9  # a product that is rounded up must lose no pair
        prefix = sorted(one, key=lambda element: (counts[element], element))
        prefix = prefix[: len(one) - math.ceil(least) + 1]
        met = {other for element in prefix for other in holders.get(element, ()) if len(sets[other]) >= least}
        for other in met:
            shared = len(one & sets[other])
            if shared / (len(one) + len(sets[other]) - shared) >= jaccard:
                found.append((row, other))
        for element in prefix:
            if counts[element] > 1:  # nobody else asks for the others
                holders.setdefault(element, []).append(row)
    return found

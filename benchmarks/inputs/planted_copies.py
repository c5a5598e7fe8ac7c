"""Edited copies among documents, so that it is known which are near-duplicates."""

import numpy as np
from numpy.typing import NDArray

from guyot.seeds import generator

REPLACED = 0.015  # of the words of a copy, one at least: neighbours of a word-5-shingle change with it


def with_copies(texts: list[str], n_copies: int) -> tuple[list[str], NDArray[np.int64]]:
    """Put edited copies of some texts at random places: (texts, pairs int64[n_copies, 2]).

    Words of a copy are replaced by words of other texts. Each text is copied once at most.
    """
    draw = generator(0, "copies", len(texts), n_copies)
    copied = draw.choice(len(texts), n_copies, replace=False)
    strangers = [word for row in draw.choice(len(texts), min(500, len(texts))) for word in texts[row].split()]
    copies = []
    for row in copied:
        words = texts[row].split(" ")
        places = draw.choice(len(words), max(1, round(REPLACED * len(words))), replace=False)
        for place in places:
            words[place] = strangers[int(draw.integers(len(strangers)))]
        copies.append(" ".join(words))
    order = draw.permutation(len(texts) + n_copies)
    row_of = np.argsort(order)  # of each text, and then of each copy
    together = [*texts, *copies]
    pairs = np.stack([row_of[copied], row_of[len(texts) :]], axis=1)
    return [together[number] for number in order], pairs.astype(np.int64)

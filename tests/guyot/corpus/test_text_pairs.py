"""MinHash pairs of texts in memory."""

import numpy as np
import pytest

from guyot.corpus import text_pairs as module
from guyot.corpus.progress import Progress
from guyot.corpus.text_pairs import text_pairs

WORDS = [f"word{i}" for i in range(60)]
TEXTS = [" ".join(WORDS), "nothing like it", "  ".join(WORDS), " ".join(WORDS[:-2]), " ".join(WORDS[:25])]


def jaccard(one: str, other: str) -> float:
    sets = [{tuple(w[i : i + 5]) for i in range(max(1, len(w) - 4))} for w in (one.split(), other.split())]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@pytest.mark.parametrize("batch", [1, 2, 512])
def test_pairs_are_exact_in_any_batches(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(module, "_BATCH_DOCUMENTS", batch)
    progress = Progress()
    found = text_pairs(TEXTS, 0.8, progress)
    pairs = list(zip(found.one.tolist(), found.other.tolist(), strict=True))
    assert (0, 2) in pairs
    assert all(one < other for one, other in pairs)
    assert {row for pair in pairs for row in pair} == {0, 2, 3}
    expected = [jaccard(TEXTS[one], TEXTS[other]) for one, other in pairs]
    assert found.jaccard.tolist() == pytest.approx(expected)
    assert (progress.work, progress.unit) == ("comparing", "pairs")
    assert progress.done == progress.total >= len(pairs)
    assert found.floor == 0.8


def test_pairs_below_the_floor_are_left_out() -> None:
    assert jaccard(TEXTS[0], TEXTS[3]) == pytest.approx(54 / 56)
    assert np.array_equal(text_pairs(TEXTS, 0.97).jaccard, [1.0])


def test_equal_texts_are_signed_once_and_linked_as_a_chain() -> None:
    texts = ["something else", *[TEXTS[0]] * 3, TEXTS[3], TEXTS[0]]
    progress = Progress()
    found = text_pairs(texts, 0.8, progress)
    pairs = dict(zip(zip(found.one.tolist(), found.other.tolist(), strict=True), found.jaccard, strict=True))
    assert pairs == {(1, 2): 1, (2, 3): 1, (3, 5): 1, (1, 4): 54 / 56}
    assert progress.total == 1  # of texts that differ

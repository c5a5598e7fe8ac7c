"""MinHash: exact similarities, families at any threshold, and planted near-copies that are all found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.cut import Asked
from guyot.documents import MinHashPairs
from guyot.errors import SettingError
from guyot.prune.minhash import MinHash, jaccards, minhash_scores
from guyot.prune.own_limit import own_limit
from guyot.seeds import generator
from guyot.text.lsh import candidates
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import shingles


@given(st.lists(st.text(alphabet="ab ", max_size=20), min_size=2, max_size=8), st.integers(1, 3))
def test_similarities_are_those_of_naive_sets(contents: list[str], size: int) -> None:
    sets = []
    for text in contents:
        words = text.split()
        sets.append({tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))})
    one, other = np.triu_indices(len(contents), 1)
    found = jaccards(shingles(contents, "words", size).distinct(), one, other)
    assert found.tolist() == [
        len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in zip(one, other, strict=True)
    ]


def asked_of(alive: list[bool]) -> Asked:
    return Asked(np.ones(len(alive), np.int64), np.array(alive), None)


def test_a_family_by_hand() -> None:
    # 0 -.9- 2 -.85- 1 and 3 -.82- 1: at .8 only 0 stays, at .84 also 3
    pairs = MinHashPairs(np.array([2, 1, 3]), np.array([0, 2, 1]), np.array([0.9, 0.85, 0.82]), 0.8)
    scores = minhash_scores(pairs, asked_of([True] * 4), MinHash())
    assert scores.values.tolist() == pytest.approx([2, 0.15, 0.1, 0.18])
    assert own_limit(MinHash(), scores, asked_of([True] * 4)).tolist() == [True, False, False, False]
    assert own_limit(MinHash(jaccard=0.84), scores, asked_of([True] * 4)).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert own_limit(MinHash(jaccard=0.85), scores, asked_of([True] * 4)).tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_a_document_that_has_gone_links_no_others() -> None:
    pairs = MinHashPairs(np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.9]), 0.8)
    scores = minhash_scores(pairs, asked_of([True, False, True]), MinHash())
    assert scores.values[[0, 2]].tolist() == [2, 2]


def test_a_limit_below_the_floor_is_refused() -> None:
    none = np.zeros(0, np.int64)
    with pytest.raises(SettingError, match="of 0.7; the lake holds pairs from 0.8 up"):
        minhash_scores(
            MinHashPairs(none, none, none.astype(float), 0.8), asked_of([True]), MinHash(jaccard=0.7)
        )


def test_planted_near_copies_are_found() -> None:
    draw = generator(0, "texts")
    words = [f"w{i}" for i in range(3000)]
    contents, wanted = [], []
    for _ in range(600):
        text = [words[i] for i in draw.integers(0, 3000, 200)]
        changed = list(text)
        for place in draw.integers(0, 200, draw.integers(0, 4)):
            changed[place] = "other"
        wanted.append((len(contents), len(contents) + 1))
        contents += [" ".join(text), " ".join(changed)]
    found = shingles(contents, "words", 5)
    pairs = candidates(signatures(found), 0.8)
    exact = jaccards(found.distinct(), *np.array(wanted).T)
    sought = {pair for pair, value in zip(wanted, exact, strict=True) if value >= 0.8}
    assert len(sought) > 400
    assert len(sought & {tuple(pair) for pair in pairs.tolist()}) >= 0.999 * len(sought)

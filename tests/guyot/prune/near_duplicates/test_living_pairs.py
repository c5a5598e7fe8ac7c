"""Living pairs: the families of documents left are those of a naive comparison of all of them."""

import numpy as np
import pytest

from guyot.columns import MinHashPairs
from guyot.cut import NO_WITNESS
from guyot.prune.near_duplicates.living_pairs import living_pairs
from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.prune.near_duplicates.single_linkage import single_linkage
from guyot.seeds import generator
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import Shingles, shingles


def keepers(n: int, pairs: MinHashPairs) -> list[int]:
    found = single_linkage(
        n, np.maximum(pairs.one, pairs.other), np.minimum(pairs.one, pairs.other), pairs.jaccard
    )
    return np.flatnonzero(found.witness == NO_WITNESS).tolist()


def naive(found: Shingles, alive: np.ndarray, floor: float) -> list[int]:
    """Return the lowest living document of each family, by sets and a loop over all pairs."""
    sets = [set(part.tolist()) for part in np.split(found.hashes, found.offsets[1:-1])]
    lowest = list(range(len(sets)))
    rows = np.flatnonzero(alive).tolist()
    for _ in rows:
        for a in rows:
            for b in rows:
                if len(sets[a] & sets[b]) >= floor * len(sets[a] | sets[b]):
                    lowest[a] = lowest[b] = min(lowest[a], lowest[b])
    return [row for row in rows if lowest[row] == row]


@pytest.mark.parametrize("seed", range(4))
def test_families_of_the_living_are_those_of_all_their_pairs(seed: int) -> None:
    draw = generator(seed, "living")
    contents = []
    for _ in range(30):
        words = [f"w{draw.integers(0, 2)}-{i}" if i < 2 else f"w{i}" for i in range(40)]
        contents.append("\n" * int(draw.integers(0, 3)) + " ".join(words))
    found, alive = shingles(contents, "words", 5), draw.uniform(size=30) < 0.5
    left = living_pairs(shingle_pairs(found.distinct(), signatures(found), 0.9), alive)
    assert alive[left.one].all()
    assert alive[left.other].all()
    assert [row for row in keepers(30, left) if alive[row]] == naive(found, alive, 0.9)


def test_a_group_too_large_for_all_pairs_is_searched_again() -> None:
    words = [f"w{i}" for i in range(300)]
    contents = [" ".join([*words[:-1], f"other{i}"]) for i in range(150)]
    alive = np.isin(np.arange(150), [0, 50, 100, 149])
    distinct = shingles(contents, "words", 5).distinct()
    pairs = shingle_pairs(distinct, signatures(distinct), 0.8)
    assert keepers(150, living_pairs(pairs, alive))[0] == 0
    assert not np.isin(keepers(150, living_pairs(pairs, alive)), [50, 100, 149]).any()

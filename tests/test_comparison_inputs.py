"""The inputs of comparisons with peers: what is known of them beforehand is so."""

import itertools

import numpy as np

from benchmarks.inputs.jaccard_truth import pairs_at
from benchmarks.inputs.planted_copies import with_copies


def test_pairs_of_pages_are_those_of_comparing_all() -> None:
    draw = np.random.default_rng(0)
    words = [f"w{number}" for number in range(40)]
    texts = [" ".join(draw.choice(words, 30)) for _ in range(20)]
    for text in texts[:20]:
        changed = text.split()
        changed[int(draw.integers(30))] = "other"
        texts += [" ".join(changed), text + " more", text.replace(" ", "  ")]
    texts += ["", "one", "one two", "two one"]

    def shingles(text: str) -> set[tuple[str, ...]]:
        given = text.split()
        return {tuple(given[i : i + 3]) for i in range(max(1, len(given) - 2))}

    sets = [shingles(text) for text in texts]
    for jaccard in (0.5, 0.8, 0.9):
        naive = [
            [one, other]
            for one, other in itertools.combinations(range(len(texts)), 2)
            if len(sets[one] & sets[other]) / len(sets[one] | sets[other]) >= jaccard
        ]
        assert naive
        assert pairs_at(texts, jaccard, 3).tolist() == naive


def test_copies_are_planted_where_the_pairs_say() -> None:
    texts = [f"text {number} of some ten words that are not the same" for number in range(50)]
    mixed, pairs = with_copies(texts, 5)
    assert len(mixed) == 55
    assert sorted(set(mixed) & set(texts)) == sorted(texts)
    for one, other in pairs:
        assert mixed[one] in texts
        changed = [a != b for a, b in zip(mixed[one].split(" "), mixed[other].split(" "), strict=True)]
        assert sum(changed) <= 1

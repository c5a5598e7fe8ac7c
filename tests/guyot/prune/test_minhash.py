"""MinHash: exact similarities, families at any threshold, and planted near-copies that are all found."""

import dataclasses
from hashlib import md5

import numpy as np
import pytest
from support.corpus import some_documents

from guyot.cluster.kmeans import KMeansSettings
from guyot.columns import MinHashPairs
from guyot.cut import Cut, PruneRequest
from guyot.documents import Documents
from guyot.errors import SettingError
from guyot.prune import Step, prune
from guyot.prune.exact import Exact
from guyot.prune.minhash import MinHash, minhash_scores
from guyot.prune.near_duplicates.jaccards import jaccards
from guyot.prune.near_duplicates.shingle_pairs import shingle_pairs
from guyot.prune.only_kinds import OnlyKinds
from guyot.seeds import generator
from guyot.text.lsh import candidates
from guyot.text.minhash_signatures import signatures
from guyot.text.shingles import shingles


def asked_of(alive: list[bool]) -> PruneRequest:
    return PruneRequest(np.ones(len(alive), np.int64), np.array(alive), None)


def test_a_family_by_hand() -> None:
    # 0 -.9- 2 -.85- 1 and 3 -.82- 1: at .8 only 0 stays, at .84 also 3
    pairs = MinHashPairs(np.array([2, 1, 3]), np.array([0, 2, 1]), np.array([0.9, 0.85, 0.82]), 0.8)
    scores = minhash_scores(pairs, asked_of([True] * 4), MinHash())
    assert scores.values.tolist() == pytest.approx([2, 0.15, 0.1, 0.18])
    assert (MinHash().passes_default_threshold(scores) & np.array([True] * 4)).tolist() == [
        True,
        False,
        False,
        False,
    ]
    assert (MinHash(jaccard=0.84).passes_default_threshold(scores) & np.array([True] * 4)).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert (MinHash(jaccard=0.85).passes_default_threshold(scores) & np.array([True] * 4)).tolist() == [
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
    pairs = candidates(signatures(found), 0.8).pairs
    exact = jaccards(found.distinct(), *np.array(wanted).T)
    sought = {pair for pair, value in zip(wanted, exact, strict=True) if value >= 0.8}
    assert len(sought) > 400
    assert len(sought & {tuple(pair) for pair in pairs.tolist()}) >= 0.999 * len(sought)


WORDS = [f"w{i}" for i in range(40)]
DROPPED_KIND = "text"


def layouts(count: int) -> list[str]:
    """Write one sequence of words in different ways."""
    return ["\n" * number + " ".join(WORDS) for number in range(1, count + 1)]


def documents_of(contents: list[str], gone: np.ndarray | None = None) -> Documents:
    """Return texts as documents, with some of a kind that a filter can drop."""
    kind = np.zeros(len(contents), np.int32)
    kind[[] if gone is None else gone] = 1
    distinct = shingles(contents, "words", 5).distinct()
    return dataclasses.replace(
        some_documents(len(contents)),
        content_digest=np.array([md5(text.encode()).hexdigest() for text in contents], "S32"),
        kinds=("python", DROPPED_KIND),
        columns={"kind": kind},
        sources={"minhash_pairs": shingle_pairs(distinct, signatures(distinct), 0.8)},
    )


def cut_of(documents: Documents, *steps: Step) -> Cut:
    settings = KMeansSettings(n_clusters=2, iterations=1, points_per_cluster=8, seed=0)
    return prune(documents, steps, target_fraction=None, unit="documents", clustering=settings)


@pytest.mark.parametrize(("copies", "others"), [(7, 6), (20, 20), (500, 500)])
@pytest.mark.parametrize("seed", range(5))
def test_one_of_a_word_sequence_stays_once_byte_copies_are_gone(copies: int, others: int, seed: int) -> None:
    contents = generator(seed, "order").permutation([" ".join(WORDS)] * copies + layouts(others)).tolist()
    cut = cut_of(documents_of(contents), Exact(), MinHash())
    assert cut.kept.sum() == 1
    goes = ~cut.kept & (cut.step == 1)
    assert cut.kept[cut.witness[goes]].all()
    assert (cut.score[goes] == 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_one_of_a_word_sequence_stays_after_a_random_half_is_gone(seed: int) -> None:
    gone = generator(seed, "half").permutation(1000)[:500]
    cut = cut_of(documents_of(layouts(1000), gone), OnlyKinds(("python",)), MinHash())
    assert np.flatnonzero(cut.kept).tolist() == [min(set(range(1000)) - set(gone.tolist()))]


def test_the_first_of_a_set_that_is_gone_still_links_the_others_to_near_copies() -> None:
    near = " ".join([*WORDS[:-1], "other"])  # Jaccard 35 / 37 with each layout
    contents = [*layouts(3), near]
    cut = cut_of(documents_of(contents, np.array([0])), OnlyKinds(("python",)), MinHash())
    assert cut.kept.tolist() == [False, True, False, False]
    assert cut.witness.tolist()[2:] == [1, 1]
    assert cut.score[3] == pytest.approx(1 - 35 / 37)

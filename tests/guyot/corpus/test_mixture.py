"""A mixture: its tables, its counts and its sentences."""

import numpy as np
import pytest

from guyot import Corpus, Mixture, Recipe
from guyot.errors import MissingError
from guyot.prune.bounds import Bounds
from guyot.prune.exact import Exact

TEXTS = ["one two three", "four", "one two three", "one two three", "five six seven eight"]
RECIPE = Recipe("mine", (Exact(), Bounds("words", at_least=2)), None, "bytes")


@pytest.fixture
def mixture() -> Mixture:
    return Corpus.from_texts(TEXTS, ids="abcde").prune(RECIPE)


def test_what_is_kept(mixture: Mixture) -> None:
    rows = list(mixture.kept)
    assert [(row["row"], row["id"], row["text"]) for row in rows] == [(0, "a", TEXTS[0]), (4, "e", TEXTS[4])]
    assert len(mixture) == 2
    assert mixture.mask.tolist() == [True, False, False, False, True]


def test_what_is_dropped_and_because_of_whom(mixture: Mixture) -> None:
    names = ("row", "step", "reason", "witness", "witness_id")
    rows = [tuple(row[name] for name in names) for row in mixture.dropped]
    assert rows == [
        (1, "bounds", "low_words", None, None),
        (2, "exact", "copy", 0, "a"),
        (3, "exact", "copy", 0, "a"),
    ]
    assert mixture.dropped["score"].tolist()[1:] == [0, 0]


def test_counts_in_each_unit(mixture: Mixture) -> None:
    assert mixture.count() == (2, 5)
    assert mixture.count("bytes") == (33, 63)
    assert mixture.count("tokens") == (9, 18)
    assert repr(mixture) == "Mixture mine: kept 2 of 5 documents, 33 of 63 bytes"


def test_sentences_by_row_and_by_id(mixture: Mixture) -> None:
    copy = "document d is dropped by exact: it is a byte for byte copy of document a"
    assert mixture.explain(3) == mixture.explain("d") == mixture.explain(np.int64(3)) == copy
    assert mixture.explain("b") == (
        "document b is dropped by bounds: its signal words is 1; at least 2 is asked for"
    )
    assert mixture.explain(0) == "document a is kept: it passed every filter"
    assert mixture.why(0) == "it passed every filter"


def test_duplicates_stand_beside_their_witnesses_the_least_alike_first() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0.01], [0.1, 1], [1, 0]])
    mixture = Corpus.from_texts("abcde", vectors=vectors, n_clusters=2).prune("semdedup", keep=0.4)
    table = mixture.duplicates()
    assert len(table) == 3
    assert table["score"].tolist() == sorted(mixture.dropped["score"].tolist(), reverse=True)
    beside = {row["row"]: row["witness"] for row in mixture.dropped}
    assert {(one["text"], one["witness_text"]) for one in table} == {
        ("abcde"[a], "abcde"[b]) for a, b in beside.items()
    }
    assert len(mixture.duplicates(1)) == 1


def test_documents_that_are_not_there(mixture: Mixture) -> None:
    with pytest.raises(MissingError, match="row 5 was asked for; the corpus has rows 0 to 4"):
        mixture.explain(5)
    with pytest.raises(MissingError, match="document 'z' was asked for; the corpus has 5, such as 'a'"):
        mixture.explain("z")

"""Overlaps by word n-grams: worked out by hand, and equal to those of sets of strings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.text import ngram_overlap
from guyot.text.ngram_overlap import RecordIndex, ngrams, normalised


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def naive(text: str, n: int) -> set[tuple[str, ...]]:
    found = words(text)
    if not found:
        return set()
    return {tuple(found[i : i + n]) for i in range(max(1, len(found) - n + 1))}


def found_by(documents: list[str], records: list[str], n: int, least: float) -> dict[tuple[int, int], tuple]:
    found = RecordIndex(ngrams(records, n).distinct(), least).overlaps(ngrams(documents, n))
    columns = (found.document, found.record, found.shared, found.overlap, found.jaccard)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert [row[:2] for row in rows] == sorted({row[:2] for row in rows})
    return {row[:2]: row[2:] for row in rows}


def by_sets(documents: list[str], records: list[str], n: int, least: float) -> dict[tuple[int, int], tuple]:
    rows: dict[tuple[int, int], tuple] = {}
    for d, document in enumerate(documents):
        for r, record in enumerate(records):
            mine, theirs = naive(document, n), naive(record, n)
            both = len(mine & theirs)
            if both and both / len(theirs) >= least:
                rows[d, r] = (both, both / len(theirs), both / len(mine | theirs))
    return rows


def test_overlaps_worked_out_by_hand() -> None:
    # the record has the 3-grams abc bcd cde def; the first document holds abc bcd of these, and zab besides
    found = found_by(["Z, a... b\nC d!", "a b d e f", "a_b-c (D) e f"], ["a b c d e f"], 3, 0.25)
    assert found == {(0, 0): (2, 0.5, 0.4), (1, 0): (1, 0.25, 1 / 6), (2, 0): (4, 1.0, 1.0)}
    # at half of the record the second is left out
    assert found_by(["a b d e f"], ["a b c d e f"], 3, 0.5) == {}


def test_a_record_shorter_than_an_ngram_matches_the_same_words_alone() -> None:
    found = found_by(["YES, we can", "yes we can do it all", "yes we"], ["Yes we can."], 13, 0.1)
    assert found == {(0, 0): (1, 1.0, 1.0)}


def test_texts_without_words_match_nothing() -> None:
    assert ngrams(["", "...", " _ "], 2).offsets.tolist() == [0, 0, 0, 0]
    assert found_by(["", "???", "a b"], ["", "!!!", "a b"], 2, 0.5) == {(2, 2): (1, 1.0, 1.0)}
    assert found_by([], ["a b"], 2, 0.5) == found_by(["a b"], [], 2, 0.5) == {}


def test_pairs_that_are_asked_for_are_counted_whatever_they_share() -> None:
    index = RecordIndex(ngrams(["a b c d e", "x y", ""], 2).distinct(), 1.0)
    asked = np.array([0, 0, 1, 0]), np.array([0, 2, 1, 0])
    found = index.overlaps(ngrams(["a b q", "nothing of it"], 2), asked)
    assert list(zip(found.document.tolist(), found.record.tolist(), found.shared.tolist(), strict=True)) == [
        (0, 0, 1), (0, 2, 0), (1, 1, 0),
    ]  # fmt: skip
    assert found.overlap.tolist() == [0.25, 0.0, 0.0]
    assert found.jaccard.tolist() == [0.2, 0.0, 0.0]


def test_text_is_brought_to_words_alike_whether_ascii_or_not() -> None:
    assert normalised("Foo_Bar-2x").split() == ["foo", "bar", "2x"]
    assert normalised("É_tude\u2014ÜBER\ud800\x00x").split() == ["é", "tude", "über", "x"]
    assert normalised("FOO ✓ Bar").split() == normalised("foo + bar").split()


@pytest.mark.parametrize("least", [0, -1, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(least: float) -> None:
    with pytest.raises(SettingError, match="choose above 0"):
        RecordIndex(ngrams(["a"]), least)


text = st.lists(st.sampled_from("a b c d ab A. é É ✓ _ 1".split()), max_size=14).map(" ".join)


@given(
    st.lists(text, max_size=8),
    st.lists(text, max_size=8),
    st.integers(1, 4),
    st.sampled_from([0.1, 0.3, 0.5, 0.7, 1.0]),
    st.sampled_from([1, 4, 1 << 21]),
)
def test_overlaps_are_those_of_sets_of_strings(
    documents: list[str], records: list[str], n: int, least: float, at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ngram_overlap, "_AT_ONCE", at_once)
        assert found_by(documents, records, n, least) == by_sets(documents, records, n, least)


def test_no_pair_of_a_thousand_records_with_a_licence_is_looked_at_for_the_licence() -> None:
    licence = " ".join(f"licence{i}" for i in range(40))
    own = [" ".join(f"own{r}x{i}" for i in range(60)) for r in range(200)]
    records = [f"{licence} {text}" for text in own]
    index = RecordIndex(ngrams(records, 5).distinct(), 0.5)
    keys = index._held(ngrams([f"{licence} and code of its own", own[7]], 5))
    assert index._candidates(keys).tolist() == [200 + 7]

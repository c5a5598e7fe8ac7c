"""Documents that hold a share of records: worked out by hand, and those of sets of strings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.strongest import StrongestRecords
from guyot.text import shared_ngrams
from guyot.text.ngram_overlap import ngrams
from guyot.text.record_index import RecordIndex


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
    st.sampled_from([1, 4, 1 << 20]),
    st.sampled_from([0, 1 << 30]),
)
def test_overlaps_are_those_of_sets_of_strings(
    documents: list[str], records: list[str], n: int, least: float, at_once: int, cost: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shared_ngrams, "PAIRS_AT_ONCE", at_once)
        patched.setattr(shared_ngrams, "_LOOK_UP_COST", cost)
        assert found_by(documents, records, n, least) == by_sets(documents, records, n, least)


def test_no_pair_of_a_thousand_records_with_a_licence_is_looked_at_for_the_licence() -> None:
    licence = " ".join(f"licence{i}" for i in range(40))
    own = [" ".join(f"own{r}x{i}" for i in range(60)) for r in range(200)]
    records = [f"{licence} {text}" for text in own]
    index = RecordIndex(ngrams(records, 5).distinct(), 0.5)
    keys = index._held(ngrams([f"{licence} and code of its own", own[7]], 5))
    assert index._candidates(keys).tolist() == [200 + 7]


@given(
    st.lists(text, max_size=8),
    st.lists(st.tuples(text, st.integers(0, 2)), max_size=12),
    st.integers(1, 3),
    st.sampled_from([0.1, 0.5]),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 11)), max_size=4),
    st.sampled_from([1, 4, 1 << 20]),
)
def test_the_strongest_are_those_of_all_pairs_by_overlap_then_jaccard_then_record(
    documents: list[str], records: list[tuple[str, int]], most: int, least: float, also: list[tuple[int, int]],
    at_once: int,
) -> None:  # fmt: skip
    also = sorted({(d, r) for d, r in also if d < len(documents) and r < len(records)})
    texts, set_of = [one for one, _ in records], [number for _, number in records]
    every = by_sets(documents, texts, 2, least)
    wanted = set(also)
    for document in range(len(documents)):
        for number in range(3):
            own = [(d, r) for d, r in every if d == document and set_of[r] == number]
            own.sort(key=lambda pair: (-every[pair][1], -every[pair][2], pair[1]))
            wanted |= set(own[:most])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shared_ngrams, "PAIRS_AT_ONCE", at_once)
        found = RecordIndex(ngrams(texts, 2).distinct(), least).overlaps(
            ngrams(documents, 2),
            (np.array([d for d, _ in also], np.int64), np.array([r for _, r in also], np.int64)),
            StrongestRecords(np.array(set_of, np.int16), most),
        )
    pairs = list(zip(found.document.tolist(), found.record.tolist(), strict=True))
    assert pairs == sorted(wanted)
    for pair, shared in zip(pairs, found.shared.tolist(), strict=True):
        assert shared == every.get(pair, (shared,))[0]


def test_of_records_that_are_held_whole_the_longest_is_the_strongest() -> None:
    index = RecordIndex(ngrams(["a b", "b c d"], 2).distinct(), 0.5)
    found = index.overlaps(ngrams(["a b c d e"], 2), None, StrongestRecords(np.zeros(2, np.int16), 1))
    assert (found.record.tolist(), found.overlap.tolist(), found.jaccard.tolist()) == ([1], [1.0], [0.5])

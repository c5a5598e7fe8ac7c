"""Copies go first, each with its original as witness."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guyot.prune import exact
from guyot.prune.exact import COPY, ORIGINAL, exact_scores, first_of_equals


def test_copies_by_hand() -> None:
    scores = exact_scores(np.array([b"b", b"a", b"b", b"a", b"c", b"b"]), np.ones(6, bool))
    assert scores.values.tolist() == [ORIGINAL, ORIGINAL, COPY, COPY, ORIGINAL, COPY]
    assert scores.witness is not None
    assert scores.witness.tolist() == [-1, -1, 0, 1, -1, 0]


def test_no_documents() -> None:
    assert len(exact_scores(np.zeros(0, "S32"), np.zeros(0, bool)).values) == 0


def test_a_copy_of_a_document_that_has_gone_is_the_original_now() -> None:
    scores = exact_scores(np.array([b"a", b"a", b"a"]), np.array([False, True, True]))
    assert scores.values.tolist() == [ORIGINAL, ORIGINAL, COPY]
    assert scores.witness.tolist() == [-1, -1, 1]


@given(st.lists(st.integers(0, 30), max_size=60), st.sampled_from([1, 7, 8, 9, 32, 40]))
def test_the_first_of_equals_is_that_of_a_dictionary(numbers: list[int], width: int) -> None:
    values = np.array([str(number).rjust(width, "x").encode()[-width:] for number in numbers], f"S{width}")
    first: dict[bytes, int] = {}
    expected = [first.setdefault(value, place) for place, value in enumerate(values.tolist())]
    assert first_of_equals(values).tolist() == expected


def test_different_values_of_the_same_mixture_of_bits_are_told_apart(monkeypatch) -> None:
    monkeypatch.setattr(exact, "_mixed", lambda values: np.zeros(len(values), np.uint64))
    assert first_of_equals(np.array([b"b", b"a", b"b", b"a"])).tolist() == [0, 1, 0, 1]

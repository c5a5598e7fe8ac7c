"""Transformations of text change as many places as their magnitude says, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.audit.invariance.text_transformations import (
    TEXT_TRANSFORMATIONS,
    case,
    n_chosen,
    truncation,
    typos,
    whitespace,
)

WORDS = " ".join(f"word{chr(97 + i % 26)}x" for i in range(200)) + "\n    indented line\n"


def stream() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("magnitude", [0.1, 0.5, 1.0])
def test_as_many_places_change_as_the_magnitude_says(magnitude: float) -> None:
    spaced, words = whitespace(WORDS, magnitude, stream()), WORDS.split()
    assert spaced is not None
    assert spaced.split() == words
    assert len(spaced) - len(WORDS) == n_chosen(202, magnitude)
    assert "\n    indented" in spaced
    cased = case(WORDS, magnitude, stream())
    assert cased is not None
    assert cased.lower() == WORDS
    assert sum(a != b for a, b in zip(cased.split(), words, strict=True)) == n_chosen(202, magnitude)
    mistyped = typos(WORDS, magnitude, stream())
    assert mistyped is not None
    changed = [(a, b) for a, b in zip(mistyped.split(), words, strict=True) if a != b]
    assert len(changed) == n_chosen(202, magnitude / 2)
    assert all(sorted(a) == sorted(b) and a[0] == b[0] for a, b in changed)
    cut = truncation(WORDS, magnitude, stream())
    assert cut is not None
    assert WORDS.startswith(cut)
    assert len(cut) == pytest.approx(len(WORDS) * (1 - 0.9 * magnitude), abs=1)


@given(st.text(max_size=60), st.floats(0.01, 1), st.integers(0, 5))
def test_any_text_is_transformed_or_has_no_place(text: str, magnitude: float, seed: int) -> None:
    for transform in TEXT_TRANSFORMATIONS.values():
        found = transform(text, magnitude, np.random.default_rng(seed))
        assert found is None or isinstance(found, str)
        assert found == transform(text, magnitude, np.random.default_rng(seed))


def test_what_has_no_place_is_left_alone() -> None:
    assert whitespace("word", 1, stream()) is None
    assert case("...", 1, stream()) is None
    assert typos("a b", 1, stream()) is None
    assert truncation(" ", 1, stream()) is None
    assert typos("aaa", 1, stream()) == "aaa"

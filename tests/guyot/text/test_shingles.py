"""Shingles: equal exactly where a naive set of tuples is, in any batch, for any text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import SettingError
from guyot.text import shingles as module
from guyot.text.shingles import Unit, concatenate, shingles

texts = st.lists(st.text(alphabet=" \t\nab\x00é字", max_size=30), max_size=8)


def naive(text: str, unit: Unit, size: int) -> list[tuple[object, ...]]:
    parts = list(text) if unit == "characters" else text.encode().split()
    return [tuple(parts[i : i + size]) for i in range(max(1, len(parts) - size + 1))]


@given(texts, st.sampled_from(["words", "characters"]), st.integers(1, 4))
def test_hashes_are_equal_where_shingles_are(contents: list[str], unit: Unit, size: int) -> None:
    found = shingles(contents, unit, size)
    wanted = [naive(text, unit, size) for text in contents]
    assert np.diff(found.offsets).tolist() == [len(one) for one in wanted]
    flat = [shingle for one in wanted for shingle in one]
    by_hash = dict(zip(found.hashes.tolist(), flat, strict=True))
    assert [by_hash[value] for value in found.hashes.tolist()] == flat
    assert len(set(found.hashes.tolist())) == len(set(flat))


@given(texts, st.sampled_from(["words", "characters"]), st.integers(1, 4))
def test_a_batch_is_its_documents(contents: list[str], unit: Unit, size: int) -> None:
    found = shingles(contents, unit, size)
    for number, text in enumerate(contents):
        alone = shingles([text], unit, size)
        assert (
            alone.hashes.tolist() == found.hashes[found.offsets[number] : found.offsets[number + 1]].tolist()
        )


@pytest.mark.parametrize("block", [1, 3, 20])
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    contents = ["", "a bb  ccc\n", "one-word-longer-than-a-block", " \x00 x\x00y ", "é 字 " * 9, "a b c d e"]
    whole = shingles(contents, "words", 2)
    monkeypatch.setattr(module, "_BLOCK_BYTES", block)
    found = shingles(contents, "words", 2)
    assert found.hashes.tolist() == whole.hashes.tolist()
    assert found.offsets.tolist() == whole.offsets.tolist()


def test_documents_are_taken_and_put_after_one_another() -> None:
    found = shingles(["a b c", "x", "d e f g"], "words", 2)
    taken = found.take(np.array([2, 0, 2]))
    expected = shingles(["d e f g", "a b c", "d e f g"], "words", 2)
    both = concatenate([shingles(["d e f g", "a b c"], "words", 2), shingles(["d e f g"], "words", 2)])
    for one in (taken, both):
        assert one.hashes.tolist() == expected.hashes.tolist()
        assert one.offsets.tolist() == expected.offsets.tolist()
    assert concatenate([]).offsets.tolist() == found.take(np.zeros(0, np.int64)).offsets.tolist() == [0]


@given(texts, st.integers(1, 4))
def test_distinct_ones_are_ascending_and_the_same_set(contents: list[str], size: int) -> None:
    found = shingles(contents, "words", size)
    distinct = found.distinct()
    for number in range(len(contents)):
        mine = distinct.hashes[distinct.offsets[number] : distinct.offsets[number + 1]]
        assert (mine[1:] > mine[:-1]).all()
        assert set(mine.tolist()) == set(
            found.hashes[found.offsets[number] : found.offsets[number + 1]].tolist()
        )


def test_hashes_do_not_depend_on_the_machine() -> None:
    assert shingles(["the same words everywhere"], "words", 2).hashes.tolist() == EXPECTED


EXPECTED = [442877406626584467, 7327348992368962454, 11944540196711199375]  # of the day they were written


def test_shingles_of_nothing_are_refused() -> None:
    with pytest.raises(SettingError, match="shingles of 0 words"):
        shingles(["a"], "words", 0)

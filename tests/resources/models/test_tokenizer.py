"""The tokenizer: nothing unknown, bytes that add up, counts that the trainer sees."""

import functools
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.errors import CorruptError, SettingError
from resources.models import tokenizer as module
from resources.models.tokenizer import BOS, PAD, TextTokenizer, train_tokenizer

TEXTS = ["def add(a, b):\n    return a + b\n", "été, naïve: 数据 🍇\n" * 3, "x = [1, 2, 3]\n" * 5]
TEXT = st.lists(
    st.sampled_from([BOS, PAD, "def ", "\n", "é"]) | st.text(st.characters(codec="utf-8"), max_size=9)
).map("".join)


@functools.lru_cache(maxsize=1)
def trained() -> TextTokenizer:
    """Train once."""
    return TextTokenizer(train_tokenizer(TEXTS, 290))


@given(texts=st.lists(TEXT, max_size=5))
def test_tokens_cover_every_byte_and_counts_agree(texts: list[str]) -> None:
    found = trained().encode(texts)
    assert [int(trained().token_bytes[ids].sum()) for ids in found] == [len(text.encode()) for text in texts]
    assert trained().counts(texts).tolist() == [len(ids) for ids in found]
    assert all(ids[0] == trained().bos and ids.dtype == np.int32 for ids in found)


def test_a_document_may_spell_out_a_special_token() -> None:
    (ids,) = trained().encode([f"{BOS}{PAD}"])
    assert (ids == trained().bos).sum() == 1
    assert ids.tolist().count(trained().tokens.index(PAD)) == 0


def test_the_bytes_of_a_prefix_are_the_bytes_of_its_text() -> None:
    text = TEXTS[1]
    (ids,) = trained().encode([text])
    covered = np.cumsum(trained().token_bytes[ids])
    decoded = trained()._tokenizer.decode(ids[1:].tolist())
    assert decoded == text
    assert covered[-1] == len(text.encode())
    assert (np.diff(covered) > 0).all()


def test_an_empty_document_is_its_bos_alone() -> None:
    assert trained().counts(["", "a"]).tolist() == [1, 2]
    assert trained().counts([]).tolist() == []


def test_a_long_document_is_tokenized_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(TEXTS) * 20
    whole = trained().encode([text, "a"])
    monkeypatch.setattr(module, "PIECE_CHARS", 64)
    monkeypatch.setattr(module, "_CHARS_AT_ONCE", 150)
    pieces = trained().encode([text, "a"])
    assert trained()._tokenizer.decode(pieces[0][1:].tolist()) == text
    assert len(pieces[0]) >= len(whole[0])
    assert trained().counts([text, "a"]).tolist() == [len(pieces[0]), 2]


def test_training_twice_gives_the_same_text_in_another_process() -> None:
    script = f"from resources.models.tokenizer import *; print(train_tokenizer({TEXTS!r}, 300))"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8")
    assert other.stdout.strip() == train_tokenizer(iter(TEXTS), 300).strip()


def test_the_vocabulary_is_as_asked_or_as_large_as_the_texts_allow() -> None:
    assert trained().vocabulary_size == len(trained().tokens) == len(trained().token_bytes) == 290
    few = TextTokenizer(train_tokenizer(["ab"], 5000))
    assert few.vocabulary_size == 259


def test_no_room_and_no_text_are_refused() -> None:
    with pytest.raises(SettingError, match="vocabulary_size=257; 256 bytes and 2 specials need 258"):
        train_tokenizer(TEXTS, 257)
    with pytest.raises(
        SettingError, match="300 tokens was asked for; the training documents have 0 characters"
    ):
        train_tokenizer([""], 300)


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"added_tokens": []})])
def test_what_is_no_tokenizer_is_refused(text: str) -> None:
    with pytest.raises(CorruptError, match="no tokenizer with"):
        TextTokenizer(text)


def test_of_no_text_at_all_there_is_an_alphabet_where_that_is_allowed() -> None:
    for texts in ([], ["", ""]):
        tokenizer = TextTokenizer(train_tokenizer(texts, 300, may_be_empty=True))
        assert tokenizer.vocabulary_size == 258
        (nothing, text) = tokenizer.encode(["", "né"])
        assert (len(nothing), len(text)) == (1, 4)

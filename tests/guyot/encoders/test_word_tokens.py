"""Words tokenized once: the ids that the tokenizer gives whole texts, whatever was asked before."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.static_model import write_static_model
from tokenizers import Tokenizer

from guyot.encoders import word_tokens as module
from guyot.encoders.word_tokens import WordTokens, splits_at_words
from resources.models.encoder import _minilm

ODD = " \t\n\r\x0b\x0c\x1c\x85\xa0\u2009\u200b\u3000.,'\"-_`~[]{}|@:;!?/é\u0301İß中文ไทย\U0001f600aB1"
TEXT = st.lists(st.one_of(st.sampled_from(["[UNK]", "[CLS]", "word", "Zürich's"]), st.text(ODD, max_size=9), st.text(max_size=5)), max_size=9).map("".join)  # fmt: skip


@pytest.fixture(scope="module")
def minilm() -> Tokenizer:
    return _plain(Tokenizer.from_file(str(_minilm() / "tokenizer.json")))


def _plain(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def _whole(tokenizer: Tokenizer, text: str) -> list[int]:
    unknown = tokenizer.token_to_id("[UNK]")
    return [i for i in tokenizer.encode(text, add_special_tokens=False).ids if i != unknown]


def _split(counts: np.ndarray, ids: np.ndarray) -> list[list[int]]:
    assert counts.sum() == len(ids)
    return [part.tolist() for part in np.split(ids, np.cumsum(counts)[:-1])] if len(counts) else []


@given(texts=st.lists(TEXT, max_size=5))
def test_words_have_the_tokens_of_whole_texts(minilm: Tokenizer, texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    words = WordTokens(minilm)
    assert words.by_word
    for _ in range(2):  # the second time all are known
        assert _split(*words.tokens(texts)) == [_whole(minilm, text) for text in texts]


def test_a_word_is_asked_for_once(minilm: Tokenizer) -> None:
    words = WordTokens(minilm)
    words.tokens(["a word, a word"])
    assert sorted(words._numbers) == [",", "a", "word"]
    before = words._ids
    words.tokens(["word a,"])
    assert words._ids is before


@pytest.mark.parametrize("limit", ["MAX_WORDS", "MAX_WORD_CHARS"])
def test_words_beyond_the_limit_are_forgotten(
    minilm: Tokenizer, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, 4)
    words = WordTokens(minilm)
    texts = ["alpha beta gamma", "delta beta", "one two three four five six", "alpha"]
    for text in texts:
        assert _split(*words.tokens([text])) == [_whole(minilm, text)]
    assert sorted(words._numbers) == ["alpha"]


def test_another_tokenizer_is_asked_for_whole_texts(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(write_static_model(tmp_path, by_word=False) / "tokenizer.json"))
    words = WordTokens(_plain(tokenizer))
    assert not words.by_word
    texts = ["one unheard two", "", "unheard", "ones"]
    assert _split(*words.tokens(texts)) == [[2, 3], [], [], [2, 5]]
    assert _split(*words.tokens([])) == []


def test_only_berts_kind_without_added_words_is_split(minilm: Tokenizer) -> None:
    spec = json.loads(minilm.to_str())
    assert splits_at_words(spec)
    assert splits_at_words(spec | {"normalizer": None})
    added = {"content": "New York", "special": False}
    for other in (
        {"model": {"type": "BPE"}}, {"pre_tokenizer": {"type": "Metaspace"}}, {"pre_tokenizer": None},
        {"normalizer": {"type": "Replace"}}, {"added_tokens": [*spec["added_tokens"], added]},
    ):  # fmt: skip
        assert not splits_at_words(spec | other)


def test_a_model_without_an_unknown_token_keeps_all_ids(tmp_path: Path) -> None:
    from tokenizers import models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    assert _split(*WordTokens(tokenizer).tokens(["ab a", "b"])) == [[0, 1, 0], [1]]

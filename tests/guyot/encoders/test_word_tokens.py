"""Words tokenized once: the ids that the tokenizer gives whole texts, whatever was asked before."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.static_model import write_static_model
from tokenizers import Tokenizer

from guyot.encoders import word_tokens as module
from guyot.encoders.word_tokens import WordTokens, splitter
from resources.models.text_encoder import _minilm
from resources.models.tokenizer import train_tokenizer

ODD = " \t\n\r\x0b\x0c\x1c\x85\xa0\u2009\u200b\u3000.,'\"-_`~[]{}|@:;!?/é\u0301İß中文ไทย\U0001f600aB1"
TEXT = st.lists(st.one_of(st.sampled_from(["[UNK]", "[CLS]", "word", "Zürich's"]), st.text(ODD, max_size=9), st.text(max_size=5)), max_size=9).map("".join)  # fmt: skip
BYTE_LEVEL_TEXT = st.text(ODD + "'strvmld09  \n\t", max_size=40)


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
    assert splitter(json.loads(minilm.to_str()))
    for _ in range(2):  # the second time all are known
        assert _split(*words.tokens(texts)) == [_whole(minilm, text) for text in texts]


@functools.lru_cache(maxsize=1)
def _byte_level() -> Tokenizer:
    """Train a tokenizer of GPT-2's kind on code and other scripts."""
    texts = [
        "def add(a, b):\n    return a + b  # it's 12\n\n\n",
        "été, naïve: 数据 🍇\xa0 x\n" * 3,
        ODD,
        "'re we'll",
        "09 90 x09\n" * 9,
    ]
    return _plain(Tokenizer.from_str(train_tokenizer(texts * 3, 330)))


@example(texts=["09 90 x09", "it's add  \n\n\nx"])
@given(texts=st.lists(TEXT | BYTE_LEVEL_TEXT, max_size=5))
def test_words_of_bytes_have_the_tokens_of_whole_texts(texts: list[str]) -> None:
    tokenizer = _byte_level()
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    words = WordTokens(tokenizer)
    for _ in range(2):
        whole = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        assert _split(*words.tokens(texts)) == whole


def test_a_word_of_bytes_is_asked_for_once_and_other_scripts_in_runs() -> None:
    words = WordTokens(_byte_level())
    words.tokens(["it's x1  y, x1", "a b é c d"])
    expected = ["it", "'s", " x", "1", " ", " y", ",", "a", " b", " é c", " d"]
    assert list(words._numbers) == expected


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
    assert splitter(json.loads(tokenizer.to_str())) is None
    texts = ["one unheard two", "", "unheard", "ones"]
    assert _split(*words.tokens(texts)) == [[2, 3], [], [], [2, 5]]
    assert _split(*words.tokens([])) == []


def test_only_two_kinds_without_added_words_are_split(minilm: Tokenizer) -> None:
    spec, byte_level = json.loads(minilm.to_str()), json.loads(_byte_level().to_str())
    assert splitter(spec)
    assert splitter(spec | {"normalizer": None})
    assert splitter(byte_level)
    added = {"content": "New York", "special": False}
    for other in (
        {"model": {"type": "BPE"}}, {"pre_tokenizer": {"type": "Metaspace"}}, {"pre_tokenizer": None},
        {"normalizer": {"type": "Replace"}}, {"added_tokens": [*spec["added_tokens"], added]},
    ):  # fmt: skip
        assert splitter(spec | other) is None
    for name, part in (
        ("model", {"dropout": 0.1}), ("model", {"unk_token": "?"}), ("model", {"type": "Unigram"}),
        ("pre_tokenizer", {"use_regex": False}), ("pre_tokenizer", {"add_prefix_space": True}),
    ):  # fmt: skip
        assert splitter(byte_level | {name: byte_level[name] | part}) is None
    assert splitter(byte_level | {"normalizer": {"type": "NFC"}}) is None
    assert splitter(byte_level | {"added_tokens": [added]}) is None


def test_a_model_without_an_unknown_token_keeps_all_ids(tmp_path: Path) -> None:
    from tokenizers import models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    assert _split(*WordTokens(tokenizer).tokens(["ab a", "b"])) == [[0, 1, 0], [1]]

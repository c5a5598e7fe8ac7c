"""Token ids of texts by a tokenizer that is asked for each word once, where its tokens end at words."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_WORDS = 1 << 18
MAX_WORD_CHARS = 1 << 24
# BERT's tokens end at spaces, line ends and ASCII punctuation; at what else they end lies within a word
_WORDS = re.compile(r"[^ \n!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
# GPT-2's, of ASCII alone: what is a letter or a space beyond it, the tokenizer says
_BYTE_LEVEL_WORDS = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\t-\r A-Za-z0-9]+|[\t-\r ]+(?![^\t-\r ])|[\t-\r ]+"
)
# no word of GPT-2's holds an ASCII character and, right after it, an ASCII space
_WORD_ENDS = re.compile(r"(?<=[^\t-\r \x80-\U0010ffff])(?=[\t-\r ])")


class WordTokens:
    """Turns texts into the token ids that a tokenizer gives them, without its unknown token.

    A tokenizer of BERT's or of GPT-2's kind splits a text into words before all else, so a word has the
    same tokens in any text: each is tokenized once, and found again by its spelling, which is five times
    faster. Up to 262,144 words or 16 million characters of them are held, some 60 MB, and then forgotten.
    Another tokenizer is asked for whole texts.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        """Take a tokenizer, which must not cut or pad."""
        self._tokenizer = tokenizer
        spec = json.loads(tokenizer.to_str())
        self._unknown = _unknown_token(tokenizer, spec["model"])
        self._words_of = splitter(spec)
        self._lock = threading.Lock()
        self._forget()

    def tokens(self, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the number of tokens of each text, int64[n], and the ids of them all, int64[their sum]."""
        if self._words_of is None:
            return self._tokenized(texts)
        words = [self._words_of(text) for text in texts]
        ends = np.cumsum([0, *(len(some) for some in words)])
        with self._lock:
            numbers = self._numbered(list(chain.from_iterable(words)))
            counts = self._counts[numbers]
            before = np.zeros(len(counts) + 1, np.int64)
            np.cumsum(counts, out=before[1:])
            moved = np.repeat(self._begins[numbers] - before[:-1], counts)
            return np.diff(before[ends]), self._ids[moved + np.arange(len(moved))]

    def _numbered(self, words: list[str]) -> NDArray[np.int64]:
        """Return each word's number, and tokenize those that have none yet."""
        new = [word for word in dict.fromkeys(words) if word not in self._numbers]
        if len(self._numbers) + len(new) > MAX_WORDS or self._chars > MAX_WORD_CHARS:
            self._forget()
            new = list(dict.fromkeys(words))
        if new:
            counts, ids = self._tokenized(new)
            self._numbers |= {word: number for number, word in enumerate(new, len(self._numbers))}
            self._begins = np.concatenate([self._begins, len(self._ids) + np.cumsum(counts) - counts])
            self._counts = np.concatenate([self._counts, counts])
            self._ids = np.concatenate([self._ids, ids])
            self._chars += sum(len(word) for word in new)
        return np.fromiter(map(self._numbers.__getitem__, words), np.int64, len(words))

    def _forget(self) -> None:
        """Hold no word."""
        self._numbers: dict[str, int] = {}
        self._chars = 0
        self._begins, self._counts, self._ids = (np.zeros(0, np.int64) for _ in range(3))

    def _tokenized(self, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ask the tokenizer."""
        found = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        of_each = [encoding.ids for encoding in found]
        ends = np.cumsum([0, *(len(ids) for ids in of_each)])
        ids = np.fromiter(chain.from_iterable(of_each), np.int64, int(ends[-1]))
        if self._unknown is None:
            return np.diff(ends), ids
        known = ids != self._unknown
        return np.diff(np.cumsum([0, *known])[ends]), ids[known]


def splitter(spec: Mapping[str, Any]) -> Callable[[str], list[str]] | None:
    """Return what splits a text into words of which each has the same tokens in any text.

    Parameters
    ----------
    spec : the content of a tokenizer.json; its special tokens are taken as text

    Returns
    -------
    A function of a text, for BERT's kind of tokenizer and for GPT-2's; None for any other.
    """
    if not all(token["special"] for token in spec.get("added_tokens", [])):
        return None
    model, before, normalizer = (spec[name] for name in ("model", "pre_tokenizer", "normalizer"))
    if (_kind(model), _kind(before)) == ("WordPiece", "BertPreTokenizer"):
        return _WORDS.findall if _kind(normalizer) in (None, "BertNormalizer") else None
    if (_kind(model), _kind(before)) == ("BPE", "ByteLevel") and normalizer is None:
        as_trained = (model.get("dropout"), model.get("unk_token")) == (None, None)
        return _byte_level_words if as_trained and _splits_as_gpt2(before) else None
    return None


def _splits_as_gpt2(pre_tokenizer: Mapping[str, Any]) -> bool:
    """Return whether a pre-tokenizer of bytes splits by GPT-2's expression, and adds nothing."""
    return bool(pre_tokenizer.get("use_regex", True)) and not pre_tokenizer["add_prefix_space"]


def _byte_level_words(text: str) -> list[str]:
    """Split a text into GPT-2's words, and where it is not ASCII into runs of a few."""
    if text.isascii():
        return _BYTE_LEVEL_WORDS.findall(text)
    words: list[str] = []
    for is_ascii, group in groupby(_WORD_ENDS.split(text), str.isascii):
        parts = list(group)
        words += _BYTE_LEVEL_WORDS.findall("".join(parts)) if is_ascii else parts
    return words


def _kind(part: Mapping[str, Any] | None) -> str | None:
    """Return the type of a part of a tokenizer, None where it has no such part."""
    return None if part is None else part.get("type")


def _unknown_token(tokenizer: "Tokenizer", model: Mapping[str, Any]) -> int | None:
    """Find the id of the token that stands for what the vocabulary lacks: it has no meaning of its own."""
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    token = model.get("unk_token")
    return None if token is None else tokenizer.token_to_id(token)

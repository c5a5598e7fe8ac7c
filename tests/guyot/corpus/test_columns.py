"""Columns of a corpus: computed when asked for, once, and by no more than is needed."""

import dataclasses

import numpy as np
import pytest

from guyot import Corpus
from guyot.corpus.columns import Columns
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import ArrayError
from guyot.text.signals import signals
from guyot.vectors.exact import unit_float16

TEXTS = [f"line {i}\nof a text\n" * (i % 4) + f"end {i}" for i in range(600)]


def columns(texts: list[str] | None = TEXTS, **options: object) -> Columns:
    names = [str(row) for row in range(len(texts or []))]
    return Columns(texts, names, ["text"] * len(names), options)


@dataclasses.dataclass
class Counting:
    """An encoder that counts what it encodes, and returns rows of its own choice."""

    width: int = 4
    calls: int = 0
    rows: int = 0
    wrong: int = 0

    def encode(self, texts: list[str]) -> np.ndarray:
        self.calls += 1
        self.rows += len(texts)
        return np.random.default_rng(len(texts)).normal(size=(len(texts), self.width + self.wrong))


def test_texts_are_encoded_once_and_only_for_recipes_that_compare_them() -> None:
    encoder = Counting()
    corpus = Corpus.from_texts(TEXTS, encoder=encoder)
    for recipe in ("exact", "minhash", "clean", "length", "random"):
        corpus.prune(recipe)
        assert encoder.calls == 0, recipe
    corpus.prune("semdedup")
    corpus.prune("d4", keep=0.5)
    assert (encoder.rows, encoder.calls) == (600, 3)


def test_an_encoder_that_returns_other_rows_is_refused() -> None:
    with pytest.raises(ArrayError, match=r"given 256 texts and has width 4; it returned \[256, 5\]"):
        _ = columns(encoder=Counting(wrong=1)).vectors


def test_vectors_are_those_of_the_encoder_in_the_order_of_the_texts() -> None:
    assert (columns().vectors == unit_float16(HashingEncoder().encode(TEXTS))).all()


def test_sizes_and_signals_are_those_of_the_signals() -> None:
    texts = ["", "a", "a\n", "a\n\n", "\n", "ä b\nc", *TEXTS]
    found, expected = columns(texts), signals(texts, ["text"] * len(texts))
    assert found.lines.tolist() == expected.lines.tolist()
    assert found.bytes.tolist() == expected.bytes.tolist()
    assert found.tokens.tolist() == [-(-size // 4) for size in expected.bytes.tolist()]
    for name, values in vars(expected).items():
        assert np.array_equal(getattr(found.signals, name), values), name


@pytest.mark.parametrize("tokens", [lambda text: len(text.split()), [len(text.split()) for text in TEXTS]])
def test_tokens_can_be_counted_by_the_caller(tokens: object) -> None:
    assert columns(tokens=tokens).tokens.tolist() == [len(text.split()) for text in TEXTS]


@pytest.mark.parametrize("tokens", [[1, 2], [-1] * 600, [0.5] * 600])
def test_counts_that_are_none_are_refused(tokens: list) -> None:
    with pytest.raises(ArrayError, match="tokens must be 600 whole numbers from 0"):
        _ = columns(tokens=tokens).tokens


def test_settings_of_the_clustering() -> None:
    assert columns().clustering.n_clusters == 24  # the square root of 600
    assert dataclasses.astuple(columns(n_clusters=7, seed=3).clustering)[::3] == (7, 3)
    assert len(columns(n_clusters=7).centroids.vectors) == 7


def test_pairs_are_compared_once_for_each_floor() -> None:
    words = [f"word{i}" for i in range(40)]
    found = columns([" ".join(words), " ".join(words[:-1]), " ".join(words[:28])])
    assert found.minhash(0.5) is found.minhash(0.5)
    assert len(found.minhash(0.5).one) > len(found.minhash(0.9).one)

"""A static model, one vector per token, as an encoder; needs `guyot[encoders]`, but no torch."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from guyot.encoders.hashing import HashingEncoder
from guyot.encoders.word_tokens import WordTokens
from guyot.errors import SettingError
from guyot.seeds import generator

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]
    from tokenizers import Tokenizer

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
MODEL_TYPE = "model2vec"
ALGORITHM = 1  # raise it when the same text would get other bytes
PIECE_CHARS = 1 << 18
_TEXTS_AT_ONCE = 16
_TOKENS_AT_ONCE = 1 << 12
_BITS_PER_VALUE = 28


class StaticEncoder:
    """Encodes texts by the mean of their tokens' vectors, each of which is the same in any text.

    Reads the whole text, in pieces of 262,144 characters. The order of words does not count: texts of
    the same tokens have the same vector. A text of which no token has a vector, such as an empty one,
    gets the vector of the hashing encoder.

    Notes
    -----
    Model2vec's form (https://github.com/MinishLab/model2vec, MIT): `embeddings`, where given their
    `weights` per token and the `mapping` from tokens to rows, and a tokenizer. Where we differ: texts are
    not cut at a number of tokens, words are tokenized once, and sums are exact. A token's values are rounded
    once, to 28 bits below the largest of all; float64 adds 33 million of them without rounding, in any order.
    So a row's bytes are the same in any batch, at any thread count, on any machine. Work grows with the
    words of a text, and with the different tokens of 16 texts; 4 bytes per value of the model, and
    some 100 MB of work memory.
    """

    def __init__(self, folder: str | Path, identity: str = "") -> None:
        """Load the model.

        Parameters
        ----------
        folder : with config.json, model.safetensors and tokenizer.json
        identity : a hash of all that decides the vectors, for those that keep them

        Raises
        ------
        SettingError : a file is missing, damaged, or does not fit the others.
        """
        path = Path(folder).expanduser()
        self.id = identity
        tokenizer = _load_tokenizer(path / TOKENIZER)
        self._words = WordTokens(tokenizer)
        self._table = _load_table(path / WEIGHTS, tokenizer.get_vocab_size())
        self.width: int = self._table.shape[1]

    def untrained(self, seed: int) -> "StaticEncoder":
        """Return the same with the tokens' vectors exchanged at random, so that no word has its own."""
        other = copy.copy(self)
        other.id = f"{self.id}-untrained-{seed}"
        other._table = self._table[generator(seed, "untrained").permutation(len(self._table))]
        return other

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows."""
        sums = np.zeros((len(texts), self.width), np.float64)
        # products this small are not worth a second thread
        with _thread_pools().limit(limits=1):  # pyright: ignore[reportUnknownMemberType]
            for rows, pieces in _blocks(texts):
                counts, ids = self._words.tokens(pieces)
                edges = np.cumsum([0, *counts])
                for first in range(0, len(rows), _TEXTS_AT_ONCE):
                    last = min(first + _TEXTS_AT_ONCE, len(rows))
                    tokens = ids[edges[first] : edges[last]]
                    sums[rows[first:last]] += self._sums(counts[first:last], tokens)
        return self._unit(sums, texts)

    def _sums(self, counts: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Add up the vectors of a few texts' tokens, text after text: float64[len(counts), width]."""
        occurs = np.zeros(len(self._table), np.bool_)
        occurs[ids] = True
        tokens = np.flatnonzero(occurs)
        places = np.zeros(len(self._table), np.int64)
        places[tokens] = np.arange(len(tokens))
        cells = np.repeat(np.arange(len(counts)) * len(tokens), counts) + places[ids]
        times = np.bincount(cells, minlength=len(counts) * len(tokens)).reshape(len(counts), len(tokens))
        sums = np.zeros((len(counts), self.width), np.float64)
        for begin in range(0, len(tokens), _TOKENS_AT_ONCE):
            some = slice(begin, begin + _TOKENS_AT_ONCE)
            # whole multiples of one step, and none of more than 53 bits: exact, however the product adds
            sums += times[:, some].astype(np.float64) @ self._table[tokens[some]].astype(np.float64)
        return sums

    def _unit(self, sums: NDArray[np.float64], texts: list[str]) -> NDArray[np.float32]:
        """Scale sums to unit length; where there is none, ask the hashing encoder."""
        # column by column, so that the order of additions is the same on every processor
        lengths = np.sqrt(np.add.reduce(np.square(sums.T, order="C"), axis=0))
        without = np.flatnonzero(lengths == 0)
        lengths[without] = 1
        rows = (sums / lengths[:, None]).astype(np.float32)
        if without.size:
            rows[without] = HashingEncoder(self.width).encode([texts[row] for row in without])
        return rows


def load(folder: str | Path) -> StaticEncoder:
    """Load a static model's directory.

    Raises
    ------
    SettingError : tokenizers and safetensors are not installed, or cannot read it.
    """
    try:
        import safetensors as _
        import tokenizers as _  # noqa: F401, F811
    except ImportError as error:
        raise SettingError(
            f"the encoder in {folder} needs tokenizers and safetensors, of which {error.name} is not "
            "installed; run `pip install 'guyot[encoders]'`"
        ) from error
    return StaticEncoder(folder)


def is_static(folder: Path) -> bool:
    """Say whether a directory's config.json names a model2vec model."""
    config = folder / CONFIG
    if not config.is_file():
        return False
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
    except ValueError:  # what reads the other kind of model says what is wrong with it
        return False
    return isinstance(found, dict) and ("model_type", MODEL_TYPE) in found.items()


@cache
def _thread_pools() -> "ThreadpoolController":
    """Find the thread pools of this process, once: that takes longer than encoding a text."""
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

    return ThreadpoolController().select(user_api="blas")  # pyright: ignore[reportUnknownMemberType]


def _blocks(texts: list[str]) -> Iterator[tuple[list[int], list[str]]]:
    """Yield pieces of texts and the rows of these, up to 524,288 characters at once, no row twice."""
    rows: list[int] = []
    pieces: list[str] = []
    chars = 0
    for row, text in enumerate(texts):
        for begin in range(0, len(text), PIECE_CHARS):
            rows.append(row)
            pieces.append(text[begin : begin + PIECE_CHARS])
            chars += len(pieces[-1])
            if chars >= PIECE_CHARS:
                yield rows, pieces
                rows, pieces, chars = [], [], 0
    if rows:
        yield rows, pieces


def _load_tokenizer(path: Path) -> "Tokenizer":
    """Load a tokenizer that cuts nothing off and pads nothing."""
    from tokenizers import Tokenizer

    if not path.is_file():
        raise SettingError(f"a static encoder needs {path}, which is not there; distil or download it again")
    try:
        loaded = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises no class of its own
        raise SettingError(
            f"{path} of {path.stat().st_size:,} bytes is no tokenizer ({error}); distil or download it again"
        ) from error
    loaded.no_truncation()
    loaded.no_padding()
    # a document may spell out a special token: that is text
    loaded.encode_special_tokens = True
    return loaded


def _load_table(path: Path, n_tokens: int) -> NDArray[np.float32]:
    """Load a vector for each token, float32[n_tokens, width], of which sums in float64 are exact."""
    tensors = _read_tensors(path)
    vectors, mapping, weights = (tensors.get(name) for name in ("embeddings", "mapping", "weights"))
    if vectors is None or vectors.ndim != 2:
        found = ", ".join(f"{name}{list(tensor.shape)}" for name, tensor in tensors.items())
        raise SettingError(f"{path} must have a matrix named embeddings; it has {found or 'nothing'}")
    if mapping is not None:
        places = mapping.astype(np.int64)
        if not ((places >= 0) & (places < len(vectors))).all():
            raise SettingError(
                f"{path} maps tokens to rows {places.min()} to {places.max()}, and has {len(vectors)}"
            )
        vectors = vectors[places]
    if len(vectors) != n_tokens or (weights is not None and len(weights) != n_tokens):
        raise SettingError(
            f"{path} has vectors of {len(vectors):,} tokens, and the tokenizer beside it has {n_tokens:,}; "
            "both must be of one model"
        )
    table = vectors.astype(np.float64)
    if weights is not None:
        table *= weights.astype(np.float64)[:, None]
    return _rounded(table, path)


def _read_tensors(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read the tensors of a safetensors file."""
    from safetensors import SafetensorError
    from safetensors import numpy as tensor_files

    try:
        return tensor_files.load_file(path)  # pyright: ignore[reportUnknownMemberType]
    except (OSError, SafetensorError, KeyError) as error:  # KeyError: a type that numpy lacks
        raise SettingError(
            f"{path} cannot be read as safetensors of numbers that numpy has ({error}); distil or download "
            "it again, or save it as float16 or float32"
        ) from error


def _rounded(table: NDArray[np.float64], path: Path) -> NDArray[np.float32]:
    """Round to multiples of 2^-28 of the power of two above all values."""
    largest = float(np.abs(table).max(initial=0.0))
    if not np.isfinite(largest) or largest == 0:
        raise SettingError(
            f"the largest value of the vectors in {path} is {largest}; distil or download it again"
        )
    step = 2.0 ** (np.frexp(largest)[1] - _BITS_PER_VALUE)
    # through float32 first: what is left has 24 bits, so that it is a float32 still
    return (np.rint(table.astype(np.float32).astype(np.float64) / step) * step).astype(np.float32)

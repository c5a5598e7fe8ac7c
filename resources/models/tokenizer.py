"""The byte-level BPE tokenizer of the language models: trained here, and used as the trainer sees it.

Every document is one <|bos|> token and then its text's tokens; counts include the <|bos|>. All 256
bytes are in the vocabulary, so nothing is unknown and every token but the specials is a known number
of bytes. A text that spells out "<|bos|>" is text, never the special token.
"""

import json
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from guyot.encoders.word_tokens import WordTokens
from guyot.errors import CorruptError, SettingError

BOS, PAD = "<|bos|>", "<|pad|>"
SPECIALS = (BOS, PAD)
N_BYTES = 256
# a longer text is tokenized in pieces, so that one document cannot hold all memory or time
PIECE_CHARS = 100_000
_CHARS_AT_ONCE = 1 << 20


def train_tokenizer(texts: Iterable[str], vocabulary_size: int, *, may_be_empty: bool = False) -> str:
    """Train a tokenizer.

    Parameters
    ----------
    texts : read once, as a stream
    vocabulary_size : tokens, specials included; fewer come out where the texts have no more pairs
    may_be_empty : without any text the vocabulary is the bytes and specials, in place of an error

    Returns
    -------
    The tokenizer as JSON, the text of a tokenizer.json. The same texts give the same text.

    Raises
    ------
    SettingError : the vocabulary has no room for the bytes and specials, or there is no text.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    if vocabulary_size < N_BYTES + len(SPECIALS):
        raise SettingError(
            f"vocabulary_size={vocabulary_size}; {N_BYTES} bytes and {len(SPECIALS)} specials "
            f"need {N_BYTES + len(SPECIALS)}"
        )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    counted = _Counted(texts)
    tokenizer.train_from_iterator(counted.pieces(), trainer)
    if not counted.chars and not may_be_empty:
        raise SettingError(
            f"a tokenizer of {vocabulary_size} tokens was asked for; the training documents have 0 "
            "characters; see in the table quarantine why others were rejected, set reading.text_column to "
            "the column that has the text, or lower reading.held_out_fraction"
        )
    return tokenizer.to_str()


class _Counted:
    """Texts that are counted while they are read."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.chars = 0
        self._texts = texts

    def pieces(self) -> Iterator[str]:
        """Yield the texts in pieces."""
        for text in self._texts:
            self.chars += len(text)
            yield from _pieces(text)


class TextTokenizer:
    """Turns texts into token ids, and token ids into numbers of bytes."""

    def __init__(self, tokenizer_json: str) -> None:
        """Load a tokenizer.

        Raises
        ------
        CorruptError : not a tokenizer that `train_tokenizer` made.
        """
        from tokenizers import Tokenizer

        self.bos = _bos_of(tokenizer_json)
        self._tokenizer = Tokenizer.from_str(tokenizer_json)
        # a document may spell out a special token: that is text
        self._tokenizer.encode_special_tokens = True
        self._words = WordTokens(self._tokenizer)
        self.vocabulary_size: int = self._tokenizer.get_vocab_size()
        self.token_bytes = self._count_token_bytes()

    @property
    def tokens(self) -> list[str]:
        """List all tokens by id, bytes spelled as printable characters."""
        vocabulary: dict[str, int] = self._tokenizer.get_vocab()
        return sorted(vocabulary, key=vocabulary.__getitem__)

    def counts(self, texts: list[str]) -> NDArray[np.int64]:
        """Count the tokens of documents, int64[n], the <|bos|> of each included."""
        return np.array([len(ids) for ids in self.encode(texts)], np.int64)

    def encode(self, texts: list[str]) -> list[NDArray[np.int32]]:
        """Return each document's token ids, int32[m], <|bos|> first.

        Notes
        -----
        A text is tokenized in pieces of 100,000 characters: a token never spans two. A word that was
        seen before is not tokenized again; the first time, words are tokenized on all cores.
        """
        parts: list[list[NDArray[np.int32]]] = [[np.array([self.bos], np.int32)] for _ in texts]
        waiting: list[tuple[int, str]] = []
        n_chars = 0
        for row, text in enumerate(texts):
            for piece in _pieces(text):
                waiting.append((row, piece))
                n_chars += len(piece)
                if n_chars >= _CHARS_AT_ONCE:
                    self._encode_pieces(waiting, parts)
                    waiting, n_chars = [], 0
        self._encode_pieces(waiting, parts)
        return [np.concatenate(pieces) for pieces in parts]

    def _encode_pieces(self, waiting: list[tuple[int, str]], parts: list[list[NDArray[np.int32]]]) -> None:
        """Tokenize pieces and add each to its document."""
        counts, ids = self._words.tokens([piece for _, piece in waiting])
        found = np.split(ids.astype(np.int32), np.cumsum(counts)[:-1])
        for (row, _), tokens in zip(waiting, found[: len(waiting)], strict=True):
            parts[row].append(tokens)

    def _count_token_bytes(self) -> NDArray[np.int64]:
        """Count the bytes of each token, int64[vocabulary]: one per character of its spelling."""
        return np.array([0 if t in SPECIALS else len(t) for t in self.tokens], np.int64)


def _bos_of(tokenizer_json: str) -> int:
    """Find the id of <|bos|> in a tokenizer's JSON."""
    try:
        added = json.loads(tokenizer_json)["added_tokens"]
        return next(int(token["id"]) for token in added if token["content"] == BOS)
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise CorruptError(
            f"tokenizer.json of {len(tokenizer_json)} characters is no tokenizer with {BOS} "
            f"({type(error).__name__}); train it again"
        ) from error


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into pieces."""
    for begin in range(0, len(text), PIECE_CHARS):
        yield text[begin : begin + PIECE_CHARS]

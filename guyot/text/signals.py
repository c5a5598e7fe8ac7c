"""Numbers that describe a document's content, one row per document.

- bytes: of the UTF-8 content. chars: code points. words: runs of non-whitespace.
- lines: pieces between newlines; a newline at the very end opens no further line. max_line: code
  points of the longest.
- alpha_fraction: share of the code points that are letters (Unicode category L).
- repetition: of the characters in stripped lines, the share that lies in lines equal to an earlier
  line of the document; 0 where no line repeats (after Rae et al. 2021, arXiv:2112.11446).
- duplicate_lines: of the stripped lines that are not empty, the share that equals an earlier one.
- compression_ratio: compressed bytes / bytes of the first 65,536 bytes, by zlib at level 1; lower
  is more repetitive, a very short text can be over 1. Its last digits depend on the zlib in use.
- parses: whether Python's own parser accepts the document; None unless its kind is python, and
  None beyond 2,000,000 characters, where the syntax tree would take gigabytes.
"""

import ast
import string
import symtable
import threading
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guyot.errors import ArrayError

COMPRESSED_BYTES = 65_536
MAX_PARSED_CHARS = 2_000_000
_LETTERS = string.ascii_letters.encode()
# warnings.catch_warnings changes the whole process: one thread at a time
PARSING = threading.Lock()
_NOT_PARSED = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Signals:
    """Signals of n documents; the module's docstring describes each.

    bytes, chars, words, lines, max_line : int64[n]
    alpha_fraction, repetition, duplicate_lines, compression_ratio : float64[n]
    parses : n values, None where the question does not arise
    """

    bytes: NDArray[np.int64]
    chars: NDArray[np.int64]
    words: NDArray[np.int64]
    lines: NDArray[np.int64]
    max_line: NDArray[np.int64]
    alpha_fraction: NDArray[np.float64]
    repetition: NDArray[np.float64]
    duplicate_lines: NDArray[np.float64]
    compression_ratio: NDArray[np.float64]
    parses: tuple[bool | None, ...]


def signals(contents: list[str], kinds: list[str]) -> Signals:
    r"""Measure documents' contents.

    Parameters
    ----------
    contents : n texts
    kinds : n kinds; `python` is parsed

    Raises
    ------
    ArrayError : the two lists differ in length.

    Notes
    -----
    O(characters); an ASCII text runs at about 20 MB/s, Python files at the parser's 1-2 MB/s.

    Examples
    --------
    >>> measured = signals(["a b\na b\n"], ["text"])
    >>> measured.lines.tolist(), measured.repetition.tolist(), measured.parses
    ([2], [0.5], (None,))
    """
    if len(contents) != len(kinds):
        raise ArrayError(f"{len(contents)} contents came with {len(kinds)} kinds; give one each")
    encoded = [text.encode() for text in contents]
    split = [_lines(text) for text in contents]
    repeated = [_repetition(lines) for lines in split]
    pairs = list(zip(contents, encoded, strict=True))
    return Signals(
        bytes=_counts([len(data) for data in encoded]),
        chars=_counts([len(text) for text in contents]),
        words=_counts([len(text.split()) for text in contents]),
        lines=_counts([len(lines) for lines in split]),
        max_line=_counts([max(map(len, lines), default=0) for lines in split]),
        alpha_fraction=np.array([_alpha_fraction(t, d) for t, d in pairs], np.float64),
        repetition=np.array([by_chars for by_chars, _ in repeated], np.float64),
        duplicate_lines=np.array([by_lines for _, by_lines in repeated], np.float64),
        compression_ratio=np.array([_compression_ratio(d) for d in encoded], np.float64),
        parses=tuple(_parses(t, k) for t, k in zip(contents, kinds, strict=True)),
    )


def _counts(values: list[int]) -> NDArray[np.int64]:
    """Return counts as int64, also where there are none."""
    return np.array(values, np.int64)


def _lines(text: str) -> list[str]:
    """Split at newlines alone, so that form feeds and their like stay inside a line."""
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


def _alpha_fraction(text: str, data: bytes) -> float:
    """Return the share of letters; ASCII texts need no loop over characters."""
    if not text:
        return 0.0
    if len(data) == len(text):
        return (len(data) - len(data.translate(None, _LETTERS))) / len(data)
    return sum(map(str.isalpha, text)) / len(text)


def _repetition(lines: list[str]) -> tuple[float, float]:
    """Return the share of characters that lie in lines seen before, and the share of such lines."""
    stripped = [line for line in map(str.strip, lines) if line]
    if not stripped:
        return 0.0, 0.0
    distinct = set(stripped)
    return 1 - sum(map(len, distinct)) / sum(map(len, stripped)), 1 - len(distinct) / len(stripped)


def _compression_ratio(data: bytes) -> float:
    """Return compressed bytes per byte of the beginning; 1 where there is nothing to compress."""
    beginning = data[:COMPRESSED_BYTES]
    return len(zlib.compress(beginning, 1)) / len(beginning) if beginning else 1.0


def _parses(text: str, kind: str) -> bool | None:
    """Ask Python's parser; what it cannot take, for whatever reason, does not parse."""
    if kind != "python" or len(text) > MAX_PARSED_CHARS:
        return None
    return _has_symbols(text) or parsed(text) is not None


def _has_symbols(text: str) -> bool:
    """Return whether Python can list the names in a text: then it parses, and no syntax tree need be built.

    A text that parses may still have none, such as one that declares a name global too late.
    """
    with PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _list_symbols(text)
        except _NOT_PARSED:
            return False
    return True


def _list_symbols(text: str) -> None:
    """List names, one call deeper than `parsed` parses: nesting that is too deep there is too deep here."""
    symtable.symtable(text, "<document>", "exec")


def parsed(text: str) -> ast.Module | None:
    """Parse Python, without a warning; None if it cannot be parsed, for whatever reason.

    Examples
    --------
    >>> parsed("1 +") is None, parsed("1 + 1") is None
    (True, False)
    """
    with PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except _NOT_PARSED:
            return None

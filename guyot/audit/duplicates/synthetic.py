"""Duplicates made of a document, of known kinds: copies, edits, frames, other names, another order."""

import ast
import functools
import io
import itertools
import keyword
import re
import tokenize
import warnings
from typing import Literal, assert_never, get_args

from guyot.text.signals import PARSING

Family = Literal[
    "exact", "whitespace", "comments", "one word", "edited 1%", "edited 5%", "framed", "renamed", "reordered"
]
FAMILIES: tuple[Family, ...] = get_args(Family)
PYTHON, PROSE = "python", "text"
HEADER = "This is an archived copy; the original may have changed since."
FOOTER = "End of the archived copy."
_WORD = re.compile(r"\S+")
_GAP = re.compile(r"[ \t]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def synthetic_duplicate(text: str, kind: str, family: Family) -> str | None:
    r"""Return a near-duplicate of a document.

    Parameters
    ----------
    text : the document
    kind : only `python` has comments and is renamed
    family : `exact` copies; `whitespace` doubles every run of spaces and tabs; `comments` leaves out the
        lines that are comments; `one word` replaces the word in the middle; `edited` replaces every
        hundredth or every twentieth word, the first of them in the middle of its stretch; `framed` puts
        a line above and below; `renamed` gives every variable and argument of Python another name;
        `reordered` turns the order of Python's outermost functions and classes around, and puts the
        second half of a prose's sentences, of another kind's blocks between empty lines, first

    Returns
    -------
    The duplicate; None where the family has no place in the document, or would leave it as it is.

    Examples
    --------
    >>> synthetic_duplicate("a\n\nb\n", "markdown", "reordered")
    'b\n\n\na'
    >>> synthetic_duplicate("def f(x):\n    return x\n", "python", "renamed")
    'def f(x_renamed):\n    return x_renamed\n'
    """
    if family == "exact":
        return text
    found = _changed(text, kind, family)
    return None if found == text else found


def _changed(text: str, kind: str, family: Family) -> str | None:
    """Apply a family's change to a document."""
    match family:
        case "exact":
            return text
        case "whitespace":
            return _GAP.sub(lambda gap: gap.group() * 2, text)
        case "comments":
            return _without_comments(text) if kind == PYTHON else None
        case "one word":
            return _one_word(text)
        case "edited 1%":
            return _edited(text, 100)
        case "edited 5%":
            return _edited(text, 20)
        case "framed":
            mark = "# " if kind == PYTHON else ""
            return f"{mark}{HEADER}\n{text}\n{mark}{FOOTER}\n"
        case "renamed":
            return _renamed(text) if kind == PYTHON else None
        case "reordered":
            return _definitions_turned(text) if kind == PYTHON else _halves_swapped(text, kind == PROSE)
        case _:
            assert_never(family)


def _one_word(text: str) -> str | None:
    """Replace the word in the middle; None where there is none."""
    words = list(_WORD.finditer(text))
    if not words:
        return None
    word = words[len(words) // 2]
    return f"{text[: word.start()]}edited{text[word.end() :]}"


def _edited(text: str, every: int) -> str | None:
    """Replace every so many words; None for a shorter document."""
    parts: list[str] = []
    end = 0
    for number, word in enumerate(_WORD.finditer(text)):
        if number % every == every // 2:
            parts += [text[end : word.start()], f"edited{number}"]
            end = word.end()
    return "".join([*parts, text[end:]]) if parts else None


@functools.lru_cache(maxsize=1)  # a document is asked for in several families, one after the other
def _read(source: str) -> tuple[ast.Module, list[tokenize.TokenInfo]] | None:
    """Read Python code; None where it cannot be read, or lines end in ways that its readers count apart."""
    try:
        with PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if "\r" in source.replace("\r\n", ""):
                return None
            return ast.parse(source), list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_comments(source: str) -> str | None:
    """Leave out the lines that are comments; None where it cannot be read."""
    read = _read(source)
    if read is None:
        return None
    lines = list(io.StringIO(source))
    for token in read[1]:
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            lines[token.start[0] - 1] = ""
    return "".join(lines)


def _renamed(source: str) -> str | None:
    """Rename what Python code binds, attributes aside; None where it cannot be read."""
    read = _read(source)
    if read is None:
        return None
    tree, tokens = read
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound = {name for name in bound if not keyword.issoftkeyword(name)}  # match is a word of the language too
    lines = list(io.StringIO(source))
    attributes = {after.start for dot, after in itertools.pairwise(tokens) if dot.string == "."}
    for token in reversed(tokens):
        word = token.string
        if token.type == tokenize.NAME and word in bound and token.start not in attributes:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + word + "_renamed" + line[token.end[1] :]
    return "".join(lines)


def _definitions_turned(source: str) -> str | None:
    """Turn the order of the outermost functions and classes around; None where it cannot be read."""
    read = _read(source)
    if read is None:
        return None
    lines = list(io.StringIO(source))
    places = [
        (min([node.lineno, *(mark.lineno for mark in node.decorator_list)]) - 1, node.end_lineno or 0)
        for node in read[0].body
        if isinstance(node, _DEFINITION)
    ]
    parts: list[str] = []
    end = 0
    for (first, last), (begins, ends) in zip(places, reversed(places), strict=True):
        parts += [*lines[end:first], *lines[begins:ends]]
        end = last
    return "".join([*parts, *lines[end:]])


def _halves_swapped(text: str, prose: bool) -> str | None:
    """Put the second half of the sentences, or of the blocks, first; None where there is but one."""
    parts = _SENTENCE.split(text) if prose else re.split(r"\n[ \t]*\n", text)
    half = (len(parts) + 1) // 2
    between = " " if prose else "\n\n"
    return between.join(parts[half:] + parts[:half]) if len(parts) > 1 else None

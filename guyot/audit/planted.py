"""Duplicates made of a document, of known kinds: copies, edits, other names, another order."""

import ast
import io
import keyword
import re
import tokenize
import warnings
from typing import Literal, assert_never, get_args

Family = Literal["exact", "edited 1%", "edited 5%", "renamed", "reordered"]
FAMILIES: tuple[Family, ...] = get_args(Family)
_WORD = re.compile(r"\S+")


def planted(text: str, kind: str, family: Family) -> str | None:
    r"""Make a duplicate of a document.

    Parameters
    ----------
    text : the document
    kind : only `python` is renamed
    family : `exact` copies; `edited` replaces every hundredth or every twentieth word, the first of them
        in the middle of its stretch; `renamed` gives every variable and argument of Python another
        name; `reordered` puts the second half of the blocks between empty lines before the first

    Returns
    -------
    The duplicate; None where the family has no place in the document.

    Examples
    --------
    >>> planted("a\n\nb\n", "text", "reordered")
    'b\n\n\na'
    >>> planted("def f(x):\n    return x\n", "python", "renamed")
    'def f(x_renamed):\n    return x_renamed\n'
    """
    match family:
        case "exact":
            return text
        case "edited 1%":
            return _edited(text, 100)
        case "edited 5%":
            return _edited(text, 20)
        case "renamed":
            return _renamed(text) if kind == "python" else None
        case "reordered":
            return _reordered(text)
        case _:
            assert_never(family)


def _edited(text: str, every: int) -> str | None:
    """Replace every so many words; None for a shorter document."""
    parts: list[str] = []
    end = 0
    for number, word in enumerate(_WORD.finditer(text)):
        if number % every == every // 2:
            parts += [text[end : word.start()], f"edited{number}"]
            end = word.end()
    return "".join([*parts, text[end:]]) if parts else None


def _renamed(source: str) -> str | None:
    """Rename what Python code binds; None where it cannot be read, or binds nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    lines = source.splitlines(keepends=True)
    changed = False
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in bound and not keyword.iskeyword(token.string):
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + token.string + "_renamed" + line[token.end[1] :]
            changed = True
    return "".join(lines) if changed else None


def _reordered(text: str) -> str | None:
    """Put the second half of the blocks first; None where there is one block."""
    blocks = re.split(r"\n[ \t]*\n", text)
    half = (len(blocks) + 1) // 2
    return "\n\n".join(blocks[half:] + blocks[:half]) if len(blocks) > 1 else None

"""Transformations of Python code that leave what it does as it was, each with a magnitude.

What an encoder overlooks here, a pruner calls a duplicate; what it does not, escapes it. The counterparts,
which do change what code does, are `guyot.audit.corruption.edits`. A document that does not parse is left
alone, and so is one in which a carriage return alone ends a line, which Python counts and nothing else does.
Names are replaced where the syntax tree has them, comments where the tokens do, never by a pattern.
"""

import ast
import io
import re
import tokenize

import numpy as np

from guyot.audit.corruption.edit_sites import Sampler, Text, names
from guyot.audit.invariance.text_transformations import Transformation, n_chosen
from guyot.text.signals import parsed

_Lines = tuple[int, int]  # first and last, from 0, half open
_IMPORTS = (ast.Import, ast.ImportFrom)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def comments(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    r"""Remove comments; a line that was nothing else goes too.

    Parameters
    ----------
    magnitude : share of the comments
    stream : draws which

    Returns
    -------
    None where there are none.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> comments("# why\nx = 1  # how\n", 1, generator(0, "doc"))
    'x = 1\n'
    """
    if _LONE_RETURN.search(text):
        return None
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    # line 1 may say how to run or read the file
    found = [t.start for t in tokens if t.type == tokenize.COMMENT and not t.string.startswith("#!")]
    if not found:
        return None
    lines = io.StringIO(text).readlines()
    for i in stream.permutation(len(found))[: n_chosen(len(found), magnitude)]:
        row, column = found[int(i)]
        line = lines[row - 1]
        end = line[len(line.rstrip("\r\n")) :]
        code = line[:column].rstrip()
        lines[row - 1] = code + end if code else ""
    return "".join(lines)


def renaming(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    """Rename variables and arguments to names without meaning, each wherever it stands.

    Parameters
    ----------
    magnitude : share of the names that are bound in the document and in no other way than by name
    stream : draws which, and their new names

    Returns
    -------
    None where the document does not parse or has none. Callers that name an argument are not renamed.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> renamed = renaming("total = 1; print(total)", 1, generator(0, "doc"))
    >>> "total" in renamed, renamed.count("print"), len(set(renamed.split()))
    (False, 1, 4)
    """
    tree = _tree(text)
    if tree is None:
        return None
    sites = names(Text(text), tree, Sampler(stream), invalid=False)
    chosen = stream.permutation(len(sites))[: n_chosen(len(sites), magnitude)]
    spans = sorted(span for i in chosen for span in sites[int(i)])
    pieces: list[str] = []
    done = 0
    for begin, end, new in spans:
        pieces += [text[done:begin], new]
        done = end
    return "".join([*pieces, text[done:]]) if spans else None


def import_order(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    r"""Exchange the places of import statements at the head of the module.

    Parameters
    ----------
    magnitude : share of them that change places, two at least
    stream : draws which

    Returns
    -------
    None where the document does not parse or has fewer than two.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> import_order("import a\nimport b\n", 1, generator(0, "doc"))
    'import b\nimport a\n'
    """
    tree = _tree(text)
    found = [n for n in tree.body if isinstance(n, _IMPORTS) and not _is_future(n)] if tree else []
    return _exchanged(text, [_lines_of(node) for node in found], magnitude, stream)


def function_order(text: str, magnitude: float, stream: np.random.Generator) -> str | None:
    r"""Exchange the places of functions and classes of the module, with their decorators.

    Parameters
    ----------
    magnitude : share of them that change places, two at least
    stream : draws which

    Returns
    -------
    None where the document does not parse or has fewer than two. Comments above a function stay where they
    are; a class that another is derived from may come to stand below it.

    Examples
    --------
    >>> from guyot.seeds import generator
    >>> function_order("def a(): 1\n\ndef b(): 2\n", 1, generator(0, "doc"))
    'def b(): 2\n\ndef a(): 1\n'
    """
    tree = _tree(text)
    found = [node for node in tree.body if isinstance(node, _DEFINITIONS)] if tree else []
    return _exchanged(text, [_lines_of(node) for node in found], magnitude, stream)


CODE_TRANSFORMATIONS: dict[str, Transformation] = {
    "comments": comments,
    "renaming": renaming,
    "import_order": import_order,
    "function_order": function_order,
}


def _tree(text: str) -> ast.Module | None:
    """Parse a text; None where that fails, or its lines are not those that end in line feeds."""
    return None if _LONE_RETURN.search(text) else parsed(text)


def _is_future(node: ast.stmt) -> bool:
    """Return whether an import must stay first."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _lines_of(node: ast.stmt) -> _Lines:
    """Return the lines of a statement, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return first - 1, node.end_lineno or node.lineno


def _exchanged(text: str, spans: list[_Lines], magnitude: float, stream: np.random.Generator) -> str | None:
    """Exchange blocks of lines among their places, each for the next that is drawn."""
    lines = text.split("\n")
    # two statements on a line cannot change places with others
    spans = [span for i, span in enumerate(spans) if not any(
        span[0] < other[1] and other[0] < span[1] for other in spans[max(0, i - 1) : i] + spans[i + 1 : i + 2]
    )]  # fmt: skip
    if len(spans) < 2:
        return None
    drawn = stream.permutation(len(spans))[: max(2, n_chosen(len(spans), magnitude))]
    chosen = sorted(int(place) for place in drawn)
    taken_from = dict(zip(chosen, [*chosen[1:], chosen[0]], strict=True))
    pieces: list[str] = []
    done = 0
    for place, (begin, end) in enumerate(spans):
        other = spans[taken_from.get(place, place)]
        pieces += [*lines[done:begin], *lines[other[0] : other[1]]]
        done = end
    return "\n".join([*pieces, *lines[done:]])

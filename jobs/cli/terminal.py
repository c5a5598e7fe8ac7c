"""Text for a terminal: nothing in it is a command to the terminal, what is too long is cut with a mark."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from guyot.text.labels import label

_UNCUT = 100_000  # columns: what a pipe or a file reads is never cut
MARK = "…"
MAX_NAME_CHARACTERS = 300  # on a terminal; a pipe gets whole names
out = Console(width=None if sys.stdout.isatty() else _UNCUT)


def cell(value: Any, width: int | None = None) -> Text:
    r"""Write a value as one line without markup, of `width` columns at most where one is given.

    What cannot be shown is written as its escape, a line break too. What is cut ends in a mark.

    Examples
    --------
    >>> cell("one\ntwo").plain, cell("a long text", 6).plain, cell(None).plain
    ('one\\ntwo', 'a lon…', '')
    """
    text = "" if value is None else str(value)
    if width is None:
        return Text(label(text))
    # most characters are a column wide or wider, so that four for each column are more than can be shown
    shown = Text(label(text[: 4 * width + 1]), end="")
    shown.truncate(width, overflow="ellipsis")
    return shown


def name(text: str) -> str:
    """Write a name or a sentence in one line; on a terminal the middle of a very long one is left out.

    Examples
    --------
    >>> len(cut_middle("x" * 1000, MAX_NAME_CHARACTERS))
    300
    """
    return label(cut_middle(text, MAX_NAME_CHARACTERS) if out.is_terminal else text)


def cut_middle(text: str, most: int) -> str:
    """Return at most `most` characters of a text: its beginning and its end, with a mark between them.

    Examples
    --------
    >>> cut_middle("transformers/models/bert.py", 11)
    'trans…rt.py'
    """
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return text[: most - 1 - end] + MARK + text[len(text) - end :]

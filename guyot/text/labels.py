r"""Labels that any program can show: characters that are not printable are written as escapes."""

import re
from typing import Any, cast

# control characters, lone surrogates, line and paragraph separators, what turns the direction of
# writing, and code points that Unicode keeps from being characters
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def label(text: str) -> str:
    r"""Return text with unprintable characters escaped; different texts stay different.

    Raw, a control character in a label makes the drawing library abort its process, and reaches a
    terminal as a command.

    Examples
    --------
    >>> label("en\x1b"), label("naïve 日本")
    ('en\\x1b', 'naïve 日本')
    """
    return _UNSHOWABLE.sub(_escape, text)


def lines(text: str) -> str:
    r"""Return text of several lines of which each is a `label`.

    Examples
    --------
    >>> lines("one\ntwo\x1b[2J")
    'one\ntwo\\x1b[2J'
    """
    return "\n".join(label(line) for line in text.split("\n"))


def with_labels(value: Any) -> Any:  # any JSON value
    r"""Return a JSON value in which every string and every name is a `label`.

    Examples
    --------
    >>> with_labels({"rows": [{"kind\0": "a\n", "n": 1}]})
    {'rows': [{'kind\\x00': 'a\\n', 'n': 1}]}
    """
    if isinstance(value, str):
        return label(value)
    if isinstance(value, dict):
        return {label(name): with_labels(part) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [with_labels(part) for part in cast("list[Any]", value)]
    return value


def _escape(found: re.Match[str]) -> str:
    """Write one character as Python does in a string."""
    return found.group().encode("unicode_escape").decode()

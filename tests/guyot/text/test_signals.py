"""Signals of contents, against numbers counted by hand."""

import ast
import sysconfig
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest

from guyot.errors import ArrayError
from guyot.seeds import generator
from guyot.text.signals import COMPRESSED_BYTES, MAX_PARSED_CHARS, signals


def one(content, kind="text"):
    return signals([content], [kind])


def test_counts_by_hand():
    found = one("été 12\n\n  x\n")
    # é is two bytes: 12 code points, 14 bytes
    assert found.bytes.tolist() == [14]
    assert found.chars.tolist() == [12]
    assert found.words.tolist() == [3]
    assert found.lines.tolist() == [3]
    assert found.max_line.tolist() == [6]
    # letters: é t é x
    assert found.alpha_fraction.tolist() == [4 / 12]


@pytest.mark.parametrize(
    ("content", "lines", "max_line"),
    [("", 0, 0), ("\n", 1, 0), ("a", 1, 1), ("a\n", 1, 1), ("a\nbc", 2, 2), ("a\x0cb\n", 1, 3)],
)
def test_lines(content, lines, max_line):
    found = one(content)
    assert (found.lines[0], found.max_line[0]) == (lines, max_line)


@pytest.mark.parametrize(
    ("content", "repetition", "duplicate_lines"),
    [
        ("", 0.0, 0.0),
        ("\n\n\n", 0.0, 0.0),
        ("ab\ncd\n", 0.0, 0.0),
        ("ab\n\n  ab\n\ncdef\n", 2 / 8, 1 / 3),
        ("a\na\na\na\n", 3 / 4, 3 / 4),
    ],
)
def test_repetition(content, repetition, duplicate_lines):
    assert one(content).repetition.tolist() == [pytest.approx(repetition)]
    assert one(content).duplicate_lines.tolist() == [pytest.approx(duplicate_lines)]


@pytest.mark.parametrize(
    ("content", "fraction"), [("", 0.0), ("aZ9_", 0.5), ("ß9", 0.5), ("@[`{", 0.0), ("字字", 1.0)]
)
def test_alpha_fraction(content, fraction):
    assert one(content).alpha_fraction.tolist() == [fraction]


def test_compression_looks_at_the_beginning_alone():
    beginning = "ab" * (COMPRESSED_BYTES // 2)
    expected = len(zlib.compress(beginning.encode(), 1)) / COMPRESSED_BYTES
    assert one(beginning + "anything else").compression_ratio.tolist() == [expected]
    assert expected < 0.02
    assert one("").compression_ratio.tolist() == [1.0]
    assert one("x").compression_ratio[0] > 1


@pytest.mark.parametrize(
    ("content", "parses"),
    [
        ("x = 1\n", True),
        ("print 'two'\n", False),
        ("'\\d' is 1\n", True),
        ("x = '\0'\n", False),
        ("-" * 100_000 + "1\n", False),
        ("(" * 5_000 + ")" * 5_000, False),
        ("+".join(["a"] * 50_000), False),
        ("x = " + "9" * 6_000, False),
    ],
    ids=["good", "python2", "warns", "nul", "minuses", "brackets", "sum", "long number"],
)
def test_python_is_parsed_without_a_warning(content, parses):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert one(content, "python").parses == (parses,)


@pytest.mark.parametrize(
    "content",
    [
        "def f():\n    x = 1\n    global x\n",
        "nonlocal x\n",
        "def f(a, a):\n    pass\n",
        "from __future__ import nothing\n",
        "[(x := 1) for x in y]\n",
        "class C:\n    [(x := 1) for y in z]\n",
        "def f():\n    from a import *\n",
        "return 1\n",
        "break\n",
        "await x\n",
    ],
)
def test_what_the_compiler_refuses_later_parses(content):
    ast.parse(content)
    assert one(content, "python").parses == (True,)


def by_syntax_tree(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def test_a_text_parses_where_a_syntax_tree_can_be_made_of_it():
    draw = generator(0, "test-signals")
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::8]
    contents = []
    for file in files:
        text = file.read_text(errors="replace")
        place, sign = int(draw.integers(len(text))), "()[]:='\"\\\n\t@,"[int(draw.integers(13))]
        contents += [text, text[:place], text[:place] + sign + text[place:]]
    found = signals(contents, ["python"] * len(contents)).parses
    assert found == tuple(map(by_syntax_tree, contents))
    assert {True, False} <= set(found)


def test_nesting_at_the_limit_of_the_parser_parses_as_before():
    sums = ["+".join(["a"] * length) for length in range(2600, 3010)]
    found = signals(sums, ["python"] * len(sums)).parses
    # these calls stand two deeper in the stack, a level of it being three of nesting
    edge = sum(map(by_syntax_tree, sums))
    assert found == tuple(place < sum(found) for place in range(len(sums))), "one limit"
    assert edge - 20 <= sum(found) <= edge


def test_only_python_of_bearable_length_is_parsed():
    contents = ["x = 1", "x = (", "#" * (MAX_PARSED_CHARS + 1)]
    assert signals(contents, ["c", "markdown", "python"]).parses == (None, None, None)


def test_no_documents():
    found = signals([], [])
    assert found.chars.dtype == np.int64
    assert found.repetition.dtype == np.float64
    assert found.parses == ()


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ArrayError, match="2 contents came with 1 kinds"):
        signals(["a", "b"], ["text"])

"""Planted duplicates: of each family what it says, and nothing where it has no place."""

import ast

import pytest

from guyot.audit.duplicates.synthetic import FAMILIES, synthetic_duplicate

SOURCE = 'import os\n\n\ndef area(width, height):\n    """Multiply width."""\n    total = width * height  # width\n    return os.fspath(total)\n'


def test_words_are_edited_at_their_places() -> None:
    text = " ".join(f"w{i}" for i in range(250))
    one, five = synthetic_duplicate(text, "text", "edited 1%"), synthetic_duplicate(text, "text", "edited 5%")
    assert [i for i, (a, b) in enumerate(zip(text.split(), one.split(), strict=True)) if a != b] == [50, 150]
    changed = [i for i, (a, b) in enumerate(zip(text.split(), five.split(), strict=True)) if a != b]
    assert changed == list(range(10, 250, 20))
    assert synthetic_duplicate("a  b\n\tc", "text", "edited 5%") is None
    assert synthetic_duplicate("x\n\t " * 11, "text", "edited 5%") == "x\n\t " * 10 + "edited10\n\t "


def test_names_are_renamed_and_nothing_else() -> None:
    found = synthetic_duplicate(SOURCE, "python", "renamed")
    assert found == SOURCE.replace("(width, height)", "(width_renamed, height_renamed)").replace(
        "total = width * height ", "total_renamed = width_renamed * height_renamed "
    ).replace("fspath(total)", "fspath(total_renamed)")
    ast.parse(found)


@pytest.mark.parametrize(
    ("text", "kind"), [("x = 1", "text"), ("def (:", "python"), ("print(1)", "python"), ("", "python")]
)
def test_what_cannot_be_renamed_is_not(text: str, kind: str) -> None:
    assert synthetic_duplicate(text, kind, "renamed") is None


def test_blocks_change_places() -> None:
    assert synthetic_duplicate("a\n\nb\n \nc", "markdown", "reordered") == "c\n\na\n\nb"
    assert synthetic_duplicate("one block.\nOf two lines", "markdown", "reordered") is None


def test_sentences_of_prose_change_places() -> None:
    assert synthetic_duplicate("One. Two!\n\nThree? v1.5", "text", "reordered") == "Three? v1.5 One. Two!"
    assert synthetic_duplicate("One block\n\nwithout an end", "text", "reordered") is None


def test_definitions_turn_around_and_what_is_between_stays() -> None:
    source = (
        "import os\n\n\n@mark\ndef one():\n    return 1\n\n\nX = 1\n\n\nclass Two:\n    def inner(self):\n"
        "        pass\n\n    def other(self):\n        pass\n\n\nasync def three():\n    pass\n"
    )
    found = synthetic_duplicate(source, "python", "reordered")
    names = [node.name for node in ast.parse(found).body if hasattr(node, "name")]
    assert names == ["three", "Two", "one"]
    assert found.startswith("import os\n\n\nasync def three():\n    pass\n\n\nX = 1\n\n\nclass Two:")
    assert found.endswith("\n\n\n@mark\ndef one():\n    return 1\n")
    assert sorted(found.splitlines()) == sorted(source.splitlines())
    assert synthetic_duplicate("def one():\n    pass\n", "python", "reordered") is None


def test_comments_that_fill_a_line_go() -> None:
    source = "# first\nx = 1  # beside\n    # inside\ny = (1,\n# inside too\n)\n"
    assert synthetic_duplicate(source, "python", "comments") == "x = 1  # beside\ny = (1,\n)\n"
    assert synthetic_duplicate(source, "text", "comments") is None
    assert synthetic_duplicate("x = 1\n", "python", "comments") is None


def test_small_edits() -> None:
    assert synthetic_duplicate("a b\tc\nd", "text", "whitespace") == "a  b\t\tc\nd"
    assert synthetic_duplicate("word", "text", "whitespace") is None
    assert synthetic_duplicate("a b\tc\nd", "text", "one word") == "a b\tedited\nd"
    assert synthetic_duplicate(" \n", "text", "one word") is None
    framed = synthetic_duplicate("x = 1", "python", "framed")
    assert [line[0] for line in framed.splitlines()] == ["#", "x", "#"]
    assert len(synthetic_duplicate("x", "text", "framed").splitlines()) == 3


def test_lines_are_those_that_python_counts() -> None:
    """A form feed ends no line of Python's, nor does it move what is renamed."""
    source = "# one\x0c two\n\x0c\nx = 1\nprint(x, a.x, f(x=x))\nmatch = 2\n"
    told = synthetic_duplicate(source, "python", "renamed")
    assert told == source.replace("x = 1", "x_renamed = 1").replace(
        "(x, a.x, f(x=x))", "(x_renamed, a.x, f(x_renamed=x_renamed))"
    )
    assert synthetic_duplicate(source, "python", "comments") == source[source.index("\n") + 1 :]
    assert synthetic_duplicate("x = 1\ry = 2\r", "python", "renamed") is None
    assert synthetic_duplicate("x = 1\r\n", "python", "renamed") == "x_renamed = 1\r\n"


def test_every_family_is_made_of_some_document() -> None:
    text = "".join(SOURCE.replace("area", f"area{number}") for number in range(20))
    text = text + "# the end\n"
    made = [synthetic_duplicate(text, "python", family) for family in FAMILIES]
    assert len({*made}) == len(FAMILIES)
    assert None not in made
    assert all(ast.parse(made[FAMILIES.index(f)]) for f in ("comments", "framed", "renamed", "reordered"))
    assert synthetic_duplicate(text, "python", "exact") == text

"""Planted duplicates: of each family what it says, and nothing where it has no place."""

import ast

import pytest

from guyot.audit.planted import FAMILIES, planted

SOURCE = 'import os\n\n\ndef area(width, height):\n    """Multiply width."""\n    total = width * height  # width\n    return os.fspath(total)\n'


def test_words_are_edited_at_their_places() -> None:
    text = " ".join(f"w{i}" for i in range(250))
    one, five = planted(text, "text", "edited 1%"), planted(text, "text", "edited 5%")
    assert [i for i, (a, b) in enumerate(zip(text.split(), one.split(), strict=True)) if a != b] == [50, 150]
    changed = [i for i, (a, b) in enumerate(zip(text.split(), five.split(), strict=True)) if a != b]
    assert changed == list(range(10, 250, 20))
    assert planted("a  b\n\tc", "text", "edited 5%") is None
    assert planted("x\n\t " * 11, "text", "edited 5%") == "x\n\t " * 10 + "edited10\n\t "


def test_names_are_renamed_and_nothing_else() -> None:
    found = planted(SOURCE, "python", "renamed")
    assert found == SOURCE.replace("(width, height)", "(width_renamed, height_renamed)").replace(
        "total = width * height ", "total_renamed = width_renamed * height_renamed "
    ).replace("fspath(total)", "fspath(total_renamed)")
    ast.parse(found)


@pytest.mark.parametrize(
    ("text", "kind"), [("x = 1", "text"), ("def (:", "python"), ("print(1)", "python"), ("", "python")]
)
def test_what_cannot_be_renamed_is_not(text: str, kind: str) -> None:
    assert planted(text, kind, "renamed") is None


def test_blocks_change_places() -> None:
    assert planted("a\n\nb\n \nc", "text", "reordered") == "c\n\na\n\nb"
    assert planted("one block\nof two lines", "text", "reordered") is None


def test_every_family_is_made_of_some_document() -> None:
    text = SOURCE * 20
    assert all(planted(text, "python", family) is not None for family in FAMILIES)
    assert planted(text, "python", "exact") == text

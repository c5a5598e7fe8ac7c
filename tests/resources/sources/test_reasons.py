"""Reasons: each is given somewhere, and is told in order."""

from pathlib import Path

from guyot.images import decode
from guyot.navigation import walk_lines, walks
from resources.sources import reasons as module
from resources.sources.reasons import REASONS


def test_every_documented_reason_is_given_somewhere():
    sources = [
        *Path(str(module.__file__)).parent.glob("*.py"),
        *(Path(one.__file__) for one in (decode, walk_lines, walks)),
    ]
    code = "".join(path.read_text() for path in sources)
    assert [reason for reason in REASONS if code.count(f'"{reason}"') < 2] == []
    assert list(REASONS) == sorted(REASONS)
    assert all(len(meaning) > 9 for meaning in REASONS.values())

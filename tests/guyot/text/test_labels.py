"""Labels: what cannot be shown is escaped, all else stays."""

import sys
import unicodedata
from xml.etree import ElementTree

from guyot.text.labels import label, with_labels

MARKUP = dict.fromkeys(map(ord, "<&"))


def test_what_remains_is_text_of_xml_and_holds_no_control_character():
    for point in range(sys.maxunicode + 1):
        written = label(f"a{chr(point)}b")
        assert written.encode().decode() == written
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in written)
    ElementTree.fromstring(
        "<a>" + label("".join(map(chr, range(sys.maxunicode + 1))).translate(MARKUP)) + "</a>"
    )
    assert label("\ufffe\uffff\U0001ffff\u202e") == r"\ufffe\uffff\U0001ffff\u202e"


def test_what_people_write_stays():
    for text in ("naïve", "日本語", "می‌خواهم", "👩‍💻", "a b", "C:\\x1b", ""):
        assert label(text) == text


def test_different_labels_stay_different():
    labels = [f"en{chr(point)}" for point in range(0x100)]
    assert len(set(map(label, labels))) == len(labels)


def test_names_and_values_at_any_depth():
    given = {"a\x1b": [{"b": ["\0", 1, None, True, 0.5]}], "c": "d"}
    assert with_labels(given) == {r"a\x1b": [{"b": [r"\x00", 1, None, True, 0.5]}], "c": "d"}

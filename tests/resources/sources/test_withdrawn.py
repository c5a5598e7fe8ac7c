"""What is withdrawn: by text wherever it stands, by file whatever it holds; nothing else."""

import pytest

from resources.sources.reasons import REASONS
from resources.sources.records import MAX_DETAIL_CHARS, Document
from resources.sources.withdrawn import NOTHING, REASON, Withdrawn

WITHDRAWN = Withdrawn({"d" * 32: "of a text"}, {"a.py": "of a file"})


@pytest.mark.parametrize(
    ("path", "digest", "why"),
    [
        ("b.py", "d" * 32, "of a text"), ("a.py", "e" * 32, "of a file"), ("a.py", "d" * 32, "of a file"),
        ("b.py", "e" * 32, None), ("A.py", "D" * 32, None),
    ],
)  # fmt: skip
def test_a_document_goes_by_its_text_or_its_file(path: str, digest: str, why: str | None) -> None:
    assert WITHDRAWN.why(path, digest) == why
    assert NOTHING.why(path, digest) is None


def test_the_record_in_quarantine_names_the_document_and_holds_no_text() -> None:
    found = WITHDRAWN.rejected(Document("a.py", "7", "secret", "python", '{"owner": "secret"}'), "x" * 1000)
    assert (found.source_path, found.record_key, found.reason) == ("a.py", "7", REASON)
    assert REASON in REASONS
    assert found.detail == "x" * MAX_DETAIL_CHARS
    assert "secret" not in repr(found)

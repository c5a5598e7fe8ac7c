"""What was withdrawn: texts, wherever they stand, and whole source files, whatever they hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from resources.sources.records import MAX_DETAIL_CHARS, Document, RejectedRecord

REASON = "withdrawn"


@dataclass(frozen=True)
class Withdrawn:
    """Texts and files that must not become documents, each with the withdrawal that says so.

    texts : detail of the quarantined record, by `guyot.identity.content_digest` of the text
    files : the same, by the file's path relative to the source root

    Examples
    --------
    >>> Withdrawn({}, {"a.py": "of a person"}).why("a.py", "0" * 32)
    'of a person'
    """

    texts: Mapping[str, str]
    files: Mapping[str, str]

    def why(self, source_path: str, digest: str) -> str | None:
        """Return why a document is withdrawn, or None if it is not."""
        return self.files.get(source_path) or self.texts.get(digest)

    def rejected(self, document: Document, why: str) -> RejectedRecord:
        """Return the record that stands for a withdrawn document in quarantine; it holds no text."""
        return RejectedRecord(
            document.source_path, document.record_key, -1, -1, REASON, why[:MAX_DETAIL_CHARS]
        )


NOTHING = Withdrawn({}, {})

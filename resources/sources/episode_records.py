"""Turns records that hold a walk into documents: each is checked against its own maze."""

from typing import Any

from guyot.navigation.walk_lines import WalkError
from guyot.navigation.walks import format_walk, parse_walk
from resources.setting_groups import EPISODE
from resources.settings import Settings
from resources.sources.records import Document, RecordFile, RejectedRecord, as_text, key_of, meta_of

WALK_COLUMNS = ("walk", "text", "content")
Problem = tuple[str, str]  # reason, detail


class EpisodeRecordFile(RecordFile):
    """Turns the records of one file into episodes; remembers the keys it has seen.

    The other columns, such as the policy, its seed or the task, go into the documents' meta.
    """

    def __init__(self, path: str, settings: Settings) -> None:
        super().__init__(path, settings)
        named = settings.reading.text_column
        self.text_columns = self.content_columns = (named,) if named else WALK_COLUMNS

    def document(
        self, record: dict[str, Any], *, begin: int = -1, end: int = -1
    ) -> Document | RejectedRecord:
        """Convert the next record to a document or a rejected record."""
        key = key_of(record.get(self.id_column))
        column = next((n for n in self.text_columns if record.get(n) is not None), None)
        text: Any = record.get(column) if column else None
        problem = self._text_problem(record, text) or self._key_problem(key)
        content, problem = ("", problem) if problem else canonical(as_text(text))
        if problem:
            return self.rejected(*problem, begin=begin, end=end, key=key)
        return Document(
            self.path, self._remember(key), content, EPISODE, meta_of(record, {column, self.id_column})
        )


def canonical(text: str) -> tuple[str, Problem | None]:
    """Return a walk as it is written here, and what is wrong with it: equal walks are equal documents."""
    try:
        return format_walk(parse_walk(text)), None
    except WalkError as error:
        return "", (error.reason, error.detail)

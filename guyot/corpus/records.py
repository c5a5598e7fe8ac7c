"""Records of files and data sets: documents, or rejected with the reason; a bad one costs itself alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from guyot.errors import ArrayError, SettingError

TEXT_COLUMNS = ("text", "content")
ID_COLUMN = "id"
KIND_COLUMNS = ("kind", "language")
DEFAULT_KIND = "text"
_MAX_KIND_CHARS = 64
_MAX_DETAIL_CHARS = 500


@dataclass(frozen=True)
class Row:
    """One document.

    record : the number of its record, from 0; of JSON lines the number of the line
    id : its id column's value, or without one the number of its record
    """

    record: int
    id: str
    text: str
    kind: str


@dataclass(frozen=True)
class Rejected:
    """A record that is no document; the reasons are those of the graph's quarantine."""

    record: int
    reason: str
    detail: str


class Records:
    """Makes documents of the records of one file; knows the ids that it has seen."""

    def __init__(self, text_column: str, id_column: str) -> None:
        self._text_columns = (text_column,) if text_column else TEXT_COLUMNS
        self._id_column = id_column or ID_COLUMN
        self._seen: dict[str, int] = {}

    def read(self, record: int, value: object) -> Row | Rejected:
        """Convert a record to a row, or to a rejected record with the reason."""
        if not isinstance(value, Mapping):
            return Rejected(record, "not_an_object", f"a record of type {type(value).__name__}")
        fields = cast(Mapping[str, object], value)
        text = next((fields[n] for n in self._text_columns if fields.get(n) is not None), None)
        problem = self._problem(fields, text)
        key = self._key(fields, record)
        if not problem and key in self._seen:
            problem = "duplicate_id", f"id {key!r} taken by record {self._seen[key]}, counted from 0"
        if problem:
            return Rejected(record, problem[0], problem[1][:_MAX_DETAIL_CHARS])
        self._seen[key] = record
        return Row(record, key, cast(str, text), _kind(fields))

    def _problem(self, fields: Mapping[str, object], text: object) -> tuple[str, str] | None:
        """Return what is wrong with the text, (reason, detail), or None."""
        if text is None:
            asked = " or ".join(self._text_columns)
            state = "null" if any(n in fields for n in self._text_columns) else "absent"
            return "missing_text", f"{asked} is {state}; columns found: {', '.join(map(str, fields))}"
        if not isinstance(text, str):
            return "text_not_a_string", f"the text is of type {type(text).__name__}"
        if "\0" in text:
            return "nul_byte", f"at character {text.index(chr(0))} of {len(text)}"
        if not text.strip():
            return "empty_document", f"{len(text)} characters of whitespace"
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return "invalid_utf8", f"character {error.start} of {len(text)} is half of a surrogate pair"
        return None

    def _key(self, fields: Mapping[str, object], record: int) -> str:
        """Return a record's id."""
        value = fields.get(self._id_column)
        return str(record) if value is None or value == "" else str(value)


def rows_of(dataset: Iterable[object], text_column: str, id_column: str) -> Iterator[Row | Rejected]:
    """Read a data set row by row.

    Raises
    ------
    SettingError : it is several splits, of which one is to be chosen.
    """
    if isinstance(dataset, Mapping):
        splits = ", ".join(map(str, cast(Mapping[object, object], dataset)))
        raise SettingError(
            f"a data set of several splits was given: {splits}; choose one, as in dataset['train']"
        )
    records = Records(text_column, id_column)
    for number, value in enumerate(dataset):
        yield records.read(number, value)


def separate(rows: Iterable[Row | Rejected]) -> tuple[list[Row], list[Rejected]]:
    """Separate documents from what is none."""
    found: list[Row] = []
    rejected: list[Rejected] = []
    for row in rows:
        if isinstance(row, Row):
            found.append(row)
        else:
            rejected.append(row)
    return found, rejected


def readable(texts: Sequence[object]) -> None:
    """Raise for values that are not text, and for text that cannot be encoded as UTF-8.

    Raises
    ------
    ArrayError : naming the first one.

    Examples
    --------
    >>> readable(["a", "b"])
    """
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ArrayError(f"{len(texts)} texts were given; number {row} is of type {type(text).__name__}")
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise ArrayError(
                    f"text {row} has half of a surrogate pair at character {error.start}; "
                    "decode it with errors='replace'"
                ) from error


def _kind(fields: Mapping[str, object]) -> str:
    """Return the kind that a record names."""
    for name in KIND_COLUMNS:
        value = fields.get(name)
        if isinstance(value, str) and 0 < len(value.strip()) <= _MAX_KIND_CHARS:
            return value.strip().lower()
    return DEFAULT_KIND

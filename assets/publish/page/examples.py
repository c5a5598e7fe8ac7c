"""The report's examples: dropped documents beside the ones because of which they went, line by line."""

import difflib
import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assets.publish.page import queries
from assets.publish.page.live_rows import live_rows
from resources.lake.manifest import ROWS

if TYPE_CHECKING:
    import duckdb

BEGINNING_CHARS, MAX_LINES, MAX_SHOWN, CONTEXT_LINES = 8000, 200, 40, 2
_MAX_SIDE, _MAX_MIDDLE, _ALIKE = 80, 200, 0.4


@dataclass(frozen=True)
class Part:
    """A line of one text: its number from 1, and its characters before, in and after what differs."""

    number: int
    before: str
    differs: str = ""
    after: str = ""


@dataclass(frozen=True)
class DiffLine:
    """A line of both texts side by side, None where one has none; a gap is equal lines left out."""

    kind: Literal["same", "changed", "gap"]
    left: Part | None = None
    right: Part | None = None


def examples(connection: "duckdb.DuckDBPyConnection") -> list[dict[str, Any]]:
    """Choose dropped documents and compare each with its witness.

    Returns
    -------
    Dictionaries of what queries.EXAMPLES answers, `uri`, `witness_uri`, `caption` and `witness_caption` (how
    the texts begin; of an image they are captions), `lines` (of DiffLine), `more` (lines
    that differ and are not shown) and `verdict` (same_text, same_beginning or differs); pairs of which a
    document is no longer live are left out.
    """
    pairs = connection.sql(queries.EXAMPLES).to_arrow_table().to_pylist()
    texts = beginnings(connection, sorted({pair[side] for pair in pairs for side in ("doc_id", "witness")}))
    return [
        {**pair, **_beside(texts[pair["doc_id"]], texts[pair["witness"]])}
        for pair in pairs
        if pair["doc_id"] in texts and pair["witness"] in texts
    ]


def beginnings(connection: "duckdb.DuckDBPyConnection", ids: list[str]) -> dict[str, dict[str, Any]]:
    """Read source, digest and the beginning of the content of a few documents."""
    columns = (
        f"doc_id, left(source_path, {queries.MAX_NAME_CHARS}) AS uri, content_digest, "
        f"left(content, {BEGINNING_CHARS}) AS content"
    )
    return live_rows(connection, ROWS, ids, columns)


def _beside(dropped: dict[str, Any], witness: dict[str, Any]) -> dict[str, Any]:
    """Compare two documents' beginnings and say what came of it."""
    lines, more = compare(dropped["content"], witness["content"])
    same = "same_text" if dropped["content_digest"] == witness["content_digest"] else "same_beginning"
    return {
        "uri": dropped["uri"],
        "witness_uri": witness["uri"],
        "caption": dropped["content"],
        "witness_caption": witness["content"],
        "lines": lines,
        "more": more,
        "verdict": "differs" if lines else same,
    }


def compare(left: str, right: str) -> tuple[list[DiffLine], int]:
    r"""Compare two texts side by side: the lines that differ, with some context.

    Returns
    -------
    lines : at most MAX_SHOWN, none where the first MAX_LINES lines are the same
    more : how many further lines differ among the first MAX_LINES

    Examples
    --------
    >>> lines, more = compare("a = 1\nsame\nx = 1", "a = 2\nsame\nx = 12")
    >>> [(line.kind, line.left.differs, line.right.differs) for line in lines], more
    ([('changed', '1', '2'), ('same', '', ''), ('changed', '', '2')], 0)
    """
    a, b = left.split("\n")[:MAX_LINES], right.split("\n")[:MAX_LINES]
    lines: list[DiffLine] = []
    end_a = end_b = 0
    for group in difflib.SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        if group[0][1] > end_a and group[0][3] > end_b:
            lines.append(DiffLine("gap"))
        for _, begin_a, end_a, begin_b, end_b in group:
            places = itertools.zip_longest(range(begin_a, end_a), range(begin_b, end_b))
            lines += [_line(a, b, i, j) for i, j in places]
    return lines[:MAX_SHOWN], sum(line.kind == "changed" for line in lines[MAX_SHOWN:])


def _line(a: list[str], b: list[str], i: int | None, j: int | None) -> DiffLine:
    """Set line i of one text beside line j of the other, marking what differs if they are alike."""
    if i is None or j is None:
        left = None if i is None else _part(i, a[i], len(a[i]), 0)
        return DiffLine("changed", left, None if j is None else _part(j, b[j], len(b[j]), 0))
    if a[i] == b[j]:
        return DiffLine("same", _part(i, a[i], len(a[i]), 0), _part(j, b[j], len(b[j]), 0))
    head = len(os.path.commonprefix([a[i], b[j]]))
    tail = len(os.path.commonprefix([a[i][head:][::-1], b[j][head:][::-1]]))
    if head + tail < _ALIKE * max(len(a[i]), len(b[j])):
        return DiffLine("changed", _part(i, a[i], len(a[i]), 0), _part(j, b[j], len(b[j]), 0))
    return DiffLine("changed", _part(i, a[i], head, tail), _part(j, b[j], head, tail))


def _part(place: int, text: str, head: int, tail: int) -> Part:
    """Cut a line in three, what differs in the middle, and shorten each so that the difference shows."""
    before, differs, after = text[:head], text[head : len(text) - tail], text[len(text) - tail :]
    if not differs and not after:
        return Part(place + 1, before[:_MAX_MIDDLE] + "…" * (len(before) > _MAX_MIDDLE))
    return Part(
        place + 1,
        "…" * (len(before) > _MAX_SIDE) + before[-_MAX_SIDE:],
        differs[:_MAX_MIDDLE] + "…" * (len(differs) > _MAX_MIDDLE),
        after[:_MAX_SIDE] + "…" * (len(after) > _MAX_SIDE),
    )

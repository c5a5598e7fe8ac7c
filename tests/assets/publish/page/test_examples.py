"""Examples: what differs between two texts is found, shown and bounded, and few contents are read."""

from pathlib import Path

import numpy as np
import pytest
from support.catalogue import small_tables, write_catalogue

from assets.publish.page.examples import (
    BEGINNING_CHARS,
    MAX_LINES,
    MAX_SHOWN,
    DiffLine,
    beginnings,
    compare,
    examples,
)


def shown(lines: list[DiffLine]) -> list[tuple[str, str, str]]:
    sides = [(line.left, line.right) for line in lines]
    texts = [
        tuple("" if part is None else part.before + part.differs + part.after for part in side)
        for side in sides
    ]
    return [(line.kind, *text) for line, text in zip(lines, texts, strict=True)]


def test_a_changed_line_is_marked_where_it_differs_with_the_lines_around_it() -> None:
    left = "\n".join(f"line {i}" for i in range(9))
    lines, more = compare(left, left.replace("line 4", "line 4 and more"))
    assert shown(lines) == [
        ("gap", "", ""), ("same", "line 2", "line 2"), ("same", "line 3", "line 3"),
        ("changed", "line 4", "line 4 and more"), ("same", "line 5", "line 5"), ("same", "line 6", "line 6"),
    ]  # fmt: skip
    changed = lines[3]
    assert changed.left is not None
    assert changed.right is not None
    assert (changed.left.number, changed.left.differs, changed.right.differs, more) == (5, "", " and more", 0)


def test_lines_of_one_text_alone_stand_alone() -> None:
    assert shown(compare("a\nb\nc", "a\nc")[0]) == [
        ("same", "a", "a"),
        ("changed", "b", ""),
        ("same", "c", "c"),
    ]
    assert shown(compare("", "a")[0]) == [("changed", "", "a")]
    assert compare("same\ntext", "same\ntext") == ([], 0)


def test_a_difference_far_along_a_line_is_in_sight_and_long_lines_are_cut() -> None:
    line = compare("x" * 5000 + "1" + "y" * 900, "x" * 5000 + "2" + "y" * 900)[0][0]
    assert line.left is not None
    assert line.left.differs == "1"
    assert line.left.before.startswith("…x")
    assert len(line.left.before + line.left.after) < 200
    whole = compare("x" * 5000, "y" * 5000)[0][0]
    assert whole.left is not None
    assert len(whole.left.before + whole.left.differs) <= 201


def test_many_differences_are_counted_not_shown() -> None:
    lines, more = compare("\n".join(f"a{i}" for i in range(999)), "\n".join(f"b{i}" for i in range(999)))
    assert (len(lines), more) == (MAX_SHOWN, MAX_LINES - MAX_SHOWN)


def test_pairs_are_set_side_by_side_with_the_gone_left_out(tmp_path: Path) -> None:
    tables = small_tables()
    tables["raw_shards"] = [row for row in tables["raw_shards"] if row["doc_id"] != "d0"]
    tables["raw_shards"][0]["content_digest"] = "d9"
    with write_catalogue(tmp_path / "lake", tables).connect() as connection:
        found = {pair["doc_id"]: pair for pair in examples(connection)}
    assert sorted(found) == ["d1", "d2", "d3", "d4"]
    pair = found["d2"]
    assert (pair["uri"], pair["witness_uri"], pair["verdict"]) == ("a/d2.py", "b/d9.py", "differs")
    assert ("changed", "line 3 of d2", "line 3 of d9") in shown(pair["lines"])
    assert pair["similarity"] == 0.0
    assert beginnings_of_nothing(tmp_path) == {}


def beginnings_of_nothing(folder: Path) -> dict[str, object]:
    with write_catalogue(folder / "other", small_tables()).connect() as connection:
        return dict(beginnings(connection, []))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts the bytes read as Linux tells them")
def test_a_few_documents_cost_their_row_groups_not_all_contents(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    tables = small_tables()
    document = tables["raw_shards"][0]
    tables["raw_shards"] = [
        {**document, "doc_id": f"d{i}", "content": draw.bytes(30_000).hex()} for i in range(500)
    ]  # fmt: skip
    catalogue = write_catalogue(tmp_path / "lake", tables, row_group_size=10)
    with catalogue.connect() as connection:
        before = bytes_read()
        found = beginnings(connection, ["d7", "d399"])
        taken = bytes_read() - before
    assert {name: len(row["content"]) for name, row in found.items()} == {
        "d7": BEGINNING_CHARS,
        "d399": BEGINNING_CHARS,
    }
    assert found["d399"]["content"] == tables["raw_shards"][399]["content"][:BEGINNING_CHARS]
    everything = sum(file.stat().st_size for file in (tmp_path / "lake" / "raw_shards").rglob("*.parquet"))
    assert taken < everything / 5


def bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])

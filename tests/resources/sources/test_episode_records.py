"""Walks of every source: what is a document, what its meta keeps, and why the others are none."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.episodes import hostile, maze, walk_at_random

from guyot.navigation.walks import format_walk
from resources.settings import Settings
from resources.sources.episode_records import EpisodeRecordFile, canonical
from resources.sources.json_lines import read_json_lines
from resources.sources.parquet import read_parquet
from resources.sources.reasons import REASONS
from resources.sources.records import Document, RejectedRecord

WALK = format_walk(walk_at_random(maze(0), 0, 0))


def record_file(**settings: str) -> EpisodeRecordFile:
    return EpisodeRecordFile("a", Settings.of(reading__documents="episode", **settings))


def test_hostile_records_each_have_their_reason_and_the_rest_is_unharmed() -> None:
    records = record_file()
    for name, (text, reason) in hostile().items():
        found = records.document({"id": name, "walk": text})
        if reason:
            assert isinstance(found, RejectedRecord)
            assert (found.reason, found.record_key) == (reason, name)
            assert found.detail
            assert reason in REASONS
        else:
            assert isinstance(found, Document)
            assert "\r" not in found.content
    assert {reason for _, reason in hostile().values()} > {
        "moved_through_wall",
        "bumped_no_wall",
        "action_at_goal",
    }


def test_a_document_is_an_episode_whose_other_columns_are_its_meta() -> None:
    found = record_file().document(
        {"id": 7, "walk": f"{WALK}\n", "policy": "gru-0", "geodesic": 9, "kind": "x"}
    )
    assert found == Document("a", "7", WALK, "episode", '{"geodesic":9,"kind":"x","policy":"gru-0"}')


@pytest.mark.parametrize("names, settings, used", [(["text", "walk"], {}, "walk"), (["text", "content"], {}, "text"), (["walk", "path"], {"reading__text_column": "path"}, "path")])  # fmt: skip
def test_the_column_is_walk_else_text_else_content_or_the_one_that_is_named(
    names: list, settings: dict, used: str
) -> None:
    found = record_file(**settings).document({name: WALK if name == used else "no walk" for name in names})
    assert isinstance(found, Document)


def test_a_key_is_taken_once_but_not_by_a_walk_that_was_rejected() -> None:
    records = record_file()
    assert isinstance(records.document({"id": "k", "walk": "no walk"}), RejectedRecord)
    assert isinstance(records.document({"id": "k", "walk": WALK}), Document)
    again = records.document({"id": "k", "walk": WALK})
    assert isinstance(again, RejectedRecord)
    assert again.reason == "duplicate_id"


def test_records_without_a_walk_say_which_columns_were_looked_for() -> None:
    found = record_file().document({"id": 1, "path": WALK})
    assert isinstance(found, RejectedRecord)
    assert (found.reason, "walk or text or content is absent" in found.detail) == ("missing_text", True)
    assert record_file().document({"walk": 7}).reason == "text_not_a_string"


def test_parquet_and_json_lines_give_the_same(tmp_path: Path) -> None:
    rows = [{"id": str(n), "walk": format_walk(walk_at_random(maze(n), 0, n)), "n": n} for n in range(5)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    columns = list(
        read_parquet(str(tmp_path / "a.parquet"), (tmp_path / "a.parquet").stat().st_size, record_file())
    )
    lines = list(read_json_lines(str(tmp_path / "a.jsonl"), record_file(), max_bytes=10_000))
    assert columns == lines
    assert all(isinstance(one, Document) for one in lines)
    pq.write_table(pa.table({"path": ["x"]}), tmp_path / "b.parquet")
    (none,) = read_parquet(str(tmp_path / "b.parquet"), 9, record_file())
    assert none.reason == "missing_text_column"


def test_a_walk_is_written_in_one_way() -> None:
    assert canonical(f"{WALK}\n\n") == canonical(WALK.replace("\n", "\r\n")) == (WALK, None)

"""Evaluation sets in a lake: rows with vectors, a version that follows the files, and what is rejected."""

import json
from pathlib import Path

import pytest
from support.lake import build_asset, lake_at, spec_of

from assets.cluster.evaluation_sets import REJECTS, evaluation_records_can_be_read, evaluation_sets
from assets.graph.lake import LakeResources
from guyot.encoders.hashing import HashingEncoder
from guyot.errors import SettingError
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import Manifest


def lake_of(folder: Path, *files: str, **settings: str) -> LakeResources:
    named = ",".join(str(folder / file) for file in files)
    return lake_at(folder / "lake", folder, **{"contamination.files": named, **settings})


def built(lake: LakeResources) -> Manifest:
    (found,) = build_asset(lake, "evaluation_sets")
    assert found.manifest is not None
    return found.manifest


def test_without_files_there_are_no_rows_and_no_encoder(tmp_path: Path) -> None:
    lake = lake_at(tmp_path / "lake", tmp_path, encoder=str(tmp_path / "no-model"))
    assert built(lake).rows == 0
    assert built(lake).facts["sets"] == []


def test_rows_have_vectors_and_ids_that_follow_name_key_and_content(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(
        "".join(json.dumps({"id": i, "text": f"text {i}"}) + "\n" for i in range(300))
    )
    (tmp_path / "a.txt").write_text("one text")
    lake = lake_of(tmp_path, "b.jsonl", "a.txt")
    manifest = built(lake)
    rows = lake.store.table(manifest).to_pylist()
    assert [(r["evaluation_set"], r["record_key"], r["content"]) for r in rows[:2]] == [
        ("a", "", "one text"),
        ("b", "0", "text 0"),
    ]
    assert len({row["doc_id"] for row in rows}) == len(rows) == 301
    wanted = unit_float16(HashingEncoder().encode([row["content"] for row in rows]))
    assert (lake.store.vectors(manifest)[:] == wanted).all()
    assert evaluation_sets.shows is not None
    shown = evaluation_sets.shows(evaluation_sets.reader(lake), manifest)
    assert "| b | 300 |" in shown["records"].md_str


def test_the_version_follows_the_bytes_and_not_the_place(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / "a.txt").write_text("one text")
    lake, moved = lake_of(tmp_path, "a.txt"), lake_of(tmp_path, "other/a.txt")
    before = built(lake)
    assert spec_of(moved, "evaluation_sets").version == before.version
    (tmp_path / "a.txt").write_text("another")
    assert spec_of(lake, "evaluation_sets").version != before.version
    assert built(lake).content != before.content


def test_rejects_are_listed_and_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x", "text": "fine"}\n{"id": "y", "n": 1}\nno json\n')
    lake = lake_of(tmp_path, "a.jsonl")
    manifest = built(lake)
    assert manifest.rows == 1
    rejects = lake.store.table(manifest, REJECTS.file).to_pylist()
    assert [(r["evaluation_set"], r["record_key"], r["reason"]) for r in rejects] == [
        ("a", "1", "missing_text"),
        ("a", "2", "invalid_json"),
    ]
    result = evaluation_records_can_be_read.result(lake)
    assert not result.passed
    assert "2 records are rejected: a 1: missing_text" in str(result.description)


def test_a_file_without_a_readable_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x", "n": 1}\n')
    with pytest.raises(
        SettingError, match=r"none of its 1 records can be read; the first is missing_text: no field"
    ):
        built(lake_of(tmp_path, "a.jsonl"))
    with pytest.raises(SettingError, match="there is no such file"):
        spec_of(lake_of(tmp_path, "b.jsonl"), "evaluation_sets")

"""What a person means who withdraws: every name of a document or file, and nothing that is near."""

from pathlib import Path

import pytest
from support.lake import graph_lake

from assets.graph.lake import LakeResources
from guyot.errors import MissingError
from jobs.cli.withdrawal_targets import in_force, label, targets_of, to_restore


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def test_a_document_is_found_by_each_of_its_names(lake: LakeResources) -> None:
    (row,) = (
        row for shard in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        if row["record_key"] == "r5"
    )  # fmt: skip
    names = [row["doc_id"], row["doc_id"][:8], "records.jsonl#r5", "r5"]
    found = targets_of(lake, names, reason="why", by="who")
    assert [one.rows for one in found] == [found[0].rows] * 4
    assert found[0].texts == {row["content_digest"]}
    assert not found[0].is_file
    assert label(found[0]) == "records.jsonl#r5"
    assert (found[0].rows[0]["doc_id"], found[0].reason, found[0].by) == (row["doc_id"], "why", "who")


def test_a_file_is_withdrawn_with_all_its_texts(lake: LakeResources) -> None:
    uri = (Path(lake.settings.source) / "records.jsonl").as_uri()
    for name in ("records.jsonl", uri):
        (found,) = targets_of(lake, [name], reason="why", by="who")
        assert (found.is_file, label(found), len(found.texts)) == (True, "records.jsonl", 12)
    (one,) = targets_of(lake, ["package01/module0.py"], reason="why", by="who")
    assert (one.is_file, len(one.texts)) == (True, 1)


def test_what_is_not_there_is_refused(lake: LakeResources) -> None:
    assert in_force(lake) == []
    with pytest.raises(MissingError, match="'nothing.py' was asked for; the lake has no document"):
        targets_of(lake, ["nothing.py"], reason="why", by="who")
    with pytest.raises(MissingError, match="'r5' was to be restored; 0 withdrawals are in force: nothing"):
        to_restore(lake, ["r5"])

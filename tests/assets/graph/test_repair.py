"""Repairing a lake: what a run can make again is set aside, what it cannot stays; nothing is lost."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from support.lake import build_asset, copy_of, graph_lake, scan

from assets.graph import plan
from assets.graph.lake import LakeResources
from assets.graph.repair import LEFT, LEFT_RUN, RUN, Repair, repair, repairs
from assets.graph.verification import verify
from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import Withdrawal
from guyot.errors import CorruptError


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture
def lake(original: LakeResources, tmp_path: Path) -> LakeResources:
    return copy_of(original, tmp_path / "lake")


def folder_of(lake: LakeResources, table: str, key: str = "all") -> Path:
    return Path(lake.store.path(table, key, lake.store.required(table, key).version))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def repaired(lake: LakeResources) -> list[Repair]:
    done = list(repair(lake, repairs(lake, verify(lake))))
    assert [one.is_left for one in repair(lake, repairs(lake, verify(lake)))] == [
        True for one in done if one.is_left
    ]
    return done


def some_withdrawal(reason: str) -> Withdrawal:
    row = {"kind": "file", "source_path": "t.parquet", "record_key": "", "doc_id": "", "content_digest": ""}
    return Withdrawal((row,), reason, "a person", "2026-01-01")


def test_a_plan_changes_nothing(lake: LakeResources) -> None:
    cut(folder_of(lake, "centroids") / "vectors.arrow")
    assert [one.next for one in repairs(lake, verify(lake))] == [RUN]
    assert [one.next for one in repairs(lake, verify(lake))] == [RUN]


def test_a_damaged_version_is_missing_for_the_plan_and_a_build_makes_it_again(lake: LakeResources) -> None:
    folder = folder_of(lake, "centroids")
    content = (folder / "vectors.arrow").read_bytes()
    cut(folder / "vectors.arrow")
    assert "centroids" not in plan.unfitted(lake)
    (one,) = repaired(lake)
    assert (one.partition, one.next, one.is_left) == (("centroids", "all"), RUN, False)
    assert "centroids" in plan.unfitted(lake)
    assert lake.store.partitions("centroids") == []
    build_asset(lake, "centroids")
    assert (folder / "vectors.arrow").read_bytes() == content
    assert verify(lake).damaged == []


def test_what_no_run_makes_by_itself_is_named_with_its_backfill(lake: LakeResources) -> None:
    cut(folder_of(lake, "model_soups", "d4") / "rows.parquet")
    cut(folder_of(lake, "evaluations", "d4/0") / "rows.parquet")
    said = [one.next for one in repaired(lake)]
    assert said == [RUN, "`guyot backfill model_soups --partition 'd4'` makes it again"]


def test_a_pointer_names_the_newest_whole_version_again(lake: LakeResources) -> None:
    folder = folder_of(lake, "tokenizer")
    for content in (None, b"", b"0123", b"\xff" * 16):
        pointer = folder.parent / "current"
        _ = pointer.unlink() if content is None else pointer.write_bytes(content)
        (one,) = repaired(lake)
        assert one.next == f"current names {folder.name} again"
        assert folder_of(lake, "tokenizer") == folder
    assert not (Path(lake.store.root) / ".damaged").exists()


def test_a_pointer_to_nothing_names_no_older_version_but_goes(lake: LakeResources) -> None:
    before = folder_of(lake, "centroids")
    with lake.store.write("centroids", "all", inputs={"i": "1"}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1]}))
    shutil.rmtree(folder_of(lake, "centroids"))
    assert [one.next for one in repaired(lake)] == [RUN]
    assert lake.store.partitions("centroids") == []
    assert before.exists()


def test_an_older_version_that_is_damaged_is_set_aside_and_the_live_one_stays(lake: LakeResources) -> None:
    before = folder_of(lake, "leaderboard")
    with lake.store.write("leaderboard", "all", inputs={"i": "1"}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": [1]}))
    live = folder_of(lake, "leaderboard")
    cut(before / "rows.parquet")
    assert [one.next for one in repaired(lake)] == ["an older version, which nothing makes again"]
    assert folder_of(lake, "leaderboard") == live
    assert not before.exists()


def test_an_older_run_that_is_damaged_stays_since_it_keeps_its_documents(lake: LakeResources) -> None:
    key = min(lake.store.partitions("training_runs"))
    before = folder_of(lake, "training_runs", key)
    record = lake.store.table(lake.store.required("training_runs", key))
    cut(before / "rows.parquet")
    facts = lake.store.required("training_runs", key).facts
    with lake.store.write("training_runs", key, inputs={"i": "1"}, settings={}, code="1") as writer:
        writer.table(record)
        writer.facts |= facts
    assert [one.next for one in repaired(lake)] == [LEFT_RUN]
    assert before.exists()
    assert not (Path(lake.store.root) / ".damaged").exists()


def test_a_run_whose_pointer_names_none_is_no_older_one(lake: LakeResources) -> None:
    run = folder_of(lake, "training_runs", lake.store.partitions("training_runs")[0])
    cut(next(path for path in sorted(run.iterdir()) if path.name != "manifest.json"))
    pointer = run.parent / "current"
    other = "0" if run.name[0] != "0" else "1"
    pointer.write_text(f"{other}{run.name[1:]}")  # a flipped bit
    done = repaired(lake)
    assert not any(one.is_left for one in done)
    assert not run.exists()
    assert not pointer.exists()
    assert verify(lake).damaged == []


def test_a_registry_that_is_damaged_gives_way_to_what_was_known_before(lake: LakeResources) -> None:
    before = folder_of(lake, "shard_registry")
    withdrawals.write(lake.store, some_withdrawal("no licence"))
    scan(lake)
    live = folder_of(lake, "shard_registry")
    assert live != before
    cut(live / "rows.parquet")
    with pytest.raises(CorruptError, match="guyot verify --repair"):
        scan(lake)
    assert [one.next for one in repaired(lake)] == ["`guyot run` looks at the sources again"]
    assert folder_of(lake, "shard_registry") == before
    scan(lake)
    assert folder_of(lake, "shard_registry") == live
    assert verify(lake).damaged == []


def test_a_withdrawal_is_never_set_aside_and_stays_in_force(lake: LakeResources) -> None:
    first = some_withdrawal("no licence")
    withdrawals.write(lake.store, first)
    older = folder_of(lake, "withdrawals", first.name)
    withdrawals.write(lake.store, some_withdrawal("another reason"))
    newest = folder_of(lake, "withdrawals", first.name)
    pointer = newest.parent / "current"
    pointer.write_bytes(b"cut")
    assert [one.next for one in repaired(lake)] == [f"current names {newest.name} again"]
    cut(newest / "rows.parquet")
    for content in (newest.name.encode(), b"cut"):
        pointer.write_bytes(content)
        done = repaired(lake)
        assert {one.next for one in done} == {LEFT}
        assert newest.exists()
        assert older.exists()
        with pytest.raises(CorruptError):
            scan(lake)
    assert pointer.read_bytes() == b"cut"


def test_what_a_run_has_made_whole_meanwhile_is_passed_over(lake: LakeResources) -> None:
    manifest = folder_of(lake, "centroids") / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    planned = repairs(lake, verify(lake))
    manifest.write_bytes(content)
    assert list(repair(lake, planned)) == []
    assert verify(lake).damaged == []

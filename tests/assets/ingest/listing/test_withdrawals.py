"""Withdrawals in the lake: each by itself, all in the registry's table, and stamps that never come back."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.lake import lake_at, scan

from assets.ingest.listing import withdrawals
from assets.ingest.listing.withdrawals import FILE, RESTORED, TEXT, WITHDRAWALS, Withdrawal
from assets.ingest.shard_registry import record, record_withdrawals
from resources.sources.scan import Listing


def of_text(digest: str, at: str = "monday", **more: object) -> Withdrawal:
    row = {
        "kind": TEXT, "source_path": "a.py", "record_key": "", "doc_id": "1" * 32, "content_digest": digest
    }  # fmt: skip
    return Withdrawal((row,), "why", "who", at, **more)


def of_file(path: str, *digests: str) -> Withdrawal:
    empty = {"record_key": "", "doc_id": "", "content_digest": ""}
    rows = [{"kind": FILE, "source_path": path, **empty}]
    rows += [{**of_text(d).rows[0], "source_path": path} for d in digests]
    return Withdrawal(tuple(rows), "why", "who", "monday")


def test_what_is_written_is_read_and_a_later_word_replaces_the_earlier(place: str) -> None:
    store = lake_at(place, "/nowhere").store
    both = [of_text("d", shards=("shard-00001",)), of_file("b.py", "d", "e")]
    for one in both:
        withdrawals.write(store, one)
    by_name = {entry.key: withdrawals.read(store, entry) for entry in withdrawals.entries(store)}
    assert by_name == {one.name: one for one in both}
    table = withdrawals.table_of(store, withdrawals.entries(store))
    assert table.schema == WITHDRAWALS.schema
    assert table.num_rows == 4
    found = withdrawals.in_force(table)
    assert found.why("x.py", "e") == f"{both[1].name}: why"
    assert found.why("b.py", "?") == f"{both[1].name}: why"
    assert found.why("x.py", "d") is not None
    assert found.why("x.py", "?") is None
    undone = dataclasses.replace(both[1], state=RESTORED, at="tuesday")
    assert undone.name == both[1].name
    withdrawals.write(store, undone)
    found = withdrawals.in_force(withdrawals.table_of(store, withdrawals.entries(store)))
    assert found.why("x.py", "d") == f"{both[0].name}: why"
    assert found.why("b.py", "e") is None


def test_ids_are_of_the_text_or_of_the_path(place: str) -> None:
    del place
    assert of_text("d").name == of_text("d", at="tuesday").name != of_text("e").name
    assert of_file("d").name != of_text("d").name
    assert of_file("b.py", "d").name == of_file("b.py").name != of_file("c.py").name


def test_a_stamp_is_of_the_shards_that_are_named_and_never_comes_back(place: str) -> None:
    store = lake_at(place, "/nowhere").store
    seen: list[str] = []
    for number, state in enumerate(["withdrawn", "restored", "withdrawn", "restored"]):
        one = of_text("d", at=str(number), state=state, shards=("shard-00001", "shard-00004"))
        withdrawals.write(store, one)
        stamps = withdrawals.stamps_of(withdrawals.entries(store))
        assert list(stamps) == ["shard-00001", "shard-00004"]
        seen.append(stamps["shard-00001"])
    assert len(set(seen)) == 4
    withdrawals.write(store, of_text("e", shards=("shard-00004",)))
    stamps = withdrawals.stamps_of(withdrawals.entries(store))
    assert stamps["shard-00001"] == seen[-1]
    assert stamps["shard-00004"] != seen[-1]


def test_writers_at_the_same_moment_lose_nothing(place: str) -> None:
    store = lake_at(place, "/nowhere").store
    many = [of_text(str(number)) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: withdrawals.write(store, one), many * 2))
    assert {entry.key for entry in withdrawals.entries(store)} == {one.name for one in many}


class _Interrupted(Listing):
    """A listing in the middle of whose recording somebody withdraws something."""

    def __getattribute__(self, name: str) -> Any:
        if name == "registry" and (meanwhile := vars(self).pop("meanwhile", None)):
            meanwhile()
        return super().__getattribute__(name)


def test_what_is_withdrawn_while_a_scan_is_recorded_is_in_what_is_live_then(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.md").write_text("a text")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    scan(lake)
    found = lake.sources.scan(None, "2026-01-01T00:00:00+00:00", None)
    listing = _Interrupted(found.registry, found.ignored, found.held_out)

    def withdraw() -> None:
        withdrawals.write(lake.store, of_text("d"))
        record_withdrawals(lake)  # live before the scan is, which knows nothing of it

    vars(listing)["meanwhile"] = withdraw
    record(lake, listing)
    table = lake.store.table(lake.store.required("shard_registry"), WITHDRAWALS.file)
    assert table["withdrawal"].to_pylist() == [of_text("d").name]

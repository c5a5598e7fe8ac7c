"""The registry: a file never changes shard, whatever the history."""

import dataclasses

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from assets.ingest.shard_registry import FILES
from resources.sources.registry import (
    SCHEMA,
    Entry,
    entries_of,
    group_into_shards,
    live_by_shard,
    live_entries,
    live_shards,
    merge,
    table_of,
)

PATHS = st.sampled_from([f"{folder}/{name}.py" for folder in "ab" for name in "cdefg"])
HISTORIES = st.lists(st.dictionaries(PATHS, st.integers(0, 30)), min_size=1, max_size=8)


def entry(path, n_bytes=1, digest="", problem=""):
    return Entry(
        f"/s/{path}", path, "python", path[0], "train", n_bytes, f"{n_bytes}-1",
        digest or str(n_bytes), problem, "",
    )  # fmt: skip


def by_path(entries):
    return {found.path: found for found in entries}


@given(HISTORIES)
def test_a_file_never_changes_shard(history):
    registry, shards = [], {}
    for step, files in enumerate(history):
        before = by_path(registry)
        found = [entry(path, n_bytes) for path, n_bytes in files.items()]
        registry = merge(registry, found, shard_bytes=40, now=str(step))
        after = by_path(registry)
        assert before.keys() | files.keys() == after.keys()
        assert {path for path in after if after[path].state == "live"} == files.keys()
        for path, row in after.items():
            assert shards.setdefault(path, row.shard) == row.shard
        new = {row.shard for path, row in after.items() if path not in before}
        assert not new & {row.shard for row in before.values()}
        again = merge(registry, found, shard_bytes=40, now="later")
        assert again == registry


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 30)))
def test_shards_are_filled_in_order_and_not_over_their_size(sizes):
    shards = group_into_shards(sizes, shard_bytes=20, first_shard=0)
    assert list(shards) == sorted(sizes)
    assert list(shards.values()) == sorted(shards.values())
    numbers = sorted({int(shard[-5:]) for shard in shards.values()})
    assert numbers == list(range(len(numbers)))
    for shard in set(shards.values()):
        members = [sizes[path] for path in shards if shards[path] == shard]
        assert sum(members) <= 20 or len([size for size in members if size]) == 1


def test_times_move_with_what_changed_and_nothing_else():
    first = merge([], [entry("a/a.py"), entry("a/b.py")], shard_bytes=9, now="1")
    second = merge(first, [entry("a/a.py", digest="new")], shard_bytes=9, now="2")
    changed, gone = second
    assert (changed.first_seen, changed.last_changed) == ("1", "2")
    assert (gone.state, gone.last_changed, gone.shard) == ("removed", "2", "shard-00000")
    third = merge(second, [entry("a/b.py")], shard_bytes=9, now="3")
    assert [row.state for row in third] == ["removed", "live"]
    assert [row.last_changed for row in third] == ["3", "3"]
    assert merge(third, [entry("a/b.py")], shard_bytes=9, now="4") == third


def test_a_touched_file_keeps_its_time():
    first = merge([], [entry("a/a.py")], shard_bytes=9, now="1")
    touched = dataclasses.replace(entry("a/a.py"), etag="1-2")
    assert merge(first, [touched], shard_bytes=9, now="2")[0].last_changed == "1"


def test_a_problem_that_appears_or_goes_is_a_change():
    first = merge([], [entry("a/a.py")], shard_bytes=9, now="1")
    broken = merge(first, [entry("a/a.py", problem="unreadable")], shard_bytes=9, now="2")
    assert broken[0].last_changed == "2"
    assert broken[0].shard == first[0].shard


def test_a_table_holds_entries_unchanged():
    entries = merge([], [entry("a/b.py"), entry("a/a.py")], shard_bytes=1, now="1")
    table = table_of(reversed(entries))
    assert table.schema == SCHEMA
    assert entries_of(table) == entries
    assert live_entries(table, "shard-00001") == entries[1:]
    assert table_of([]).schema == SCHEMA
    assert isinstance(table, pa.Table)


def test_live_entries_leave_out_what_is_gone():
    first = merge([], [entry("a/a.py")], shard_bytes=9, now="1")
    assert live_entries(table_of(merge(first, [], shard_bytes=9, now="2")), "shard-00000") == []


def test_live_files_by_shard_are_those_of_each_shard():
    first = merge([], [entry("b"), entry("a"), entry("c", 99)], shard_bytes=9, now="1")
    table = table_of(merge(first, [entry("a"), entry("c", 99)], shard_bytes=9, now="2"))
    found = live_by_shard(table)
    assert list(found) == live_shards(table)
    assert found == {shard: live_entries(table, shard) for shard in live_shards(table)}
    assert [entry.path for entries in found.values() for entry in entries] == ["a", "c"]


def test_the_schema_of_entries_is_that_of_the_asset():
    assert SCHEMA == FILES.schema

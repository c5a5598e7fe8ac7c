"""A scan of a source: what becomes a row, what is read again, which side it falls on."""

import os

import pytest

from guyot.errors import SettingError
from resources import sources as sources_module
from resources.registry import entries_of
from resources.settings import Settings
from resources.sources import Sources


@pytest.fixture
def root(tmp_path):
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def make(root, **settings):
    return Sources(settings=Settings(source=str(root), lake=str(root.parent / "lake"), **settings))


def rows(listing):
    return {entry.path: entry for entry in entries_of(listing.registry)}


def put(root, name, content="x"):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


def test_rows_and_ignored_files(root):
    for name in ("a.py", "d/b.md", "d/c.jsonl.gz", "d/e.png", "f.png", "Makefile"):
        put(root, name)
    listing = make(root).scan(None, "now")
    found = rows(listing)
    assert {path: entry.kind for path, entry in found.items()} == {
        "a.py": "python",
        "d/b.md": "markdown",
        "d/c.jsonl.gz": "jsonl",
    }
    assert listing.ignored == {"": 1, ".png": 2}
    assert found["a.py"].uri == (root / "a.py").as_uri()
    assert found["a.py"].location == str(root / "a.py")
    assert (found["a.py"].group, found["d/b.md"].group) == ("a.py", "d")
    assert found["d/c.jsonl.gz"].split_by == "record"
    assert {e.split_by for e in found.values() if e.kind != "jsonl"} == {"train", "held_out"}


def test_kinds_are_a_filter(root):
    for name in ("a.py", "b.md", "c.jsonl"):
        put(root, name)
    listing = make(root, kinds="python,jsonl").scan(None, "now")
    assert sorted(rows(listing)) == ["a.py", "c.jsonl"]
    assert listing.ignored == {".md": 1}


def test_problems_are_rows_of_a_shard_without_a_side(root):
    os.mkfifo(root / "fifo.txt")
    os.mkfifo(root / "ignored.png")
    (root / "loop").symlink_to(".")
    (root / "memory.txt").symlink_to("/proc/self/mem")
    put(root, "good.txt")
    found = rows(make(root).scan(None, "now"))
    assert {path: entry.problem for path, entry in found.items()} == {
        "fifo.txt": "not_a_regular_file",
        "good.txt": "",
        "loop": "symlink_loop",
        "memory.txt": "unreadable",
    }
    bad = [entry for entry in found.values() if entry.problem]
    assert all(e.shard == "shard-00000" and not e.split_by and not e.digest for e in bad)
    assert found["memory.txt"].detail == "Input/output error"


def test_an_unchanged_file_is_not_read_again(root, monkeypatch):
    put(root, "a.py")
    put(root, "b.py")
    first = make(root).scan(None, "1")
    put(root, "b.py", "other")
    read = []
    digest_of = sources_module.digest_of
    monkeypatch.setattr(sources_module, "digest_of", lambda path: read.append(path) or digest_of(path))
    second = make(root).scan(first.registry, "2", first.held_out)
    assert read == [str(root / "b.py")]
    assert rows(second)["a.py"] == rows(first)["a.py"]
    assert rows(second)["b.py"].digest != rows(first)["b.py"].digest


def test_a_file_that_can_no_longer_be_opened_is_told_though_unchanged(root, monkeypatch):
    put(root, "a.py")
    first = make(root).scan(None, "1")
    monkeypatch.setattr(sources_module.os, "access", lambda *_: False)

    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(sources_module, "digest_of", refuse)
    found = rows(make(root).scan(first.registry, "2", first.held_out))["a.py"]
    assert (found.problem, found.detail) == ("unreadable", "Permission denied")


def test_a_scan_is_deterministic_and_idempotent(root):
    for name in "hgfedcba":
        put(root, f"{name}/x.py", name)
    first = make(root, shard_bytes=3).scan(None, "1")
    assert make(root, shard_bytes=3).scan(None, "1").registry.equals(first.registry)
    again = make(root, shard_bytes=3).scan(first.registry, "2", first.held_out)
    assert again == first
    assert [e.shard for e in rows(first).values()][::3] == [f"shard-0000{i}" for i in range(3)]


def test_the_rule_of_the_first_scan_is_kept(root):
    for name in "abcdefghi":
        put(root, f"{name}/x.py", name)
    first = make(root, held_out_fraction=0.3).scan(None, "1")
    assert first.held_out["unit"] == "file"
    for name in "jklmno":
        put(root, f"{name}/x.py", name)
    second = make(root, held_out_fraction=0.3).scan(first.registry, "2", first.held_out)
    assert second.held_out == first.held_out
    before = {path: entry.split_by for path, entry in rows(first).items()}
    assert list(before.values()).count("held_out") == 3
    assert {p: e.split_by for p, e in rows(second).items() if p in before} == before


def test_files_come_and_go(root):
    put(root, "a.py")
    put(root, "b.py")
    first = make(root).scan(None, "1")
    (root / "a.py").unlink()
    second = make(root).scan(first.registry, "2", first.held_out)
    assert rows(second)["a.py"].state == "removed"
    put(root, "a.py")
    put(root, "c.py")
    third = make(root).scan(second.registry, "3", second.held_out)
    assert {path: (e.state, e.shard) for path, e in rows(third).items()} == {
        "a.py": ("live", "shard-00000"),
        "b.py": ("live", "shard-00000"),
        "c.py": ("live", "shard-00001"),
    }


def test_a_lake_inside_the_source_is_left_out(root):
    put(root, "lake/x.parquet")
    put(root, "a.py")
    settings = Settings(source=str(root), lake=str(root / "lake"))
    assert list(rows(Sources(settings=settings).scan(None, "1"))) == ["a.py"]


def test_a_source_that_is_not_there_is_refused(root):
    with pytest.raises(SettingError, match="GUYOT_SOURCE"):
        make(root / "nowhere").scan(None, "now")
    put(root, "a.py")
    with pytest.raises(SettingError, match="Not a directory"):
        make(root / "a.py").scan(None, "now")


def test_an_empty_source_is_an_empty_registry(root):
    assert make(root).scan(None, "now").registry.num_rows == 0


def test_a_source_differs_from_its_registry_as_long_as_it_was_not_scanned(root):
    for name in ("a.py", "b.py", "d/c.jsonl"):
        put(root, name)
    found = make(root)
    registry = None
    seen = [found.difference(registry)]
    for change in (
        lambda: None,
        lambda: put(root, "new.py"),
        lambda: put(root, "a.py", "longer"),
        lambda: os.utime(root / "b.py", ns=(1, 1)),
        lambda: (root / "d" / "c.jsonl").unlink(),
        lambda: put(root, "d/c.jsonl"),
        lambda: os.mkfifo(root / "fifo.txt"),
    ):
        change()
        before = found.difference(registry)
        assert before == found.difference(registry) != "", "it is the same as long as nothing changes"
        seen.append(before)
        registry = found.scan(registry, "now").registry
        assert found.difference(registry) == ""
        put(root, "ignored.png")
        assert found.difference(registry) == ""
    assert len(set(seen)) == len(seen) - 1


def test_what_cannot_be_read_is_no_difference_until_it_can(root, monkeypatch):
    (root / "memory.txt").symlink_to("/proc/self/mem")
    put(root, "a.py")
    with monkeypatch.context() as patched:
        patched.setattr(
            sources_module, "digest_of", lambda _: (_ for _ in ()).throw(OSError(13, "Permission denied"))
        )
        registry = make(root).scan(None, "now").registry
    assert {entry.problem for entry in entries_of(registry)} == {"unreadable"}
    assert make(root).difference(registry) != "", "a.py can be read by now"
    registry = make(root).scan(registry, "now").registry
    assert make(root).difference(registry) == "", "memory.txt still cannot, though its time changes"


def test_a_listing_that_fails_is_no_difference(root):
    registry = make(root).scan(None, "now").registry
    with pytest.raises(SettingError):
        make(root / "gone").difference(registry)

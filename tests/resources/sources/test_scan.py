"""A scan of a source: what becomes a row, what is read again, which side it falls on."""

import hashlib
import os

import pytest
import support.s3

from guyot.errors import SettingError, UnreachableError
from resources.settings import Settings
from resources.sources import local_listing
from resources.sources import scan as sources_module
from resources.sources.registry import entries_of
from resources.sources.scan import Sources
from resources.storage import s3


@pytest.fixture
def root(tmp_path):
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def make(root, **settings):
    return Sources(settings=Settings.of(source=str(root), lake=str(root.parent / "lake"), **settings))


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
    assert (found["a.py"].source_group, found["d/b.md"].source_group) == ("a.py", "d")
    assert found["d/c.jsonl.gz"].split_unit == "record"
    assert {e.split_unit for e in found.values() if e.kind != "jsonl"} == {"train", "held_out"}


def test_kinds_are_a_filter(root):
    for name in ("a.py", "b.md", "c.jsonl"):
        put(root, name)
    listing = make(root, reading__kinds="python,jsonl").scan(None, "now")
    assert sorted(rows(listing)) == ["a.py", "c.jsonl"]
    assert listing.ignored == {".md": 1}


@pytest.fixture
def no_kernel_files(monkeypatch):
    """Let a file under /proc be one that opens and fails when it is read, as files of a broken disk do."""
    monkeypatch.setattr(local_listing, "kernel_devices", dict)


def test_problems_are_rows_of_a_shard_without_a_side(root, no_kernel_files):
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
    assert all(e.shard == "shard-00000" and not e.split_unit and not e.digest for e in bad)
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
    first = make(root, reading__shard_bytes=3).scan(None, "1")
    assert make(root, reading__shard_bytes=3).scan(None, "1").registry.equals(first.registry)
    again = make(root, reading__shard_bytes=3).scan(first.registry, "2", first.held_out)
    assert again == first
    assert [e.shard for e in rows(first).values()][::3] == [f"shard-0000{i}" for i in range(3)]


def test_the_rule_of_the_first_scan_is_kept(root):
    for name in "abcdefghi":
        put(root, f"{name}/x.py", name)
    first = make(root, reading__held_out_fraction=0.3).scan(None, "1")
    assert first.held_out["unit"] == "file"
    for name in "jklmno":
        put(root, f"{name}/x.py", name)
    second = make(root, reading__held_out_fraction=0.3).scan(first.registry, "2", first.held_out)
    assert second.held_out == first.held_out
    before = {path: entry.split_unit for path, entry in rows(first).items()}
    assert list(before.values()).count("held_out") == 3
    assert {p: e.split_unit for p, e in rows(second).items() if p in before} == before


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


@pytest.mark.parametrize(
    ("source", "lake", "where"),
    [
        ("lake", "lake", "is that lake"),
        ("lake/", "lake", "is that lake"),
        ("lake", "linked", "is that lake"),
        ("linked/raw_shards", "lake", "lies inside that lake"),
        ("lake/raw_shards/..", "lake/", "is that lake"),
        ("inside", "lake", "lies inside that lake"),
        (".", "/", "lies inside that lake"),
    ],
)
def test_a_source_that_is_the_lake_or_inside_it_is_refused(root, source, lake, where):
    put(root, "lake/raw_shards/a.jsonl")
    (root / "linked").symlink_to("lake")
    (root / "inside").symlink_to("linked/raw_shards")
    found = Sources(settings=Settings(source=f"{root}/{source}", lake=os.path.join(root, lake)))
    for ask in (lambda: found.scan(None, "now"), lambda: found.difference(None), found.check_outside_lake):
        with pytest.raises(SettingError, match=f"{where}, {os.path.realpath(found.settings.lake)}"):
            ask()


@pytest.mark.parametrize(
    ("source", "lake", "where"),
    [
        ("s3://b/lake", "s3://b/lake/", "is that lake"),
        ("s3://b/lake/raw//", "s3://b/lake", "lies inside that lake"),
        ("s3://b/raw", "s3://b/", "lies inside that lake"),
        ("s3://b/lakes", "s3://b/lake", ""),
        ("s3://b", "s3://b/lake", ""),
        ("s3://a/lake", "s3://b/lake", ""),
        ("s3://b/lake", "/b/lake", ""),
        ("/b/lakes", "/b/lake", ""),
        ("/b", "/b/lake", ""),
    ],
)
def test_places_are_compared_part_by_part(source, lake, where):
    found = Sources(settings=Settings(source=source, lake=lake))
    if not where:
        found.check_outside_lake()
        return
    with pytest.raises(SettingError, match=where):
        found.check_outside_lake()


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


def test_what_cannot_be_read_is_no_difference_until_it_can(root, monkeypatch, no_kernel_files):
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


@pytest.fixture
def there(bucket, tmp_path):
    """Return the source s3://bucket/a source, of three objects."""
    settings = Settings(source=f"{bucket}/a source", lake=str(tmp_path / "lake"))
    for name in ("a.py", "d/b.md", "d/c.jsonl"):
        support.s3.put(f"{settings.source}/{name}", name.encode())
    return Sources(settings=settings)


def remove(source, name):
    s3.delete([f"{source.root}/{name}".removeprefix("s3://")])


def test_objects_are_rows(there):
    support.s3.put(f"{there.root}/e.png", b"")
    listing = there.scan(None, "now")
    found = rows(listing)
    assert list(found) == ["a.py", "d/b.md", "d/c.jsonl"]
    assert listing.ignored == {".png": 1}
    md5 = hashlib.md5(b"d/b.md").hexdigest()
    one = found["d/b.md"]
    assert (one.location, one.source_group, one.kind, one.bytes) == (
        f"{there.root}/d/b.md",
        "d",
        "markdown",
        6,
    )
    assert (one.etag, one.digest, one.problem) == (md5, md5, "")


def test_objects_come_change_and_go(there):
    first = there.scan(None, "1")
    support.s3.put(f"{there.root}/a.py", b"4 by")
    support.s3.put(f"{there.root}/d/b.md", b"d/b.md")
    support.s3.put(f"{there.root}/new.py", b"new")
    remove(there, "d/c.jsonl")
    second = there.scan(first.registry, "2", first.held_out)
    before, after = rows(first), rows(second)
    assert {path: (e.state, e.last_changed) for path, e in after.items()} == {
        "a.py": ("live", "2"),
        "d/b.md": ("live", "1"),
        "d/c.jsonl": ("removed", "2"),
        "new.py": ("live", "2"),
    }
    assert after["a.py"].digest != before["a.py"].digest
    assert after["d/b.md"] == before["d/b.md"]
    assert {e.shard for path, e in after.items() if path in before} == {"shard-00000"}
    assert after["new.py"].shard == "shard-00001"
    support.s3.put(f"{there.root}/d/c.jsonl", b"d/c.jsonl")
    back = rows(there.scan(second.registry, "3", second.held_out))["d/c.jsonl"]
    assert (back.state, back.shard, back.digest) == ("live", "shard-00000", before["d/c.jsonl"].digest)


def test_a_source_whose_objects_are_all_removed_is_empty_and_not_a_mistake(there):
    first = there.scan(None, "1")
    for name in rows(first):
        remove(there, name)
    assert {e.state for e in rows(there.scan(first.registry, "2", first.held_out)).values()} == {"removed"}


def test_nothing_is_read_of_an_object_to_list_it(there, s3_url):
    faults = support.s3.Faults(0, 0)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        first = there.scan(None, "1")
        assert there.difference(first.registry) == ""
        assert there.scan(first.registry, "2", first.held_out) == first
    assert faults.given["none"] == 3


def test_a_source_on_s3_differs_as_long_as_it_was_not_scanned(there):
    registry = there.scan(None, "now").registry
    for change in (
        lambda: support.s3.put(f"{there.root}/new.py", b"new"),
        lambda: support.s3.put(f"{there.root}/a.py", b"YP.a"),
        lambda: remove(there, "d/c.jsonl"),
    ):
        assert there.difference(registry) == ""
        change()
        assert there.difference(registry) == there.difference(registry) != ""
        registry = there.scan(registry, "now").registry
    support.s3.put(f"{there.root}/a.py", b"YP.a")
    assert there.difference(registry) == ""


@pytest.mark.parametrize(("status", "error"), [("403", SettingError), ("500", UnreachableError)])
def test_a_listing_that_fails_is_not_taken_for_removed_objects(there, s3_url, monkeypatch, status, error):
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)
    first = there.scan(None, "1")
    client = s3._client  # its pages hold one object, so that a listing of three can fail in the middle

    def of_short_pages(*given):
        made = client(*given)
        made.meta.events.register(
            "provide-client-params.s3.ListObjectsV2", lambda params, **_: {**params, "MaxKeys": 1}
        )
        return made

    monkeypatch.setattr(s3, "_client", of_short_pages)
    for number in range(3):
        faults = support.s3.Faults(0, 0, fails_from=number, status=status)
        with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
            for ask in (
                lambda: there.scan(first.registry, "2", first.held_out),
                lambda: there.difference(first.registry),
            ):
                faults.given = dict.fromkeys(faults.given, 0)
                with pytest.raises(error, match=f"{there.root} (could not|cannot) be listed"):
                    ask()
                assert faults.given["none"] == number
    monkeypatch.undo()
    assert there.scan(first.registry, "2", first.held_out) == first

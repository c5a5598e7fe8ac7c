"""Files on a disk and on S3: read, listed, replaced, adopted and removed by the same calls."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import support.s3

from guyot.errors import UnreachableError
from resources.places import absolute
from resources.storage import s3, s3_reader
from resources.storage.files import Files, translate_s3_errors

BIG = 300_000  # bytes: more than one write takes


@pytest.fixture
def files(place):
    return Files(absolute(place))


def put(files, tmp_path, name, content):
    beside = tmp_path / "beside"
    beside.mkdir(exist_ok=True)
    uri = f"{files.root}/{name}"
    if not files.remote:
        Path(uri).parent.mkdir(parents=True, exist_ok=True)
    files.replace(uri, content, beside)
    return uri


def a_folder(tmp_path, name, **content):
    folder = tmp_path / name
    folder.mkdir()
    for file, text in content.items():
        (folder / file).write_text(text)
    return folder


@pytest.fixture
def broken(s3_url, monkeypatch):
    """Return what stands in front of S3 and fails from its nth request on."""
    monkeypatch.setattr(s3, "_ATTEMPTS", 2)
    monkeypatch.setattr(s3_reader, "_AGAIN_SECONDS", 0)

    @contextlib.contextmanager
    def from_request(number, status="500"):
        faults = support.s3.Faults(0, 0, fails_from=number, status=status)
        with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
            yield

    return from_request


def names(files):
    return [file.uri.removeprefix(f"{files.root}/") for file in files.walk(files.root)]


def test_what_is_replaced_is_read(files, tmp_path):
    uri = put(files, tmp_path, "a/one", b"first and longer")
    put(files, tmp_path, "a/one", b"second")
    assert files.read(uri) == b"second"
    assert files.read_range(uri, 2, 3) == b"con"
    assert files.exists(uri)
    with files.open(uri) as opened:
        assert opened.size() == 6


def test_a_range_beyond_the_end_is_told(files, tmp_path):
    uri = put(files, tmp_path, "one", b"12345")
    with pytest.raises(UnreachableError, match=r"gave 2 of 9 bytes from byte 3"):
        files.read_range(uri, 3, 9)


def test_what_is_not_there_is_said_to_be_missing_not_unreachable(files):
    assert not files.exists(f"{files.root}/none")
    for ask in (files.read, files.open):
        with pytest.raises(FileNotFoundError):
            ask(f"{files.root}/none")
    assert list(files.walk(f"{files.root}/none")) == []
    files.delete(f"{files.root}/none")
    files.delete_folder(f"{files.root}/none")


def test_a_walk_finds_all_below_and_nothing_beside(files, tmp_path):
    for name in ("a/2", "a/b/1", "ab/3"):
        put(files, tmp_path, name, name.encode())
    assert sorted(names(Files(f"{files.root}/a"))) == ["2", "b/1"]
    assert {file.bytes for file in files.walk(f"{files.root}/a")} == {3, 5}
    files.delete_folder(f"{files.root}/a")
    assert names(files) == ["ab/3"]


def test_a_folder_is_adopted_once_and_the_first_stays(files, tmp_path):
    target = f"{files.root}/t/version"
    assert files.publish_folder(a_folder(tmp_path, "first", rows="first", manifest="m1"), target, "manifest")
    assert not files.publish_folder(
        a_folder(tmp_path, "second", rows="second", manifest="m2"), target, "manifest"
    )
    assert files.read(f"{target}/rows") == b"first"
    assert files.read(f"{target}/manifest") == b"m1"


def test_what_a_dead_writer_left_gives_way(files, tmp_path):
    target = f"{files.root}/t/version"
    put(files, tmp_path, "t/version/rows", b"half")
    assert files.publish_folder(a_folder(tmp_path, "whole", rows="whole", manifest="m"), target, "manifest")
    assert files.read(f"{target}/rows") == b"whole"
    assert sorted(names(files)) == ["t/version/manifest", "t/version/rows"]


def test_the_last_file_comes_last(tmp_path, bucket, monkeypatch):
    files, order = Files(f"{bucket}/lake"), []
    before = s3.put_file

    def noted(name, content):
        order.append(name.rpartition("/")[2])
        before(name, content)

    monkeypatch.setattr(s3, "put_file", noted)
    files.publish_folder(
        a_folder(tmp_path, "made", a="1", manifest="2", z="3"), f"{files.root}/v", "manifest"
    )
    assert order == ["a", "z", "manifest"]


def test_who_sees_the_last_file_sees_all_of_the_others(files, tmp_path):
    made = [a_folder(tmp_path, str(n), a="a" * BIG, m="m" * BIG, z="z" * BIG) for n in range(10)]
    seen, done = [], threading.Event()

    def look():
        while not done.is_set():
            for number in range(len(seen), len(made)):
                if files.exists(f"{files.root}/{number}/m"):
                    seen.append({name: files.read(f"{files.root}/{number}/{name}")[-1:] for name in "azm"})

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        try:
            for number, folder in enumerate(made):
                assert files.publish_folder(folder, f"{files.root}/{number}", "m")
        finally:
            done.set()
        looking.result()
    assert seen
    assert all(content == {"a": b"a", "z": b"z", "m": b"m"} for content in seen)


def test_of_many_writers_at_once_one_is_the_first(tmp_path):
    files = Files(str(tmp_path / "lake"))
    for attempt in range(20):
        made = [a_folder(tmp_path, f"{attempt}-{n}", rows=f"r{n}", manifest=f"m{n}") for n in range(6)]
        together, target = threading.Barrier(len(made)), f"{files.root}/{attempt}"
        put(files, tmp_path, f"{attempt}/rows", b"of a dead writer")

        def adopt(folder, target=target, together=together):
            together.wait()
            return files.publish_folder(folder, target, "manifest")

        with ThreadPoolExecutor(len(made)) as threads:
            first = list(threads.map(adopt, made))
        assert first.count(True) == 1
        assert files.read(f"{target}/manifest") == b"m%d" % first.index(True)
        assert files.read(f"{target}/rows") == b"r%d" % first.index(True)


def test_a_folder_that_is_not_put_to_its_end_is_not_there_and_is_put_again(tmp_path, bucket, broken):
    files, made = Files(f"{bucket}/lake"), a_folder(tmp_path, "made", a="1", manifest="2", z="3")
    adopted, number = False, 0
    while not adopted:
        with broken(number), contextlib.suppress(UnreachableError):
            adopted = files.publish_folder(made, f"{files.root}/v", "manifest")
        there, number = names(files), number + 1
        assert ("v/manifest" in there) == adopted
        assert adopted or there == ["v/a", "v/z"][: len(there)]
    assert there == ["v/a", "v/manifest", "v/z"]
    assert number > 3


def test_readers_meet_the_old_file_or_the_new_one(files, tmp_path):
    versions = [bytes([value]) * BIG for value in range(20)]
    uri, done, met = put(files, tmp_path, "one", versions[0]), threading.Event(), []

    def look():
        while not done.is_set():
            met.append(files.read(uri))

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        try:
            for content in versions:
                put(files, tmp_path, "one", content)
        finally:
            done.set()
        looking.result()
    assert met
    assert all(content in versions for content in met)


def test_a_file_is_not_a_folder_nor_a_folder_a_file(files, tmp_path):
    put(files, tmp_path, "a/one", b"1")
    assert not files.exists(f"{files.root}/a")
    with pytest.raises(OSError):
        files.read(f"{files.root}/a")


def test_a_file_is_removed_alone(files, tmp_path):
    for name in ("a/one", "a/one more", "a/two"):
        put(files, tmp_path, name, b"x")
    files.delete(f"{files.root}/a/one")
    assert names(files) == ["a/one more", "a/two"]
    files.delete(f"{files.root}/a/one more")
    files.delete(f"{files.root}/a/two")
    assert not list(files.walk(files.root))
    assert not files.remote or not support.s3.keys(files.root.rpartition("/")[0])


@pytest.mark.long
@pytest.mark.in_ci
def test_more_files_than_a_page_holds_are_all_listed_and_all_removed(bucket, broken):
    files = Files(f"{bucket}/many")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: support.s3.put(f"{files.root}/{number:04d}", b""), range(1010)))
    kept = support.s3.put(f"{bucket}/many more", b"")
    assert names(files) == [f"{number:04d}" for number in range(1010)]
    for number in range(2):
        with broken(number), pytest.raises(UnreachableError, match=f"{files.root} could not be"):
            files.delete_folder(files.root)
    assert len(names(files)) == 1010
    files.delete_folder(files.root)
    assert [file.uri for file in Files(bucket).walk(bucket)] == [kept]


@pytest.mark.parametrize("status", ["500", "403"])
def test_each_call_tells_the_place_that_does_not_answer(bucket, tmp_path, broken, status):
    files, made = Files(f"{bucket}/lake"), a_folder(tmp_path, "made", one="1", manifest="2")
    uri = put(files, tmp_path, "v/one", b"old")
    asked = (
        lambda: files.open(uri),
        lambda: files.read(uri),
        lambda: files.read_range(uri, 0, 1),
        lambda: files.exists(uri),
        lambda: files.walk(uri),
        lambda: files.replace(uri, b"new", tmp_path),
        lambda: files.publish_folder(made, uri, "manifest"),
        lambda: files.delete(uri),
        lambda: files.delete_folder(uri),
    )
    with broken(0, status):
        for ask in asked:
            with pytest.raises(UnreachableError, match=f"{uri}.* could not be .*try again when it answers"):
                ask()
    assert files.read(uri) == b"old"


def test_a_file_that_cannot_be_replaced_stays(tmp_path):
    files = Files(str(tmp_path / "lake"))
    uri = put(files, tmp_path, "one", b"old")
    with pytest.raises(FileNotFoundError):
        files.replace(uri, b"new", tmp_path / "gone")
    assert files.read(uri) == b"old"


def test_a_network_that_fails_is_told_with_the_place_and_a_disk_is_left_to_say_it_itself():
    with pytest.raises(UnreachableError, match=r"s3://b/a could not be read: slow; try again"):
        with translate_s3_errors("s3://b/a", "read"):
            raise OSError("slow")
    with pytest.raises(FileNotFoundError):
        with translate_s3_errors("s3://b/a", "read"):
            raise FileNotFoundError("gone")
    with pytest.raises(OSError, match="^broken$") as caught:
        with translate_s3_errors("/a", "read"):
            raise OSError("broken")
    assert not isinstance(caught.value, UnreachableError)


def test_a_folder_is_moved_with_all_its_files(files, tmp_path):
    for name in ("t/v/a", "t/v/m", "t/v/in/b", "t/w/c"):
        put(files, tmp_path, name, name.encode())
    assert files.move_folder(f"{files.root}/t/v", f"{files.root}/.aside/t/v@1", "m")
    assert names(files) == [".aside/t/v@1/a", ".aside/t/v@1/in/b", ".aside/t/v@1/m", "t/w/c"]
    assert files.read(f"{files.root}/.aside/t/v@1/in/b") == b"t/v/in/b"
    assert not files.move_folder(f"{files.root}/t/v", f"{files.root}/.aside/t/v@2", "m")


def test_a_move_that_breaks_off_loses_nothing(bucket, broken, tmp_path):
    files = Files(f"{bucket}/lake")
    for name in ("t/v/a", "t/v/m"):
        put(files, tmp_path, name, name.encode())
    for number in range(8):
        with broken(number), contextlib.suppress(UnreachableError):
            files.move_folder(f"{files.root}/t/v", f"{files.root}/.aside/{number}", "m")
        held = {files.read(file.uri) for file in files.walk(files.root)}
        assert held == {b"t/v/a", b"t/v/m"}
        left = [name for name in names(files) if name.startswith("t/v/")]
        assert left in (["t/v/a", "t/v/m"], ["t/v/a"], [])  # never without the others' marker gone first


def test_small_and_large_files_are_read_whole(files, tmp_path):
    for size in (0, 1, 4095, 4096, 4097, 20_000):
        content = bytes(range(256)) * (size // 256 + 1)
        files.replace(f"{files.root}/file", content[:size], tmp_path)
        assert files.read(f"{files.root}/file") == content[:size]


def test_a_folder_that_is_read_is_named(tmp_path):
    (tmp_path / "lake" / "current").mkdir(parents=True)
    with pytest.raises(IsADirectoryError, match="lake/current"):
        Files(str(tmp_path / "lake")).read(str(tmp_path / "lake" / "current"))

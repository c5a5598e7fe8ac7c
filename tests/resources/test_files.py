"""Files on a disk and on S3: read, listed, replaced, adopted and removed by the same calls."""

from pathlib import Path

import pytest

from guyot.errors import SettingError, UnreachableError
from resources.files import Files, absolute, inner_path, told


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


def names(files):
    return [file.uri.removeprefix(f"{files.root}/") for file in files.walk(files.root)]


@pytest.mark.parametrize("uri", ["s3://", "s3:///a", "s3://b//a", "s3://b/a/../c", "s3://b/./a"])
def test_a_place_on_s3_that_names_none_is_refused(uri):
    with pytest.raises(SettingError, match="s3://bucket/prefix"):
        absolute(uri)


def test_a_place_has_one_name(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    assert absolute("link/../real") == absolute(str(tmp_path / "link")) == str(tmp_path / "real")
    assert absolute("s3://b/a/") == "s3://b/a"
    assert inner_path("s3://b/a") == "b/a"


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
    assert files.adopt(a_folder(tmp_path, "first", rows="first", manifest="m1"), target, "manifest")
    assert not files.adopt(a_folder(tmp_path, "second", rows="second", manifest="m2"), target, "manifest")
    assert files.read(f"{target}/rows") == b"first"
    assert files.read(f"{target}/manifest") == b"m1"


def test_what_a_dead_writer_left_gives_way(files, tmp_path):
    target = f"{files.root}/t/version"
    put(files, tmp_path, "t/version/rows", b"half")
    assert files.adopt(a_folder(tmp_path, "whole", rows="whole", manifest="m"), target, "manifest")
    assert files.read(f"{target}/rows") == b"whole"
    assert sorted(names(files)) == ["t/version/manifest", "t/version/rows"]


def test_the_last_file_comes_last(tmp_path, bucket, monkeypatch):
    from resources import s3

    files, order = Files(f"{bucket}/lake"), []
    before = s3.put_file

    def noted(name, content):
        order.append(name.rpartition("/")[2])
        before(name, content)

    monkeypatch.setattr(s3, "put_file", noted)
    files.adopt(a_folder(tmp_path, "made", a="1", manifest="2", z="3"), f"{files.root}/v", "manifest")
    assert order == ["a", "z", "manifest"]


def test_a_network_that_fails_is_told_with_the_place_and_a_disk_is_left_to_say_it_itself():
    with pytest.raises(UnreachableError, match=r"s3://b/a could not be read: slow; try again"):
        with told("s3://b/a", "read"):
            raise OSError("slow")
    with pytest.raises(FileNotFoundError):
        with told("s3://b/a", "read"):
            raise FileNotFoundError("gone")
    with pytest.raises(OSError, match="^broken$") as caught:
        with told("/a", "read"):
            raise OSError("broken")
    assert not isinstance(caught.value, UnreachableError)

"""A source file reads alike from a disk and from S3; a network that fails is never an OSError."""

import hashlib

import pytest
import support.s3

from guyot.errors import UnreachableError
from resources.sources.local_listing import digest_of
from resources.sources.source_file import source_file
from resources.storage import s3, s3_reader

CONTENT = bytes(range(256)) * 40_000  # more than a piece


@pytest.fixture(params=["folder", "s3"])
def location(request, tmp_path):
    if request.param == "folder":
        (tmp_path / "a.bin").write_bytes(CONTENT)
        return str(tmp_path / "a.bin")
    return support.s3.put(f"{request.getfixturevalue('bucket')}/a.bin", CONTENT)


def broken(s3_url, monkeypatch, number, status):
    """Stand in front of S3 and fail from a request on; return where it is and what counts the requests."""
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)
    monkeypatch.setattr(s3_reader, "_AGAIN_SECONDS", 0)
    faults = support.s3.Faults(0, 0, fails_from=number, status=status)
    return support.s3.failing_proxy(s3_url, faults), faults


def test_a_stream_gives_all_of_it(location):
    pieces = []
    with source_file(location).stream() as opened:
        while piece := opened.read(1_000_003):
            pieces.append(piece)
    assert b"".join(pieces) == CONTENT


def test_any_place_in_it_can_be_read(location):
    import pyarrow as pa

    with source_file(location).open_random_access() as opened:
        source = pa.PythonFile(opened, "r") if not isinstance(opened, str) else pa.OSFile(opened)
        source.seek(9_999_999)
        assert source.read(5) == CONTENT[9_999_999:10_000_004]
        source.seek(0)
        assert source.read(3) == CONTENT[:3]


def test_a_changed_file_has_another_etag_and_digest(location, tmp_path):
    file = source_file(location)
    before = (file.etag(), file.digest())
    assert before == (file.etag(), file.digest())
    assert all(before)
    assert file.size() == len(CONTENT)
    if location.startswith("s3://"):
        support.s3.put(location, b"other")
    else:
        assert file.digest() == digest_of(location)
        (tmp_path / "a.bin").write_bytes(b"other")
    assert file.etag() != before[0]
    assert file.digest() != before[1]


def test_on_s3_the_etag_of_an_object_put_at_once_is_its_md5(bucket):
    location = support.s3.put(f"{bucket}/a", b"hello")
    assert source_file(location).digest() == hashlib.md5(b"hello").hexdigest()


def test_what_is_gone_has_neither(bucket, tmp_path):
    for location in (f"{bucket}/none", str(tmp_path / "none")):
        assert (source_file(location).etag(), source_file(location).digest()) == ("", "")


def test_a_disk_without_the_file_raises_what_a_disk_does(tmp_path):
    with pytest.raises(FileNotFoundError):
        source_file(str(tmp_path / "none")).stream()


def test_an_object_that_is_removed_while_it_is_read_costs_nothing_else(bucket):
    location = support.s3.put(f"{bucket}/a.bin", CONTENT)
    with source_file(location).stream() as opened:
        assert opened.read(10) == CONTENT[:10]
        s3.delete([location.removeprefix("s3://")])
        with pytest.raises(UnreachableError, match="a.bin"):
            while opened.read(1 << 20):
                pass


def test_an_object_that_is_not_there_is_unreachable_since_the_listing_had_it(bucket):
    with pytest.raises(UnreachableError, match="none"):
        source_file(f"{bucket}/none").stream()


@pytest.mark.parametrize("status", ["500", "403", "cut"])
def test_a_network_that_fails_in_the_middle_is_never_an_error_of_a_disk(bucket, s3_url, monkeypatch, status):
    location = support.s3.put(f"{bucket}/a.bin", CONTENT)
    proxy, _ = broken(s3_url, monkeypatch, 2, status)
    with proxy as url, support.s3.environment(url):
        file = source_file(location)
        with file.stream() as opened:
            assert opened.read(10) == CONTENT[:10]
            with pytest.raises(UnreachableError, match=f"{location} could not be read"):
                while opened.read(1 << 20):
                    pass


@pytest.mark.parametrize("status", ["500", "403"])
def test_a_network_that_fails_says_nothing_of_the_file(bucket, s3_url, monkeypatch, status):
    proxy, _ = broken(s3_url, monkeypatch, 0, status)
    with proxy as url, support.s3.environment(url):
        file = source_file(f"{bucket}/a.bin")
        for ask in (file.etag, file.digest, file.stream, file.open_random_access):
            with pytest.raises(UnreachableError, match="a.bin could not be read"):
                ask()


def test_an_object_is_fetched_in_large_pieces(bucket, s3_url, monkeypatch):
    location = support.s3.put(f"{bucket}/a.bin", CONTENT)
    proxy, faults = broken(s3_url, monkeypatch, float("inf"), "500")
    with proxy as url, support.s3.environment(url), source_file(location).stream() as opened:
        assert b"".join(iter(lambda: opened.read(10_000), b"")) == CONTENT
    assert faults.given["none"] == 3  # to look, and two pieces


def test_another_object_in_its_place_is_told(bucket):
    location = support.s3.put(f"{bucket}/a.bin", CONTENT)
    with source_file(location).stream() as opened:
        assert opened.read(10) == CONTENT[:10]
        support.s3.put(location, CONTENT[::-1])
        with pytest.raises(UnreachableError, match="another object is in its place"):
            while opened.read(1 << 20):
                pass


def test_a_disk_that_fails_has_no_digest():
    assert source_file("/proc/self/mem").digest() == ""

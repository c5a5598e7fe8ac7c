"""One source file as documents: whole files, and files that are not what was listed."""

import gzip
import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import support.s3

from guyot.errors import CorruptError, UnreachableError
from guyot.identity import content_digest
from resources.settings import Settings
from resources.sources.file_types import kind_of
from resources.sources.local_listing import etag_of
from resources.sources.readers import read
from resources.sources.reasons import REASONS
from resources.sources.records import Document
from resources.sources.registry import Entry
from resources.sources.source_file import source_file
from resources.storage import s3, s3_reader

LINES = b"".join(b'{"text": "line %d", "id": "%d"}\n' % (i, i * i) for i in range(3000))


def entry_of(path, problem=""):
    content = path.read_bytes() if not problem else b""
    etag = etag_of(str(path)) if not problem else ""
    return Entry(
        str(path), path.name, kind_of(path.name), path.name, "train", len(content), etag,
        content_digest(content), problem, f"why {problem}",
    )  # fmt: skip


def read_content(tmp_path, content, name="a.py", **settings):
    path = tmp_path / name
    path.write_bytes(content)
    return list(read(entry_of(path), Settings.of(**settings)))


def test_a_file_is_a_document(tmp_path):
    found = read_content(tmp_path, b"\xef\xbb\xbfprint()\r\n")
    assert found == [Document("a.py", "", "print()\r\n", "python", "{}")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b" \n", "empty_document"),
        (b"\xef\xbb\xbf", "empty_document"),
        (b"a\0b", "nul_byte"),
        (b"caf\xe9", "invalid_utf8"),
        ("text".encode("utf-16"), "nul_byte"),
        (b"a" * 101, "over_size_limit"),
    ],
)
def test_files_that_are_none(tmp_path, content, reason):
    (found,) = read_content(tmp_path, content, reading__max_document_bytes=100)
    assert (found.reason, found.record_key) == (reason, "")
    assert (found.byte_begin, found.byte_end) == (0, len(content))


def test_files_of_records(tmp_path):
    line = b'{"text": "a"}\n'
    assert read_content(tmp_path, line, "a.jsonl")[0].content == "a"
    assert read_content(tmp_path, gzip.compress(line), "a.ndjson.GZ")[0].content == "a"
    for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"):
        assert [item.reason for item in read_content(tmp_path, b"", name)] == ["empty_file"]


@pytest.mark.parametrize("problem", ["symlink_loop", "not_a_regular_file", "unreadable"])
def test_a_file_with_a_problem_is_not_opened(tmp_path, problem):
    os.mkfifo(tmp_path / "fifo.txt")
    (found,) = read(entry_of(tmp_path / "fifo.txt", problem), Settings())
    assert (found.reason, found.detail) == (problem, f"why {problem}")
    assert problem in REASONS


def test_a_file_that_changed_since_it_was_listed_is_refused(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("one")
    entry = entry_of(path)
    path.write_text("other")
    with pytest.raises(CorruptError, match="materialize shard_registry again"):
        list(read(entry, Settings()))
    path.unlink()
    with pytest.raises(CorruptError, match="gone"):
        list(read(entry, Settings()))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    found = read(entry_of(path), Settings())
    assert next(found).content == "a"
    path.write_text('{"text": "a"}\n{"text": "b"}\n')
    with pytest.raises(CorruptError, match="changed"):
        list(found)


def test_a_file_that_is_linked_while_it_is_read_is_the_same_file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    found = read(entry_of(path), Settings())
    assert next(found).content == "a"
    (tmp_path / "backup.jsonl").hardlink_to(path)
    assert list(found) == []


def test_a_touched_file_is_read(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("one")
    entry = entry_of(path)
    os.utime(path, ns=(1, 1))
    assert [document.content for document in read(entry, Settings())] == ["one"]


@pytest.mark.parametrize("name", ["a.py", "a.jsonl", "a.jsonl.gz"])
def test_a_file_that_fails_when_read_is_unreadable(tmp_path, name):
    # /proc/self/mem can be stat'ed and opened, and fails when it is read, also for root
    path = tmp_path / name
    path.symlink_to("/proc/self/mem")
    entry = Entry(
        str(path), name, kind_of(name), name, "train", 9, etag_of(str(path)), "d", "", ""
    )  # fmt: skip
    (found,) = read(entry, Settings())
    assert found.reason == "unreadable"
    assert "Input/output error" in found.detail


def parquet():
    """Return a Parquet file of three row groups."""
    written = io.BytesIO()
    table = pa.table({"text": [f"row {i}" for i in range(3000)], "n": list(range(3000))})
    pq.write_table(table, written, row_group_size=1000)
    return written.getvalue()


OBJECTS = {
    "a.py": b"x = 1\n" * 1000,
    "a.jsonl": LINES,
    "a.jsonl.gz": gzip.compress(LINES),
    "a.jsonl.zst": pa.compress(LINES, codec="zstd", asbytes=True),
    "a.parquet": parquet(),
}
each_object = pytest.mark.parametrize("name", OBJECTS)


@pytest.fixture
def listed(bucket, monkeypatch):
    """Put an object, and return its row; it is fetched in small pieces."""
    monkeypatch.setattr(type(source_file(bucket)), "piece_bytes", 2000)

    def put(name, content):
        location = support.s3.put(f"{bucket}/{name}", content)
        etag = source_file(location).etag()
        return Entry(location, name, kind_of(name), name, "train", len(content), etag, etag, "", "")

    return put


@each_object
def test_an_object_reads_as_the_same_file_does(tmp_path, listed, name):
    found = list(read(listed(name, OBJECTS[name]), Settings()))
    assert found == read_content(tmp_path, OBJECTS[name], name)
    assert len(found) == (1 if name == "a.py" else 3000)
    assert {type(item) for item in found} == {Document}


@pytest.mark.long
@pytest.mark.in_ci
@each_object
def test_a_network_that_fails_in_the_middle_quarantines_nothing(listed, s3_url, monkeypatch, name):
    monkeypatch.setattr(s3, "_ATTEMPTS", 0)
    monkeypatch.setattr(s3_reader, "_AGAIN_SECONDS", 0)
    entry = listed(name, OBJECTS[name])
    whole = list(read(entry, Settings()))
    faults = support.s3.Faults(0, 0)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        assert list(read(entry, Settings())) == whole
        n_requests = faults.given["none"]
        assert n_requests > 3
        for faults.fails_from in range(n_requests):
            faults.status = ("500", "403")[faults.fails_from % 2]
            faults.given, found = dict.fromkeys(faults.given, 0), []
            with pytest.raises(UnreachableError, match=f"{entry.location} could not be read.*try again"):
                for item in read(entry, Settings()):
                    found.append(item)
            assert found == whole[: len(found)]


@pytest.mark.long
@pytest.mark.in_ci
def test_a_network_that_often_fails_changes_nothing(listed, s3_url):
    entries = [listed(name, content) for name, content in OBJECTS.items()]
    calm = [list(read(entry, Settings())) for entry in entries]
    faults = support.s3.Faults(0, 0.3)
    with support.s3.failing_proxy(s3_url, faults) as url, support.s3.environment(url):
        assert [list(read(entry, Settings())) for entry in entries] == calm
    assert min(faults.given.values()) > 0


@each_object
def test_an_object_that_changed_since_it_was_listed_is_refused(listed, name):
    entry = listed(name, OBJECTS[name])
    listed(name, OBJECTS[name] + b"\n")
    with pytest.raises(CorruptError, match="materialize shard_registry again"):
        list(read(entry, Settings()))
    s3.delete([entry.location.removeprefix("s3://")])
    with pytest.raises(CorruptError, match="now gone"):
        list(read(entry, Settings()))


def test_an_object_put_again_as_it_was_is_read(listed):
    entry = listed("a.py", b"one")
    listed("a.py", b"one")
    assert [document.content for document in read(entry, Settings())] == ["one"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
@pytest.mark.parametrize("gone", [False, True])
def test_an_object_that_changes_while_it_is_read_is_refused(listed, name, gone):
    entry = listed(name, OBJECTS[name])
    found = read(entry, Settings())
    assert isinstance(next(found), Document)
    if gone:
        s3.delete([entry.location.removeprefix("s3://")])
    else:
        listed(name, OBJECTS[name][::-1])
    before = []
    with pytest.raises(CorruptError, match="changed or gone"):
        for item in found:
            before.append(item)
    assert {type(item) for item in before} <= {Document}

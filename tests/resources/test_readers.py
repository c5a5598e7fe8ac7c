"""One source file as documents: whole files, and files that are not what was listed."""

import gzip
import os

import pytest

from guyot.errors import CorruptError
from guyot.identity import content_digest
from resources.kinds import kind_of
from resources.listing import etag_of
from resources.readers import read
from resources.records import REASONS, Document
from resources.registry import Entry
from resources.settings import Settings


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
    return list(read(entry_of(path), Settings(**settings)))


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
    (found,) = read_content(tmp_path, content, max_document_bytes=100)
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

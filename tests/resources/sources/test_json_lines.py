"""JSON lines: cut, damaged, compressed, endless; what is good is read all the same."""

import gzip
import logging
import sys
import time
import tracemalloc

import orjson
import pyarrow as pa
import pytest
import support.s3
from hypothesis import given
from hypothesis import strategies as st

from resources import progress
from resources.settings import Settings
from resources.sources.json_lines import Lines, RawLine, read_json_lines
from resources.sources.records import Document, RecordFile, RejectedRecord

GOOD = b"".join(b'{"text": "line %d of some text", "id": "k%d"}\n' % (i, i) for i in range(5000))


@pytest.fixture
def read(tmp_path, bucket):
    """Read content from a disk; what S3 gives of the same bytes must be the same."""

    def read_both(content, name="a.jsonl", **settings):
        (tmp_path / name).write_bytes(content)
        asked = Settings.of(**settings)
        local, remote = (
            list(
                read_json_lines(location, RecordFile(name, asked), max_bytes=asked.reading.max_document_bytes)
            )
            for location in (str(tmp_path / name), support.s3.put(f"{bucket}/{name}", content))
        )
        assert local == remote
        return local

    return read_both


def split(found):
    documents = [item for item in found if isinstance(item, Document)]
    return documents, [item for item in found if isinstance(item, RejectedRecord)]


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut in ha', "invalid_json"),
        (b"not json", "invalid_json"),
        (b'{"text": NaN}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"text": "\\ud800"}', "invalid_json"),
        (b'{"text": "\xff"}', "invalid_utf8"),
        (b'{"text": "a\0b"}', "nul_byte"),
        (b'{"text": "a\\u0000b"}', "nul_byte"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"txet": "a"}', "missing_text"),
        (b'{"text": {"a": 1}}', "text_not_a_string"),
        (b'{"text": " "}', "empty_document"),
        (b'{"text": "a", "id": "first"}', "duplicate_id"),
        (b'{"text": "' + b"a" * 200_000 + b'"}', "over_size_limit"),
    ],
)
def test_a_bad_line_costs_itself(read, line, reason):
    before, after = b'{"text": "a", "id": "first"}\n', b'{"text": "b"}'
    found = read(before + line + b"\n" + after, reading__max_document_bytes=150_000)
    documents, rejected = split(found)
    assert [document.content for document in documents] == ["a", "b"]
    assert [item.reason for item in rejected] == [reason]
    begin, end = rejected[0].byte_begin, rejected[0].byte_end
    assert (begin, end) == (len(before), len(before) + len(line))
    assert documents[1].record_key == "2"


def test_a_line_cut_at_the_end_of_the_file(read):
    documents, rejected = split(read(GOOD[:-5]))
    assert len(documents) == 4999
    assert [item.reason for item in rejected] == ["invalid_json"]
    assert rejected[0].byte_end == len(GOOD) - 5


def test_blank_lines_are_no_records_and_a_bom_is_no_text(read):
    found = read(b'\xef\xbb\xbf{"text": "a"}\r\n\n  \r\n{"text": "b"}\n\n')
    assert [(d.content, d.record_key) for d in found] == [("a", "0"), ("b", "1")]


@pytest.mark.parametrize("content", [b"\n \n", b"\xef\xbb\xbf\n"])
def test_a_file_of_blank_lines_is_empty(read, content):
    found = read(content)
    assert [(item.reason, item.byte_end) for item in found] == [("empty_file", len(content))]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstd)])
class TestArchives:
    def test_whole_and_in_several_parts(self, read, suffix, pack):
        name = f"a.jsonl{suffix}"
        plain = read(GOOD)
        half = GOOD.index(b"\n", len(GOOD) // 2) - 7
        parts = pack(GOOD[:half]) + pack(GOOD[half:])
        for packed in (pack(GOOD), parts):
            found = read(packed, name)
            assert [(d.record_key, d.content) for d in found] == [(d.record_key, d.content) for d in plain]

    @pytest.mark.parametrize("share", [0.0001, 0.5, 0.99])
    def test_truncated(self, read, suffix, pack, share):
        packed = pack(GOOD)
        found = read(packed[: max(3, int(len(packed) * share))], f"a.jsonl{suffix}")
        documents, rejected = split(found)
        assert [item.reason for item in rejected] == ["truncated_archive"]
        kept = GOOD.splitlines(keepends=True)[: len(documents)]
        assert rejected[0].byte_begin == sum(map(len, kept))
        assert f"{len(documents)} records" in rejected[0].detail
        # zstd gives out nothing of a block that is cut
        assert len(documents) >= 5000 * (share - 0.6)

    def test_a_bomb_is_read_as_far_as_its_size_allows(self, read, suffix, pack):
        packed = pack(GOOD + b"\n" * 30_000_000 + GOOD)
        settings = {"reading__free_unpacked_bytes": 2_000_000, "reading__max_expansion": 10}
        documents, rejected = split(read(packed, f"a.jsonl{suffix}", **settings))
        allowed = max(2_000_000, 10 * len(packed))
        assert len(documents) == 5000
        assert [(r.reason, r.byte_begin) for r in rejected] == [("over_expansion_limit", allowed)]
        assert rejected[0].detail == (
            f"5000 records in {allowed} bytes were read before: a file of {len(packed)} bytes unpacks to more "
            f"than {allowed}; raise reading.max_expansion=10 to read it"
        )

    def test_a_line_that_the_limit_cuts_is_in_the_rest(self, read, suffix, pack):
        packed, second = pack(GOOD), GOOD.index(b"\n") + 1
        settings = {"reading__free_unpacked_bytes": second + 3, "reading__max_expansion": 1}
        documents, rejected = split(read(packed, f"a.jsonl{suffix}", **settings))
        if len(packed) < second + 3:
            assert len(documents) == 1
        assert [r.reason for r in rejected] == ["over_expansion_limit"]
        assert rejected[0].byte_begin == GOOD[: max(second + 3, len(packed))].rfind(b"\n") + 1

    def test_truncated_in_its_second_part(self, read, suffix, pack):
        found = read(pack(GOOD) + pack(b"\n" + GOOD)[:-9], f"a.jsonl{suffix}")
        documents, rejected = split(found)
        assert len(documents) == 5000
        assert rejected[-1].reason == "truncated_archive"

    def test_damaged(self, read, suffix, pack):
        documents, rejected = split(read(pack(GOOD) + b"not packed", f"a.jsonl{suffix}"))
        assert len(documents) > 4500
        assert [item.reason for item in rejected] == ["damaged_archive"]
        found = read(b"never packed at all", f"a.jsonl{suffix}")
        assert [item.reason for item in found] == ["damaged_archive"]

    def test_of_nothing(self, read, suffix, pack):
        found = read(pack(b""), f"a.jsonl{suffix}")
        assert [item.reason for item in found] == ["empty_file"]

    def test_a_bomb_of_one_line(self, read, suffix, pack):
        packed = pack(b"0" * 50_000_000 + b'\n{"text": "a"}')
        tracemalloc.start()
        settings = {"reading__max_document_bytes": 1_000_000, "reading__max_expansion": 100_000}
        documents, rejected = split(read(packed, f"a.jsonl{suffix}", **settings))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [document.content for document in documents] == ["a"]
        assert [item.reason for item in rejected] == ["over_size_limit"]
        assert peak < 8_000_000


def test_a_line_of_50_mb_is_not_held(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as sink:
        sink.write(b'{"text": "a"}\n{"text": "')
        for _ in range(50):
            sink.write(b"x" * 1_000_000)
        sink.write(b'"}\n{"text": "b"}\n')
    settings = Settings.of(reading__max_document_bytes=2_000_000)
    tracemalloc.start()
    found = list(read_json_lines(str(path), RecordFile("a", settings), max_bytes=2_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000
    assert [getattr(item, "content", "") for item in found] == ["a", "", "b"]
    assert found[1] == RejectedRecord(
        "a", "1", 14, 14 + 50_000_012, "over_size_limit",
        "50000012 bytes are over reading.max_document_bytes=2000000; raise it to read this",
    )  # fmt: skip


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "a.jsonl"
    line = orjson.dumps({"text": "x" * 1000}) + b"\n"
    with path.open("wb") as sink:
        for _ in range(10):
            sink.write(line * 1000)
    tracemalloc.start()
    found = read_json_lines(str(path), RecordFile("a", Settings()), max_bytes=16_000_000)
    assert sum(1 for _ in found) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


@given(st.binary(max_size=60), st.integers(1, 9), st.integers(1, 12))
def test_lines_are_those_of_split_but_for_blank_ones_whatever_the_chunks(content, chunk_bytes, max_bytes):
    content = content.translate(bytes(b"\n \n\ta\r"[i % 6] for i in range(256)))
    chunks = iter([content[i : i + chunk_bytes] for i in range(0, len(content), chunk_bytes)])
    lines = Lines(max_bytes)
    found = list(lines.of(lambda: next(chunks, b"")))
    assert lines.begin == len(content)
    expected, begin = [], 0
    for piece in content.split(b"\n"):
        if piece.strip() or len(piece) > max_bytes:
            kept = piece if len(piece) <= max_bytes else None
            expected.append(RawLine(begin, begin + len(piece), kept))
        begin += len(piece) + 1
    assert found == expected


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \n\t\n\x0b\x0c\n"])
@pytest.mark.parametrize("max_bytes", [1000, 16_000_000])
def test_runs_of_blank_lines_are_passed_over_in_one_go(tmp_path, blank, max_bytes):
    run = blank * 100_000
    records = [b'{"text": "%d"}\n' % i for i in range(8)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(run + b"".join(record + run for record in records) + b"1")
    records_of = RecordFile("a", Settings())
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        found = list(read_json_lines(str(path), records_of, max_bytes=max_bytes))
    finally:
        sys.setprofile(None)
    documents, rejected = split(found)
    assert [(d.record_key, d.content) for d in documents] == [(str(i), str(i)) for i in range(8)]
    begin = path.stat().st_size - 1
    assert [(r.record_key, r.byte_begin, r.byte_end) for r in rejected] == [("8", begin, begin + 1)]
    # calls and returns of Python and of C, where there are at least 900,000 blank lines
    assert calls < 20_000 + 40 * path.stat().st_size / min(max_bytes, 1 << 18)


def test_a_plain_file_is_read_whatever_its_size(read):
    settings = {"reading__free_unpacked_bytes": 0, "reading__max_expansion": 1}
    assert len(read(GOOD, **settings)) == 5000


def test_a_few_kilobytes_of_a_gigabyte_of_blank_lines_take_no_time(tmp_path):
    path, part = tmp_path / "a.jsonl.zst", pa.compress(b"\n" * (1 << 24), codec="zstd", asbytes=True)
    path.write_bytes(part * 64)
    begun = time.process_time()
    (found,) = read_json_lines(str(path), RecordFile("a", Settings()), max_bytes=16_000_000)
    assert time.process_time() - begun < 3  # of 0.3 s; all of it took 8
    assert (found.reason, found.byte_begin) == ("over_expansion_limit", 16_000_000)


def test_progress_is_reported_while_a_file_of_blank_lines_is_read(tmp_path, caplog, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 1_000_000)
    monkeypatch.setattr(progress.LOGGER, "propagate", True)
    with caplog.at_level(logging.INFO, logger=progress.LOGGER.name):
        list(read_json_lines(str(path), RecordFile("a\x1b.jsonl", Settings()), max_bytes=10))
        assert not caplog.messages  # it took no time
        monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.0)
        list(read_json_lines(str(path), RecordFile("a\x1b.jsonl", Settings()), max_bytes=10))
    assert len(caplog.messages) >= 4
    assert caplog.messages[0].startswith("reading a\\x1b.jsonl: 262,144 bytes, ")
    assert caplog.messages[-1].startswith("reading a\\x1b.jsonl: 1,000,000/1,000,000 bytes, ")

"""Parquet: columns of many types, and files that are cut, wrong or odd."""

import datetime
import decimal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import support.s3

from guyot.seeds import generator
from resources.settings import Settings
from resources.sources.parquet import read_parquet
from resources.sources.records import Document, RecordFile


@pytest.fixture
def read(bucket):
    """Read a file from a disk; what S3 gives of the same bytes must be the same."""

    def read_both(path, **settings):
        remote_location = support.s3.put(f"{bucket}/{path.name}", path.read_bytes())
        local, remote = (
            list(read_parquet(location, path.stat().st_size, RecordFile("a", Settings.of(**settings))))
            for location in (str(path), remote_location)
        )
        assert local == remote
        return local

    return read_both


def write(tmp_path, columns, **options):
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, **options)
    return path


@pytest.mark.parametrize(
    "type_",
    [pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_texts_of_every_type(tmp_path, read, type_):
    texts = pa.array(["a", "é", None, " "], pa.string()).cast(type_)
    found = read(write(tmp_path, {"text": texts, "id": [5, 6, 7, 8]}))
    assert [(d.record_key, d.content) for d in found[:2]] == [("5", "a"), ("6", "é")]
    assert [item.reason for item in found[2:]] == ["missing_text", "empty_document"]


def test_bytes_that_are_not_utf8_cost_their_row(tmp_path, read):
    offsets = pa.py_buffer(bytes(bytearray([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0])))
    texts = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xffb"))
    found = read(write(tmp_path, {"text": texts, "other": texts}))
    assert found[0].reason == "invalid_utf8"
    assert (found[1].content, found[1].record_key) == ("b", "1")


def test_other_columns_go_to_meta(tmp_path, read):
    day = datetime.date(2024, 2, 1)
    columns = {
        "text": ["t"],
        "kind": ["Python"],
        "day": [day],
        "time": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")),
        "price": [decimal.Decimal("1.50")],
        "tags": [["a", "b"]],
        "score": [float("nan")],
        "raw": [b"\xff"],
        "nested": [{"a": 1}],
    }
    (found,) = read(write(tmp_path, columns))
    assert found.kind == "python"
    assert orjson.loads(found.meta) == {
        "day": "2024-02-01",
        "time": "2023-11-14 22:13:20.123456789",
        "price": "1.50",
        "tags": ["a", "b"],
        "score": None,
        "raw": "\\xff",
    }


def test_a_missing_text_column_is_told_once_for_the_file(tmp_path, read):
    path = write(tmp_path, {"body": ["a", "b"], "id": [1, 2]})
    (found,) = read(path)
    assert found.reason == "missing_text_column"
    assert found.detail == "2 rows have no text or content; columns found: body, id"
    assert (found.byte_begin, found.byte_end) == (0, path.stat().st_size)
    assert [item.content for item in read(path, reading__text_column="body")] == ["a", "b"]


def test_two_columns_called_text_are_none(tmp_path, read):
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    assert [item.reason for item in read(write(tmp_path, table))] == ["missing_text_column"]


def test_a_text_column_of_numbers_is_told_once(tmp_path, read):
    (found,) = read(write(tmp_path, {"text": [1, 2]}))
    assert (found.reason, found.detail) == (
        "text_not_a_string",
        "2 rows have a text of type int64",
    )


def test_no_rows(tmp_path, read):
    path = write(tmp_path, {"text": pa.array([], pa.string())})
    assert [item.reason for item in read(path)] == ["empty_file"]


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_truncated(tmp_path, read, share):
    path = write(tmp_path, {"text": [f"text {i}" for i in range(5000)]})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    (found,) = read(path)
    assert found.reason == "invalid_parquet"
    assert found.byte_end == path.stat().st_size


def test_rows_before_a_damaged_page_are_kept(tmp_path, read):
    texts = [f"text {i}" for i in range(4000)]
    path = write(tmp_path, {"text": texts}, row_group_size=1000, compression="zstd")
    column = pq.ParquetFile(path).metadata.row_group(2).column(0)
    content = bytearray(path.read_bytes())
    begin = column.dictionary_page_offset or column.data_page_offset
    content[begin : begin + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    found = read(path)
    assert 1000 <= len(found) - 1 <= 2000
    assert all(isinstance(item, Document) for item in found[:-1])
    assert found[-1].reason == "invalid_parquet"
    assert f"{len(found) - 1} of 4000 rows" in found[-1].detail


def test_not_parquet_at_all(tmp_path, read):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"hello" * 100)
    assert [item.reason for item in read(path)] == ["invalid_parquet"]


def test_a_file_that_cannot_be_opened(tmp_path):
    (found,) = read_parquet(str(tmp_path / "gone.parquet"), 9, RecordFile("a", Settings()))
    assert found.reason == "unreadable"


def test_a_cell_over_the_limit_costs_its_row(tmp_path, read):
    path = write(tmp_path, {"text": ["a", "b" * 1001, "c"]})
    found = read(path, reading__max_document_bytes=1000)
    assert [getattr(item, "reason", "") for item in found] == ["", "over_size_limit", ""]


def test_large_rows_come_in_small_batches(tmp_path):
    texts = [f"{i:05d}" * 100_000 for i in range(120)]
    path = write(tmp_path, {"text": texts}, compression="zstd", use_dictionary=False, write_batch_size=4)
    peak = pa.total_allocated_bytes()
    for _ in read_parquet(str(path), 1, RecordFile("a", Settings())):
        peak = max(peak, pa.total_allocated_bytes())
    assert peak < 40_000_000


def peak_of(path, **settings):
    """Read a file; return what was found and the most that Arrow held meanwhile, beyond what it held before."""
    before = peak = pa.total_allocated_bytes()
    found = []
    for one in read_parquet(str(path), path.stat().st_size, RecordFile("a", Settings.of(**settings))):
        found.append(one)
        peak = max(peak, pa.total_allocated_bytes())
    return found, peak - before


def test_a_cell_of_a_gigabyte_in_some_kilobytes_is_never_held(tmp_path):
    path = write(
        tmp_path, {"text": ["x" * 200_000_000, "a"]}, compression="zstd", use_dictionary=False,
        row_group_size=1,
    )  # fmt: skip
    assert path.stat().st_size < 50_000
    (bomb, good), peak = peak_of(path)
    assert (bomb.reason, bomb.record_key, bomb.byte_begin) == ("over_expansion_limit", "", -1)
    assert bomb.detail.startswith("rows 0 to 1: column text: a page of ")
    assert bomb.detail.endswith("unpacks to more than 16000000; raise reading.max_expansion=200 to read it")
    assert (good.content, good.record_key) == ("a", "1")
    assert peak < 1_000_000


def test_a_bomb_in_another_column_is_left_out_of_meta(tmp_path, read):
    bomb = ["x" * 20_000_000, "y"]
    path = write(
        tmp_path, {"text": ["a", "b"], "more": bomb, "n": [1, 2]}, compression="zstd", use_dictionary=False,
        row_group_size=1,
    )  # fmt: skip
    assert [orjson.loads(d.meta) for d in read(path)] == [{"n": 1}, {"more": "y", "n": 2}]


def test_one_large_text_in_every_row_is_read_as_far_as_the_size_allows(tmp_path):
    texts = pa.array(["x" * 1_000_000] * 2000).dictionary_encode()
    path = write(tmp_path, {"text": texts}, compression="zstd")
    size = path.stat().st_size
    assert size < 10_000
    found, peak = peak_of(path, reading__max_expansion=16_000_000 // (50 * size))
    assert 1 <= len(found) <= 17
    assert (found[-1].reason, found[-1].record_key) == ("over_expansion_limit", "")
    assert f"{len(found) - 1} of 2000 rows were read before: a file of " in found[-1].detail
    assert peak < 140_000_000


def test_a_long_prompt_in_every_row_costs_no_row(tmp_path):
    n = 5000
    prompt = pa.array(["You are a careful assistant. " * 800] * n).dictionary_encode()
    texts = [f"{number} {generator(0, 'rows', number).random()}" for number in range(n)]
    path = write(tmp_path, {"text": texts, "system": prompt}, compression="zstd")
    assert n * 23_200 > 200 * path.stat().st_size, "beyond what a page may"
    found, peak = peak_of(path)
    assert [one.content for one in found] == texts
    assert peak < 140_000_000


def test_rows_of_no_bytes_are_read_as_far_as_the_size_allows(tmp_path):
    path = write(tmp_path, {"text": pa.nulls(10_000_000, pa.string())}, compression="zstd")
    found, _ = peak_of(path, reading__free_unpacked_bytes=1_000_000, reading__max_expansion=4)
    allowed = max(1_000_000, 4 * 50 * path.stat().st_size)
    assert allowed / 16 < len(found) < allowed / 8 + 2
    assert {one.reason for one in found[:-1]} == {"missing_text"}
    assert found[-1].reason == "over_expansion_limit"


def test_a_row_group_whose_pages_are_none_is_invalid(tmp_path, read):
    path = write(tmp_path, {"text": [f"text {i}" for i in range(40)]}, row_group_size=10)
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    content[column.dictionary_page_offset :][:1] = b"\0"
    content[column.dictionary_page_offset] = 0
    path.write_bytes(content)
    found = read(path)
    assert len(found) == 11
    assert (found[-1].reason, found[-1].byte_end) == ("invalid_parquet", path.stat().st_size)
    assert found[-1].detail.startswith("10 of 40 rows could be read: the page at byte ")

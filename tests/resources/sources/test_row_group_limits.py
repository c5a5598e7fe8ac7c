"""Which columns of a row group are read, and in how many rows."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from resources.sources.row_group_limits import RowGroup, row_group
from resources.sources.unpacking import UnpackingLimits

LIMITS = UnpackingLimits(max_expansion=10, free_bytes=10_000, max_page_bytes=1_000_000)
SMALL = ["a", "b", "c", "d"]


def look(columns, limits=LIMITS, needed=("text",), **options):
    sink = io.BytesIO()
    options = {"use_dictionary": False, "compression": "zstd", **options}
    pq.write_table(pa.table(columns), sink, **options)
    with pq.ParquetFile(sink) as file:
        return row_group(file, 0, sink, columns=list(columns), needed=set(needed), limits=limits)


def test_small_rows_are_read_many_at_once():
    assert look({"text": SMALL, "n": [1, 2, 3, 4]}) == RowGroup(("text", "n"), 1024)


def test_a_page_that_unpacks_too_far_takes_its_rows_or_its_column():
    bomb = ["a", "b", "c", "x" * 100_000]
    found = look({"text": bomb, "n": [1, 2, 3, 4]})
    assert (found.columns, found.problem and found.problem[0]) == ((), "over_expansion_limit")
    assert found.problem
    assert found.problem[1].startswith("column text: a page of ")
    assert found.problem[1].endswith("more than 10000; raise reading.max_expansion=10 to read it")
    assert look({"text": SMALL, "more": bomb, "n": [1, 2, 3, 4]}).columns == ("text", "n")
    assert look({"text": bomb}, compression="none").problem is None
    assert look({"text": bomb}, UnpackingLimits(10, 200_000, 1_000_000)).problem is None


def test_a_page_over_the_limit_takes_its_rows_whatever_it_is_packed_to():
    found = look({"text": ["x" * 1_000_000]}, compression="none")
    assert found.problem
    assert found.problem[0] == "page_too_large"
    assert "unpacks to 1000010 bytes; raise reading.max_page_bytes=1000000 to read it" in found.problem[1]
    assert look({"text": ["x" * 999_990]}, compression="none").problem is None


def test_a_list_of_more_values_than_bytes_counts_by_its_values():
    lists = {"text": ["a"], "list": pa.array([[0] * 200_000])}
    options = {"compression": "none", "use_dictionary": ["list"]}
    assert look(lists, **options).columns == ("text",)
    assert look(lists, UnpackingLimits(10, 10_000_000, 10_000_000), **options).columns == ("text", "list")
    # a column of as many rows is read some rows at once
    assert look({"text": ["a"] * 200_000}, use_dictionary=True).columns == ("text",)


@pytest.mark.parametrize(
    "options", [{"use_dictionary": True}, {"column_encoding": {"text": "DELTA_BYTE_ARRAY"}}], ids=str
)
def test_values_that_repeat_are_read_in_few_rows(options):
    wide = UnpackingLimits(1000, 10_000_000, 10_000_000)
    texts = ["a" * 1_000_000] * 500
    assert 60 <= look({"text": texts}, wide, **options).batch_rows <= 64
    both = look({"text": texts, "more": texts}, wide, **({"use_dictionary": True}))
    assert 30 <= both.batch_rows <= 32


def test_ordinary_dictionaries_do_not_make_batches_small():
    columns = {f"c{c}": [f"{c} {n % 9000} {'x' * 80}" for n in range(20_000)] for c in range(10)}
    found = look(columns, UnpackingLimits(200, 16_000_000, 500_000_000), needed=(), use_dictionary=True)
    assert found.batch_rows >= 80


def test_large_rows_in_one_place_are_read_in_few_rows():
    texts = ["x" * 2_000_000] * 20 + ["y"] * 30_000
    found = look({"text": texts}, UnpackingLimits(10, 10**9, 10**8), write_batch_size=1, data_page_size=1000)
    assert found.batch_rows <= 32


def test_an_image_is_a_column_of_its_two_leaves():
    image = pa.array([{"bytes": b"x" * 100_000, "path": "a"}])
    found = look({"image": image}, needed=("image",))
    assert found.problem
    assert found.problem[1].startswith("column image: ")

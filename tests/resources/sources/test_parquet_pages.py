"""Headers of pages: what a writer wrote, and bytes that are no headers."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.sources.parquet_pages import Page, pages

TEXTS = [f"{i} of some texts of about as many letters" for i in range(3000)]


def written(columns, **options):
    """Write columns; return the file and the byte range of its first column."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    chunk = pq.ParquetFile(sink).metadata.row_group(0).column(0)
    begin = min(at for at in (chunk.dictionary_page_offset, chunk.data_page_offset) if at)
    return sink, begin, begin + chunk.total_compressed_size, chunk


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
@pytest.mark.parametrize("statistics", [True, False])
def test_pages_fill_the_chunk_and_hold_its_values(version, codec, statistics):
    source, begin, end, chunk = written(
        {"text": TEXTS}, data_page_version=version, compression=codec, data_page_size=10_000,
        use_dictionary=False, write_batch_size=100, write_statistics=statistics,
    )  # fmt: skip
    found = list(pages(source, begin, end))
    assert 6 < len(found) < 20
    assert sum(page.n_values for page in found) == chunk.num_values == 3000
    headers = end - begin - sum(page.packed_bytes for page in found)
    assert 0 < headers < 150 * len(found)
    # the footer's sizes have the headers in them
    assert sum(page.unpacked_bytes for page in found) + headers == chunk.total_uncompressed_size
    assert not any(page.is_dictionary or page.repeats for page in found)


def test_a_dictionary_and_values_that_repeat_each_other_are_known():
    source, begin, end, _ = written({"text": ["a" * 1000] * 500})
    dictionary, data = pages(source, begin, end)
    assert dictionary == Page(dictionary.packed_bytes, 1004, 1, is_dictionary=True, repeats=False)
    assert (data.n_values, data.is_dictionary, data.repeats) == (500, False, False)
    options = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    source, begin, end, _ = written({"text": ["a" * 1000] * 500}, **options)
    (data,) = pages(source, begin, end)
    assert data.repeats
    assert data.unpacked_bytes < 3000  # and its values are 500,000 bytes


def test_a_long_header_is_read_whole():
    text = "x" * 100_000
    source, begin, end, _ = written({"text": [text]}, use_dictionary=False, compression="none")
    (page,) = pages(source, begin, end)
    assert page.unpacked_bytes > 100_000
    header = source.getvalue()[begin : end - page.packed_bytes]
    # a binary field of 3,000 bytes (type 8, number 9 + 1) before the header's end
    padded = header[:-1] + b"\x58" + bytes([0x80 | 3000 & 127, 3000 >> 7]) + b"x" * 3000 + b"\0"
    content = padded + source.getvalue()[end - page.packed_bytes : end]
    (found,) = pages(io.BytesIO(content), 0, len(content))
    assert found == page


@pytest.mark.parametrize("cut", [1, 10, 1000])
def test_a_chunk_that_is_cut_is_an_error(cut):
    source, begin, end, _ = written({"text": TEXTS})
    with pytest.raises(ValueError, match="page"):
        list(pages(source, begin, end - cut))
    with pytest.raises(ValueError, match="does not end"):
        list(pages(io.BytesIO(b""), 0, 10))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x15\x00\x15\x01\x15\x02\x00", "type, sizes and values"),  # -1 bytes unpacked
        (b"\x15\x00\x15\x02\x00", "type, sizes and values"),  # no packed size
        (b"\x15\x00\x15\x02\x15\x02\x2c\x15\x01\x00\x00", "type, sizes and values"),  # -1 values
        (b"\x15" + b"\xff" * 11, "more than 64 bits"),
        (b"\x4c" + b"\x1c" * 40, "structs in each other"),
        (b"\x49\x1c" + b"\x19\x1c" * 40, "structs in each other"),
        (b"\x4f", "a field of type 15"),
    ],
)
def test_what_is_no_header_is_said(content, said):
    with pytest.raises(ValueError, match=said):
        list(pages(io.BytesIO(content), 0, len(content)))


@given(st.binary(max_size=200))
def test_any_bytes_are_pages_within_them_or_an_error(content):
    try:
        found = list(pages(io.BytesIO(content), 0, len(content)))
    except ValueError:
        return
    assert sum(page.packed_bytes for page in found) <= len(content)

"""Where columns lie: what pyarrow says, bytes that are no footer, and a footer that would end the process."""

import io
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guyot.seeds import generator
from resources.sources.parquet_footer import column_chunks

COLUMNS = {
    "text": ["a", None, "b"] * 100,
    "image": [{"bytes": b"x", "path": None}, None, {"bytes": None, "path": "p"}] * 100,
    "tags": [["a"], [], None] * 100,
}
READ_ALL = """
import sys
from pathlib import Path
from resources.settings import Settings
from resources.sources.parquet import read_parquet
from resources.sources.records import RecordFile
for path in sorted(Path(sys.argv[1]).iterdir()):
    list(read_parquet(str(path), path.stat().st_size, RecordFile(path.name, Settings.of())))
    print(path.name)
"""


def written(**options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(COLUMNS), sink, row_group_size=100, **options)
    return sink.getvalue()


@pytest.mark.parametrize("options", [{}, {"use_dictionary": False}, {"compression": "zstd"}])
def test_columns_lie_where_pyarrow_says(options: dict[str, object]) -> None:
    content = written(**options)
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata
    told = []
    for number in range(metadata.num_row_groups):
        chunks = [metadata.row_group(number).column(leaf) for leaf in range(metadata.num_columns)]
        begins = [chunk.dictionary_page_offset or chunk.data_page_offset for chunk in chunks]
        ends = [begin + chunk.total_compressed_size for begin, chunk in zip(begins, chunks, strict=True)]
        told.append(list(zip(begins, ends, strict=True)))
    assert column_chunks(io.BytesIO(content)) == told


@given(content=st.binary(max_size=100), ends_like_one=st.booleans())
def test_any_bytes_are_a_footer_or_an_error(*, content: bytes, ends_like_one: bool) -> None:
    tail = len(content).to_bytes(4, "little") + b"PAR1" if ends_like_one else b""
    try:
        found = column_chunks(io.BytesIO(content + tail))
    except ValueError:
        return
    assert all(0 < begin <= end <= len(content) for group in found for begin, end in group)


def test_a_flipped_bit_of_a_footer_says_no_column_outside_the_file() -> None:
    content, draw = written(), generator(0, "footers")
    length = int.from_bytes(content[-8:-4], "little")
    begin = len(content) - 8 - length
    for at in draw.integers(begin, begin + length, 500).tolist():
        damaged = bytearray(content)
        damaged[at] ^= 1 << int(draw.integers(8))
        try:
            found = column_chunks(io.BytesIO(bytes(damaged)))
        except ValueError:
            continue
        assert all(4 <= first <= last <= begin for group in found for first, last in group if first)


def test_footers_whose_statistics_contradict_each_other_do_not_end_the_process(tmp_path: Path) -> None:
    content = written()
    length = int.from_bytes(content[-8:-4], "little")
    lists = [at for at in range(len(content) - 8 - length, len(content) - 8) if content[at] == 0x36]
    for at in lists:  # lists of three numbers are of one
        damaged = bytearray(content)
        damaged[at] = 0x16
        (tmp_path / f"{at:06d}.parquet").write_bytes(damaged)
    ended = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    assert len(ended.stdout.split()) == len(lists) > 3

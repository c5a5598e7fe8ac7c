"""JSON lines, plain and packed: records, and lines byte for byte."""

import gzip
from pathlib import Path

import pytest
from backports import zstd

from guyot.corpus.json_lines import is_json_lines, lines_of, opened, read_json_lines
from guyot.corpus.records import Row
from guyot.errors import CorruptError

CONTENT = b'\xef\xbb\xbf{"text": "a"}\r\n\n  \n{"text": "\xc3\xa4"}\n{"text": "\xff"}\n{"text": "b", }\n{"text": "c"}'
PACKED = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}
each = pytest.mark.parametrize("suffix", PACKED)


@each
def test_records_have_the_numbers_of_their_lines(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(PACKED[suffix](CONTENT))
    found = list(read_json_lines(str(path), "", ""))
    assert [(one.record, one.text if isinstance(one, Row) else one.reason) for one in found] == [
        (0, "a"), (3, "ä"), (4, "invalid_utf8"), (5, "invalid_json"), (6, "c"),
    ]  # fmt: skip


@each
def test_lines_come_back_byte_for_byte(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    with opened(str(path), "wb") as sink:
        sink.write(CONTENT)
    assert {"": bytes, ".gz": gzip.decompress, ".zst": zstd.decompress}[suffix](path.read_bytes()) == CONTENT
    lines = list(lines_of(str(path)))
    assert b"".join(lines) == CONTENT
    assert len(lines) == 7


def test_equal_lines_make_equal_packed_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        with opened(str(tmp_path / name), "wb") as sink:
            sink.write(CONTENT)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("harm", ["cut", "changed"])
def test_a_damaged_file_says_where(tmp_path: Path, suffix: str, harm: str) -> None:
    lines = b"".join(b'{"text": "%d"}\n' % (i * 7919 % 10007) for i in range(50_000))
    packed = bytearray(PACKED[suffix](lines))
    if harm == "cut":
        del packed[-len(packed) // 3 :]
    else:
        packed[len(packed) // 2 : len(packed) // 2 + 40] = bytes(40)
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(packed)
    with pytest.raises(CorruptError, match=r"after [\d,]+ lines it is damaged or ends early"):
        list(read_json_lines(str(path), "", ""))


def test_too_deep_a_nest_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("[" * 100_000 + "\n")
    (found,) = read_json_lines(str(tmp_path / "a.jsonl"), "", "")
    assert found.reason == "invalid_json"


def test_names() -> None:
    assert all(is_json_lines(f"A.JSONL{suffix}") for suffix in PACKED)
    assert not is_json_lines("a.json")

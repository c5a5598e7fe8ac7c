"""Footers that would end the process, that two readers read differently, or that are odd and legal."""

import base64
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from resources.settings import Settings
from resources.sources.parquet import read_parquet
from resources.sources.parquet_footer import require_describable
from resources.sources.records import Document, RecordFile

COLUMNS = {
    "text": ["a", None, "b"] * 100,
    "image": [{"bytes": b"x", "path": None}, None, {"bytes": None, "path": "p"}] * 100,
    "tags": [["a"], [], None] * 100,
    "number": [1, 2, 3] * 100,
}
READ_ALL = """
import sys
from pathlib import Path
from resources.settings import Settings
from resources.sources.parquet import read_parquet
from resources.sources.records import RecordFile, RejectedRecord
for path in sorted(Path(sys.argv[1]).iterdir()):
    records = RecordFile(path.name, Settings.of())
    found = list(read_parquet(str(path), path.stat().st_size, records))
    whole = [one for one in found if isinstance(one, RejectedRecord) and one.reason == "invalid_parquet"]
    assert len(found) == 300 or whole, (path, len(found))
    print(path.name)
"""


def written(**options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(COLUMNS), sink, row_group_size=100, **options)
    return sink.getvalue()


def footer_of(content: bytes) -> range:
    length = int.from_bytes(content[-8:-4], "little")
    return range(len(content) - 8 - length, len(content) - 8)


def with_fields(content: bytes, more: bytes) -> bytes:
    """Put fields behind the last one of a footer."""
    place = footer_of(content)
    footer = content[place.start : place.stop - 1] + more + b"\x00"
    return content[: place.start] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def read(path: Path) -> list[Any]:
    return list(read_parquet(str(path), path.stat().st_size, RecordFile("a", Settings.of())))


@pytest.mark.parametrize("options", [{}, {"use_dictionary": False}, {"write_statistics": False}], ids=str)
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_what_pyarrow_writes_can_be_described(options: dict[str, Any], version: str) -> None:
    source = io.BytesIO(written(version=version, **options))
    require_describable(pq.ParquetFile(source), source)


def test_row_groups_without_rows_lose_no_document(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a", "b"],
            "flag": [True, None],
            "map": pa.array([[("k", True)], []], pa.map_(pa.string(), pa.bool_())),
        }
    )
    with pq.ParquetWriter(tmp_path / "some.parquet", table.schema) as file:
        file.write_table(table)
        file.write_table(table.slice(0, 0))
        file.write_table(table)
    found = read(tmp_path / "some.parquet")
    assert [one.content for one in found if isinstance(one, Document)] == ["a", "b", "a", "b"]


# fields that come twice, are of other types, or are in lists of other types than pyarrow reads
@pytest.mark.parametrize(
    "more", [b"\x05\x08\x02", b"\x0c\x08\x15\x02\x00", b"\x09\x08\x05", b"\x09\x08\x0c"], ids=bytes.hex
)
def test_row_groups_that_two_readers_count_differently_are_refused(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(with_fields(written(), more))
    found = read(path)
    assert [one.reason for one in found] == ["invalid_parquet"]


def test_a_footer_of_more_fields_than_are_known_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(
        with_fields(written(), b"\x0b\xc8\x01\x00" + b"\x0d\xca\x01" + b"0" * 16)
    )  # a map, a uuid
    assert len(read(path)) == 300


def test_no_bit_of_a_footer_ends_the_process_or_loses_a_record(tmp_path: Path) -> None:
    content = written()
    place = footer_of(content)
    lists = [at for at in place if content[at] == 0x36]  # of three numbers: a histogram
    for at in lists:
        (tmp_path / f"{at:06d}.parquet").write_bytes(content[:at] + b"\x16" + content[at + 1 :])
    groups = content.index(b"\x19\x3c", place.start)  # a list of three structs, the row groups
    for number, kind in enumerate(b"\x34\x35\x31\x2c\x4c"):
        altered = content[: groups + 1] + bytes([kind]) + content[groups + 2 :]
        (tmp_path / f"groups{number}.parquet").write_bytes(altered)
    ended = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    assert len(ended.stdout.split()) == len(lists) + 5 > 10


class Keys(pe.KmsClient):
    """Keys that are not kept anywhere."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes + master_key_identifier.encode()[:0])

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return base64.b64decode(wrapped_key + master_key_identifier.encode()[:0])


def test_a_file_with_an_encrypted_column_is_in_quarantine(tmp_path: Path) -> None:
    how = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["secret"]}, plaintext_footer=True)
    keys = pe.CryptoFactory(lambda _: Keys()).file_encryption_properties(pe.KmsConnectionConfig(), how)
    table = pa.table({"text": ["a"], "secret": ["x"]})
    folder = tmp_path / "files"
    folder.mkdir()
    with pq.ParquetWriter(folder / "a.parquet", table.schema, encryption_properties=keys) as file:
        file.write_table(table)
    ended = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(folder)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    (found,) = read(folder / "a.parquet")
    assert found.detail == "0 of 1 rows could be read: column secret is encrypted"

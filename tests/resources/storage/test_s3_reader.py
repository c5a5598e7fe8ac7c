"""An object is read anywhere in it, whatever answers break off; what is gone is told apart from what is absent."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import support.s3
from support.s3 import Faults, environment, failing_proxy

from guyot.errors import UnreachableError
from resources.storage import s3, s3_reader
from resources.storage.s3_reader import ObjectReader, read_object, read_part

CONTENT = bytes(range(251)) * 40


@pytest.fixture
def uri(bucket):
    return support.s3.put(f"{bucket}/a", CONTENT)


def test_it_reads_as_a_file_does(uri):
    file = io.BytesIO(CONTENT)
    with ObjectReader(uri) as opened:
        assert opened.size() == len(CONTENT)
        for place, whence, n_bytes in (
            (0, 0, 10),
            (-5, 2, 99),
            (7, 0, 0),
            (3, 1, 40),
            (len(CONTENT) + 5, 0, 3),
        ):
            assert opened.seek(place, whence) == file.seek(place, whence)
            assert opened.read(n_bytes) == file.read(n_bytes)
            assert opened.tell() == file.tell()
        opened.seek(100)
        assert opened.read() == CONTENT[100:]
        assert opened.read() == b""
        assert opened.read_at(20, 30) == CONTENT[30:50]
        assert opened.read_at(20, len(CONTENT) - 3) == CONTENT[-3:]


def test_a_part_is_one_request(uri, monkeypatch):
    asked = []
    monkeypatch.setattr(s3, "head", None)
    monkeypatch.setattr(
        s3, "get", lambda name, get=s3.get, **given: asked.append(given) or get(name, **given)
    )
    size = len(CONTENT)
    assert read_part(uri, 30, 20) == CONTENT[30:50]
    assert asked == [{"Range": "bytes=30-49"}]
    assert read_part(uri, size - 3, 20) == CONTENT[-3:]
    assert read_part(uri, size, 5) == read_part(uri, size + 9, 5) == b""
    assert read_part(uri, 5, 0) == b""
    assert len(asked) == 4
    with pytest.raises(FileNotFoundError):
        read_part(f"{uri}-none", 0, 1)


def test_a_table_is_read_through_it(bucket):
    written, table = io.BytesIO(), pa.table({"x": list(range(5000)), "y": [f"row {i}" for i in range(5000)]})
    pq.write_table(table, written, row_group_size=700)
    with ObjectReader(support.s3.put(f"{bucket}/t", written.getvalue())) as opened:
        assert pq.read_table(opened, pre_buffer=True).equals(table)


def test_reads_of_a_few_bytes_survive_errors_that_are_longer_and_answers_that_break_off(uri, s3_url):
    faults = Faults(1, 0.4)
    with failing_proxy(s3_url, faults) as url, environment(url), ObjectReader(uri) as opened:
        assert [opened.read_at(4, place) for place in range(0, 160, 4)] == [
            CONTENT[place : place + 4] for place in range(0, 160, 4)
        ]
    assert min(faults.given.values()) > 3


def test_what_is_not_there_is_missing_and_what_goes_meanwhile_is_unreachable(uri):
    with ObjectReader(uri) as opened:
        assert opened.read(3) == CONTENT[:3]
        s3.delete([uri.removeprefix("s3://")])
        with pytest.raises(UnreachableError, match="is gone"):
            opened.read(3)
    with pytest.raises(FileNotFoundError):
        ObjectReader(uri)


@pytest.mark.parametrize("other", [b"short", CONTENT[::-1], CONTENT * 2])
def test_another_object_in_its_place_is_never_mixed_with_it(uri, other):
    with ObjectReader(uri) as opened:
        assert opened.read(3) == CONTENT[:3]
        support.s3.put(uri, other)
        with pytest.raises(UnreachableError, match=f"{uri} is gone, or another object"):
            opened.read_at(9, 3)
    assert read_object(uri) == other


def test_a_server_that_never_answers_is_given_up(uri, s3_url, monkeypatch):
    monkeypatch.setattr(s3_reader, "_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(s3, "_ATTEMPTS", 2)
    s3._client.cache_clear()
    with (
        failing_proxy(s3_url, Faults(0, 0, fails_from=1)) as url,
        environment(url),
        ObjectReader(uri) as opened,
    ):
        with pytest.raises(UnreachableError, match=f"{uri} could not be read.*try again"):
            opened.read(3)
    s3._client.cache_clear()


def test_its_etag_is_that_of_the_listing(uri):
    with ObjectReader(uri) as opened, s3.as_os_error():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert opened.etag() == s3.client().head_object(Bucket=bucket, Key=key)["ETag"].strip('"')

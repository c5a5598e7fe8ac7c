"""The clients of S3: objects are put whole, removed in batches, and failures have a kind."""

import hashlib
import io
import os

import orjson
import pytest
import support.s3
from support.s3 import Faults, environment, failing_proxy

from resources.storage import s3


def object_of(bucket, name="one"):
    return f"{bucket.removeprefix('s3://')}/{name}"


@pytest.fixture
def few_attempts(monkeypatch):
    """Give up after two more attempts."""
    for cached in (s3._filesystem, s3._client):
        cached.cache_clear()
    monkeypatch.setattr(s3, "_ATTEMPTS", 2)
    yield
    for cached in (s3._filesystem, s3._client):
        cached.cache_clear()


def read(name):
    with s3.filesystem().open_input_file(name) as source:
        return source.read()


@pytest.mark.parametrize("content", [b"", b"one", b"a" * 6_000_000 + b"b" * 6_000_000 + b"c"])
def test_what_is_put_is_there_whole(bucket, content):
    s3.put(object_of(bucket), content)
    s3.put_file(object_of(bucket, "two"), io.BytesIO(content))
    assert read(object_of(bucket)) == read(object_of(bucket, "two")) == content


class Failing(io.BytesIO):
    """A file whose disk fails behind its first bytes."""

    def read(self, n_bytes=-1):
        if self.tell() >= 10_000_000:
            raise OSError("the disk is gone")
        return super().read(n_bytes)


def test_a_file_that_breaks_off_puts_nothing_in_the_place_of_what_is_there(bucket):
    s3.put(object_of(bucket), b"old")
    with pytest.raises(OSError, match="the disk is gone"):
        s3.put_file(object_of(bucket), Failing(b"new" * 10_000_000))
    assert read(object_of(bucket)) == b"old"
    with s3.as_os_error():
        assert "Uploads" not in s3.client().list_multipart_uploads(Bucket=bucket.removeprefix("s3://"))


def test_removing_takes_batches_and_does_not_mind_what_is_not_there(bucket, monkeypatch):
    monkeypatch.setattr(s3, "_MAX_DELETED", 2)
    for number in range(5):
        s3.put(object_of(bucket, f"a/{number}"), b"x")
    s3.put(object_of(bucket, "b"), b"x")
    s3.delete([object_of(bucket, f"a/{number}") for number in range(7)])
    assert support.s3.keys(bucket) == ["b"]
    s3.delete([])


def test_an_object_is_what_it_was_until_the_last_part_of_a_new_one_is_there(bucket, s3_url, few_attempts):
    s3.put(object_of(bucket), b"old")
    new, put, n_requests = b"new" * 4_000_000, False, 0
    while not put:
        assert read(object_of(bucket)) == b"old"
        with failing_proxy(s3_url, Faults(0, 0, fails_from=n_requests)) as url, environment(url):
            try:
                s3.put_file(object_of(bucket), io.BytesIO(new))
                put = True
            except OSError:
                n_requests += 1
    assert n_requests == 4  # to begin, two parts, to end
    assert read(object_of(bucket)) == new


def test_thousands_are_removed_a_thousand_at_a_time(bucket, s3_url):
    for number in (0, 999, 1000, 2499, 2500):
        s3.put(object_of(bucket, str(number)), b"x")
    faults = Faults(0, 0)
    with failing_proxy(s3_url, faults) as url, environment(url):
        s3.delete([object_of(bucket, str(number)) for number in range(2500)])
    assert support.s3.keys(bucket) == ["2500"]
    assert faults.given["none"] == 3


def test_what_s3_keeps_is_told(bucket, s3_url):
    name = bucket.removeprefix("s3://")
    for kept in "ab":
        s3.put(object_of(bucket, kept), b"x")
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{name}/a",
    }
    policy = orjson.dumps({"Version": "2012-10-17", "Statement": [denied]}).decode()
    support.s3.client(s3_url).put_bucket_policy(Bucket=name, Policy=policy)
    with pytest.raises(OSError, match="1 of 2 objects were kept, such as .*AccessDenied"):
        s3.delete([object_of(bucket, "a"), object_of(bucket, "b")])
    assert support.s3.keys(bucket) == ["a"]


def test_an_object_is_read_whole_in_part_or_only_as_it_was(bucket):
    s3.put(object_of(bucket), b"0123456789")
    n_bytes, etag = s3.head(object_of(bucket))
    assert (n_bytes, etag) == (10, hashlib.md5(b"0123456789").hexdigest())
    assert s3.get(object_of(bucket)) == b"0123456789"
    assert s3.get(object_of(bucket), Range="bytes=3-5", IfMatch=etag) == b"345"
    s3.put(object_of(bucket), b"9876543210")
    with pytest.raises(FileNotFoundError, match="PreconditionFailed"):
        s3.get(object_of(bucket), Range="bytes=3-5", IfMatch=etag)


def test_an_answer_that_breaks_off_is_an_os_error(bucket, s3_url):
    s3.put(object_of(bucket), b"0123456789" * 1000)
    faults = Faults(0, 0, fails_from=0, status="cut")
    with failing_proxy(s3_url, faults) as url, environment(url), pytest.raises(OSError):
        s3.get(object_of(bucket))
    assert faults.given["cut"] == 1


def test_as_many_attempts_are_made_as_it_says(bucket, s3_url, few_attempts):
    for ask in (
        lambda: s3.put(object_of(bucket), b"x"),
        lambda: s3.delete([object_of(bucket)]),
        lambda: s3.filesystem().get_file_info(object_of(bucket)),
    ):
        faults = Faults(0, 0, fails_from=0)
        with failing_proxy(s3_url, faults) as url, environment(url), pytest.raises(OSError):
            ask()
        assert faults.given["500"] == 1 + s3._ATTEMPTS


def test_a_third_of_the_requests_may_fail(bucket, s3_url):
    faults = Faults(0, 0.33)
    with failing_proxy(s3_url, faults) as url, environment(url):
        for number in range(12):
            s3.put(object_of(bucket, str(number)), b"%d" % number * 1000)
        assert [read(object_of(bucket, str(number))) for number in range(12)] == [
            b"%d" % n * 1000 for n in range(12)
        ]
        s3.delete([object_of(bucket, "0")])
    assert len(support.s3.keys(bucket)) == 11
    assert min(faults.given[kind] for kind in ("500", "503", "cut")) > 0


@pytest.mark.parametrize(("status", "error"), [("403", PermissionError), ("500", OSError), ("503", OSError)])
def test_each_refusal_has_its_kind(bucket, s3_url, few_attempts, status, error):
    with failing_proxy(s3_url, Faults(0, 0, fails_from=0, status=status)) as url, environment(url):
        with pytest.raises(error) as caught, s3.as_os_error():
            s3.client().list_objects_v2(Bucket=bucket.removeprefix("s3://"))
        with pytest.raises(OSError):
            s3.put(object_of(bucket), b"x")
    assert type(caught.value) is error
    assert support.s3.keys(bucket) == []


def test_what_is_missing_is_not_found(bucket):
    with pytest.raises(FileNotFoundError, match="NoSuchBucket"), s3.as_os_error():
        s3.client().list_objects_v2(Bucket="no-such-bucket")
    for ask in (s3.get, s3.head):
        with pytest.raises(FileNotFoundError):
            ask(object_of(bucket, "none"))


def test_a_server_that_is_not_there_is_an_os_error(bucket, few_attempts):
    with environment(f"http://127.0.0.1:{support.s3.free_port()}"):
        with pytest.raises(OSError), s3.as_os_error():
            s3.client().list_objects_v2(Bucket="any")


def test_no_credentials_are_a_refusal(bucket, few_attempts, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", "/nonexistent")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(PermissionError, match="credentials"), s3.as_os_error():
        s3.client().list_objects_v2(Bucket="any")


def test_the_endpoint_and_region_are_the_environments(monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    assert (s3.endpoint(), s3.region()) == (None, "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://one")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert (s3.endpoint(), s3.region()) == ("http://one", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://two")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert (s3.endpoint(), s3.region()) == ("http://two", "eu-west-3")


def test_an_object_is_copied(bucket):
    s3.put(object_of(bucket, "one"), b"0123456789")
    s3.copy(object_of(bucket, "one"), object_of(bucket, "in/two"))
    assert s3.get(object_of(bucket, "in/two")) == s3.get(object_of(bucket, "one")) == b"0123456789"
    with pytest.raises(FileNotFoundError):
        s3.copy(object_of(bucket, "none"), object_of(bucket, "three"))

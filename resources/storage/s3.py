"""The two S3 clients: boto3 reads, writes, lists and removes; pyarrow looks up and lists folders.

pyarrow is not used for the rest: reading, it does not retry when an error's body is longer than the range
asked for, and it pads an object that was replaced by a shorter one with zeros; writing, it uploads what a
failed writer had so far; and its listings have no ETags. boto3 comes with dagster-aws, which is imported
where it is used.

The endpoint, region and credentials come from the environment, by the names that every tool of its
kind reads: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION,
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the machine.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow.fs as pf

# retries of a request: pyarrow's pauses double from 25 ms on, so it gives up after 51 s;
# boto3's pauses are random, about a minute in total
_ATTEMPTS = 11
_CONNECT_SECONDS = 10
_REQUEST_SECONDS = 60  # without a byte
_MAX_DELETED = 1000  # by one request
_GONE = (404, 412)
_REFUSALS = (301, 400, 401, 403, 405)


def endpoint() -> str | None:
    """Return the S3 endpoint of the environment, or None for Amazon's own."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None


def region() -> str:
    """Return the S3 region of the environment."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def filesystem() -> pf.FileSystem:
    """Return pyarrow's S3 file system; it is cached per process until the environment changes."""
    return _filesystem(endpoint(), region(), os.environ.get("AWS_ACCESS_KEY_ID"))


def client() -> Any:  # botocore makes its classes at run time
    """Return boto3's S3 client, cached likewise; call it inside `as_os_error`."""
    return _client(endpoint(), region(), os.environ.get("AWS_ACCESS_KEY_ID"))


def get(name: str, **asked: str) -> bytes:
    """Read an object, bucket/key, or part of it; a response that breaks off is not retried.

    Parameters
    ----------
    asked : what `get_object` takes, such as Range or IfMatch

    Raises
    ------
    FileNotFoundError : the object does not exist, or does not match IfMatch.
    OSError : S3 did not answer, or the response broke off.
    """
    bucket, _, key = name.partition("/")
    with as_os_error():
        return client().get_object(Bucket=bucket, Key=key, **asked)["Body"].read()


def head(name: str) -> tuple[int, str]:
    """Return the bytes of an object, bucket/key, and its ETag.

    Raises
    ------
    FileNotFoundError, OSError : as `get` does.
    """
    bucket, _, key = name.partition("/")
    with as_os_error():
        found = client().head_object(Bucket=bucket, Key=key)
    return int(found["ContentLength"]), str(found["ETag"]).strip('"')


def etags(prefix: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """List the objects, bucket/key, under a prefix that end in one of some ways, with their ETags.

    Raises
    ------
    FileNotFoundError, OSError : as `get` does.
    """
    bucket, _, begin = prefix.partition("/")
    with as_os_error():
        for page in client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=begin):
            for found in page.get("Contents", []):
                if found["Key"].endswith(suffixes):
                    yield f"{bucket}/{found['Key']}", str(found["ETag"]).strip('"')


def put(name: str, content: bytes) -> None:
    """Write an object, bucket/key; it becomes visible once it is complete.

    Raises
    ------
    OSError : S3 did not answer, after all attempts.
    """
    bucket, _, key = name.partition("/")
    with as_os_error():
        client().put_object(Bucket=bucket, Key=key, Body=content)


def put_file(name: str, content: BinaryIO) -> None:
    """Upload a file, in parts if it is large; if it cannot be read to its end, nothing is written.

    Raises
    ------
    OSError : S3 did not answer, after all attempts, or the file cannot be read.
    """
    bucket, _, key = name.partition("/")
    with as_os_error():
        client().upload_fileobj(content, bucket, key)


def copy(name: str, target: str) -> None:
    """Copy an object, bucket/key, inside S3, in parts if it is large.

    Raises
    ------
    FileNotFoundError : the object does not exist.
    OSError : S3 did not answer, after all attempts.
    """
    (bucket, _, key), (to_bucket, _, to_key) = name.partition("/"), target.partition("/")
    with as_os_error():
        client().copy({"Bucket": bucket, "Key": key}, to_bucket, to_key)


def delete(names: list[str]) -> None:
    """Remove objects of one bucket, each bucket/key; missing ones are ignored.

    Raises
    ------
    OSError : S3 did not answer, after all attempts, or did not remove some.
    """
    for begin in range(0, len(names), _MAX_DELETED):
        split = [name.partition("/") for name in names[begin : begin + _MAX_DELETED]]
        asked = {"Objects": [{"Key": key} for _, _, key in split], "Quiet": True}
        with as_os_error():
            kept = client().delete_objects(Bucket=split[0][0], Delete=asked).get("Errors", [])
        if kept:
            raise OSError(f"{len(kept)} of {len(split)} objects were kept, such as {kept[0]}")


@contextlib.contextmanager
def as_os_error() -> Iterator[None]:
    """Translate the client's errors to those of a file system.

    Raises
    ------
    FileNotFoundError : the bucket or object does not exist, or the object is another one.
    PermissionError : S3 refuses, or there are no credentials; retrying does not help.
    OSError : it did not answer, after all attempts.
    """
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    refused = (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ParamValidationError,
    )
    try:
        yield
    except exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code, message = (error.response["Error"].get(name, "") for name in ("Code", "Message"))
        kind = FileNotFoundError if status in _GONE else PermissionError if status in _REFUSALS else OSError
        raise (OSError if code == "RequestTimeout" else kind)(f"{code}: {message}") from error
    except refused as error:
        raise PermissionError(str(error)) from error
    except (exceptions.BotoCoreError, ResponseParserError) as error:
        raise OSError(str(error)) from error


@functools.lru_cache(maxsize=8)
def _filesystem(endpoint_url: str | None, region_name: str, access_key: str | None) -> pf.FileSystem:
    """Connect by pyarrow."""
    del access_key  # read from the environment by the client itself; another key is another pool
    return pf.S3FileSystem(
        endpoint_override=endpoint_url,
        region=region_name,
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_REQUEST_SECONDS,
        # the standard strategy has a quota of retries that runs dry where a third of the requests fail
        retry_strategy=pf.AwsDefaultS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


@functools.lru_cache(maxsize=8)
def _client(endpoint_url: str | None, region_name: str, access_key: str | None) -> Any:
    """Connect by dagster-aws."""
    from dagster_aws.s3 import S3Resource

    del access_key
    asked: Any = S3Resource(endpoint_url=endpoint_url, region_name=region_name, max_attempts=_ATTEMPTS)
    return asked.get_client()

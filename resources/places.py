"""Places: a local path, or s3://bucket/prefix; never with credentials in it."""

from pathlib import Path

from guyot.errors import SettingError

S3 = "s3://"


def is_remote(uri: str) -> bool:
    """Return whether a path or URI is on S3.

    Examples
    --------
    >>> is_remote("s3://bucket/lake"), is_remote("/data/lake")
    (True, False)
    """
    return uri.startswith(S3)


def absolute(uri: str) -> str:
    """Return an absolute path with its links resolved, or s3://bucket/prefix.

    Raises
    ------
    SettingError : an S3 URI without a bucket, or with empty, `.` or `..` parts in its prefix; a URI with
        credentials, which would be written down with the settings; a URI of another kind.

    Examples
    --------
    >>> absolute("s3://bucket/lake/")
    's3://bucket/lake'
    """
    scheme, is_uri, rest = uri.partition("://")
    if is_uri and set("@:") & set(rest.partition("/")[0]):  # not said: a password may be in it
        raise SettingError(
            f"a location {scheme}://... with @ or : in its first part was asked for; credentials come from "
            "the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: write s3://bucket/prefix"
        )
    if is_uri and scheme.isalnum() and not is_remote(uri):
        raise SettingError(
            f"{uri!r} was asked for; write a directory, or a location on S3 as s3://bucket/prefix"
        )
    if not is_remote(uri):
        try:
            return str(Path(uri).expanduser().resolve())
        except RuntimeError as error:  # ~nobody
            raise SettingError(f"{uri!r} was asked for: {error}; write the directory whole") from error
    inner = uri.removeprefix(S3).rstrip("/")
    if not inner or any(part in ("", ".", "..") for part in inner.split("/")):
        raise SettingError(f"{uri!r} was asked for; write a location on S3 as s3://bucket/prefix")
    return S3 + inner


def inner_path(uri: str) -> str:
    """Return the path inside its file system."""
    return uri.removeprefix(S3)

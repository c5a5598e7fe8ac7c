"""Lists the source files under a prefix on S3, as `resources.sources.local_listing` walks a directory.

An object's ETag identifies both its state and its bytes: equal ETags are assumed to mean equal bytes, so
nothing is read to find out what changed.
"""

from collections.abc import Iterator
from typing import Any

from guyot.errors import UnreachableError
from resources.places import S3, inner_path
from resources.sources.local_listing import SKIPPED, ListedFile
from resources.storage import s3

# objects in these storage classes can be read only hours after a restore request
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


def walk(root: str, *, leave_out: str = "", had_files: bool = False) -> Iterator[ListedFile]:
    """Yield the objects under a prefix, by key.

    Hidden names, __pycache__ and objects that represent folders are skipped.

    Parameters
    ----------
    root : s3://bucket/prefix
    leave_out : a prefix inside it that is skipped, such as the lake
    had_files : whether files were listed before: then an empty listing is not an error

    Raises
    ------
    FileNotFoundError : there is no such bucket, or no object under the prefix and never was.
    PermissionError : S3 refuses to list it.
    UnreachableError : S3 did not answer, for any page; what was yielded before is incomplete.
    """
    bucket, _, prefix = inner_path(root).partition("/")
    begin = f"{prefix}/" if prefix else ""
    n_objects = 0
    try:
        for found in _objects(bucket, begin):
            n_objects += 1
            seen = _look(found, f"{S3}{bucket}/", begin)
            if seen is not None and not (leave_out and seen.location.startswith(f"{leave_out}/")):
                yield seen
    except (FileNotFoundError, PermissionError):
        raise
    except OSError as error:
        raise UnreachableError(
            f"{root} could not be listed: {error}; {n_objects} objects were seen and nothing was changed; "
            "try again when it answers"
        ) from error
    if prefix and not n_objects and not had_files:
        raise FileNotFoundError(f"0 objects under {root}/")


def _objects(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield S3's description of each object, page by page."""
    with s3.as_os_error():
        pages = s3.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from page.get("Contents", [])


def _look(found: dict[str, Any], bucket: str, prefix: str) -> ListedFile | None:
    """Describe one object; None if it is skipped."""
    key = str(found["Key"])
    path, location = key.removeprefix(prefix), bucket + key
    parts = path.split("/")
    if not parts[-1] or any(_is_hidden(part) for part in parts):
        return None
    if any(part in ("", ".", "..") for part in parts):
        return ListedFile(
            path, location, problem="unreadable_key", detail="rename it without empty, . or .. parts"
        )
    storage = found.get("StorageClass", "")
    if storage in _ARCHIVES:
        detail = f"its storage class is {storage}; copy it to another"
        return ListedFile(path, location, problem="unreadable", detail=detail)
    etag = str(found["ETag"]).strip('"')
    return ListedFile(path, location, int(found["Size"]), etag, digest=etag)


def _is_hidden(name: str) -> bool:
    """Return whether a name is skipped, as in a local directory."""
    return name == SKIPPED or (name.startswith(".") and name not in (".", ".."))

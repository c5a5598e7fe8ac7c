"""The text of a version's manifest: JSON with a digest of itself, so that damage shows when it is read."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from guyot.errors import CorruptError

FIELDS = frozenset(
    ("table", "key", "version", "content", "inputs", "settings", "code", "files", "facts")
)  # fmt: skip
REPAIR = "run `guyot verify --repair`, then `guyot run`"
_DIGEST = "manifest_digest"
_DIGEST_BYTES = 16
_UNKNOWN = "0" * (2 * _DIGEST_BYTES)


def manifest_text(fields: Mapping[str, Any]) -> str:
    """Write a manifest: the same text for equal fields."""
    text = json.dumps({**fields, _DIGEST: _UNKNOWN}, indent=1, sort_keys=True)
    return _replaced(text, _UNKNOWN, _digest(text.encode()))


def manifest_fields(content: bytes, uri: str) -> dict[str, Any]:
    """Read a manifest; one of before manifests had a digest is read unchecked.

    Parameters
    ----------
    uri : where it is, for the message

    Raises
    ------
    CorruptError : it is no manifest, or not the one that was written.
    """
    try:
        text = content.decode()
        read: object = json.loads(text)
    except ValueError as error:  # no UTF-8 or no JSON
        raise _damaged(uri, content, f"is no JSON: {error}") from error
    if not isinstance(read, dict):
        raise _damaged(uri, content, "is no JSON object")
    fields = cast("dict[str, Any]", read)
    digest = fields.pop(_DIGEST, None)
    if unknown := sorted(set(fields) - FIELDS):
        raise _damaged(uri, content, f"has {', '.join(unknown)}, which no manifest has")
    if digest is not None and _digest(_replaced(text, str(digest), _UNKNOWN).encode()) != digest:
        raise _damaged(uri, content, "is not as it was written: its digest is another one")
    return fields


def _replaced(text: str, old: str, new: str) -> str:
    """Put another digest into a manifest's text."""
    return text.replace(f'"{_DIGEST}": "{old}"', f'"{_DIGEST}": "{new}"', 1)


def _digest(content: bytes) -> str:
    """Hash a manifest's text."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _damaged(uri: str, content: bytes, what: str) -> CorruptError:
    """Return the error of a damaged manifest."""
    return CorruptError(f"the manifest {uri} of {len(content)} bytes {what}; {REPAIR}")

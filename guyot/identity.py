"""Identity is a hash of values: of documents, settings and inputs, never of a display, path or time."""

import hashlib
import json
from typing import Any

DOC_ID_BITS = 128
_SEPARATOR = b"\x1f"


def content_digest(content: bytes) -> str:
    """Hash a document's bytes to 32 hex digits (BLAKE2b, 128 bits).

    Examples
    --------
    >>> content_digest(b"abc") == content_digest(b"abc") != content_digest(b"abd")
    True
    """
    return hashlib.blake2b(content, digest_size=DOC_ID_BITS // 8).hexdigest()


def doc_id(source_path: str, record_key: str, digest: str) -> str:
    """Name a document: 32 hex digits (128 bits) of its source, key and content.

    Parameters
    ----------
    source_path : the source file's path relative to the source root, with forward slashes, so that
        moving the root or its bucket keeps every id
    record_key : the record's id column or ordinal; "" for a file that is one document
    digest : `content_digest` of the content

    Examples
    --------
    >>> len(doc_id("a.jsonl", "7", content_digest(b"x")))
    32
    """
    parts = (source_path, record_key, digest)
    joined = _SEPARATOR.join(part.encode("utf-8", "surrogateescape") for part in parts)
    return hashlib.blake2b(joined, digest_size=DOC_ID_BITS // 8, person=b"guyot-doc").hexdigest()


def fingerprint(value: Any) -> str:  # any JSON value
    """Hash a JSON value to 16 hex digits; equal values, and only they, get equal fingerprints.

    Raises
    ------
    TypeError : the value holds something JSON cannot carry, such as a path or a date.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=8, person=b"guyot-value").hexdigest()

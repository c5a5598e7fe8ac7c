"""Files that are no longer those that were listed."""

import dataclasses
import os

import pytest

from guyot.errors import CorruptError
from guyot.identity import content_digest
from resources.sources.local_listing import etag_of
from resources.sources.registry import Entry
from resources.sources.source_file import source_file
from resources.sources.unchanged import changed, check_unchanged


def test_a_touched_file_is_the_same_and_a_changed_one_is_not(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    file, etag = source_file(str(path)), etag_of(str(path))
    entry = Entry(str(path), "a.png", "image", "a.png", "train", 3, etag, content_digest(b"one"), "", "")
    assert check_unchanged(entry, file) == etag
    os.utime(path, (1, 1))
    assert check_unchanged(entry, file) != etag
    path.write_bytes(b"two")
    with pytest.raises(
        CorruptError, match="a.png was listed with 3 bytes and digest .*; it has changed or gone"
    ):
        check_unchanged(entry, file)
    path.unlink()
    with pytest.raises(CorruptError, match="now gone"):
        check_unchanged(entry, file)
    assert "digest other" in str(changed(dataclasses.replace(entry, digest="other"), file))

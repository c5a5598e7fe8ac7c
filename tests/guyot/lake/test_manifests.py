"""The text of a manifest: what is changed in it shows when it is read."""

import json

import pytest

from guyot.errors import CorruptError
from guyot.lake.manifests import FIELDS, manifest_fields, manifest_text

WRITTEN = {**dict.fromkeys(FIELDS, "x"), "files": {"a": {"digest": "0" * 32}}, "facts": {"n": 17, "é": None}}


def test_what_was_written_is_read_and_it_is_json() -> None:
    text = manifest_text(WRITTEN)
    assert manifest_fields(text.encode(), "here") == WRITTEN
    assert {name: value for name, value in json.loads(text).items() if name in FIELDS} == WRITTEN
    assert text == manifest_text(dict(reversed(WRITTEN.items())))


def test_every_flipped_bit_and_every_cut_shows() -> None:
    content = manifest_text(WRITTEN).encode()
    for place in range(len(content)):
        with pytest.raises(CorruptError):
            manifest_fields(content[:place], "here")
        for bit in range(8):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            with pytest.raises(CorruptError, match="the manifest here .*guyot verify --repair"):
                manifest_fields(bytes(flipped), "here")


def test_one_of_before_there_were_digests_is_read() -> None:
    assert manifest_fields(json.dumps(WRITTEN).encode(), "here") == WRITTEN
    for other in (b"[]", b"", b"7", b'{"facts": {}, "fact": {}}', b"\xff"):
        with pytest.raises(CorruptError, match="of [0-9]+ bytes"):
            manifest_fields(other, "here")

"""The manifest: versions hash values, and a manifest says how many rows its main file has."""

import dataclasses
import json

import pytest

from guyot.errors import CorruptError
from guyot.lake.manifests import FIELDS
from resources.lake.manifest import ROWS, File, Manifest, version_named, version_of

MADE_FROM = ({"i": "1", "j": "2"}, {"s": 1, "t": [1, None, "x"]}, "1")


def test_a_version_is_of_values_and_not_of_their_order() -> None:
    version = version_of(*MADE_FROM)
    assert version == version_of({"j": "2", "i": "1"}, {"t": [1, None, "x"], "s": 1}, "1")
    assert len(version) == 16
    assert int(version, 16) >= 0


@pytest.mark.parametrize(
    "changed",
    [
        ({"i": "1"}, MADE_FROM[1], "1"), ({"i": "2", "j": "1"}, MADE_FROM[1], "1"), (MADE_FROM[0], {"s": 1}, "1"),
        (MADE_FROM[0], {"s": 2, "t": [1, None, "x"]}, "1"), (MADE_FROM[0], {"s": "1", "t": [1, None, "x"]}, "1"),
        (MADE_FROM[0], MADE_FROM[1], "2"), ({}, {**MADE_FROM[0], **MADE_FROM[1]}, "1"),
    ],
)  # fmt: skip
def test_whatever_changes_is_another_version(changed: tuple[dict[str, str], dict[str, object], str]) -> None:
    assert version_of(*changed) != version_of(*MADE_FROM)


def test_what_json_cannot_carry_is_no_setting() -> None:
    with pytest.raises(TypeError):
        version_of({}, {"s": object()}, "1")
    with pytest.raises(ValueError, match="JSON"):
        version_of({}, {"s": float("nan")}, "1")


def test_a_version_is_the_same_in_every_release() -> None:
    assert version_of({"raw_shards": "0123456789abcdef"}, {"seed": 0}, "1") == "efc9a1ff50efba7b"


def test_rows_are_of_the_main_file_and_it_survives_json() -> None:
    files = {ROWS: File(3, 10, "a"), "other": File(7, 1, "b")}
    manifest = Manifest("t", "k", "v", "c", {}, {}, "1", files, {"note": [1]})
    assert manifest.rows == 3
    assert json.loads(manifest.text)["files"]["other"] == {
        "rows": 7, "bytes": 1, "digest": "b", "footer_crc32": None,
    }  # fmt: skip
    assert Manifest.read(manifest.text.encode(), "lake/t/k/v/manifest.json") == manifest
    assert {field.name for field in dataclasses.fields(Manifest)} == FIELDS
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest.version = "w"  # type: ignore[misc]
    with pytest.raises(KeyError):
        _ = Manifest("t", "k", "v", "c", {}, {}, "1", {}, {}).rows


def test_a_manifest_of_another_version_and_one_that_lacks_a_part_are_refused() -> None:
    manifest = Manifest("t", "k/0", "v", "c", {}, {}, "1", {}, {})
    for uri in ("lake/t/k/0/w/manifest.json", "lake/t/k/v/manifest.json", "lake/s/k/0/v/manifest.json"):
        with pytest.raises(CorruptError, match="is that of /t/k/0/v/manifest.json; run `guyot verify"):
            Manifest.read(manifest.text.encode(), uri)
    for part in FIELDS:
        fields = {name: value for name, value in dataclasses.asdict(manifest).items() if name != part}
        with pytest.raises(CorruptError, match="lacks a part"):
            Manifest.read(json.dumps(fields).encode(), "lake/t/k/0/v/manifest.json")


def test_a_pointer_names_a_version() -> None:
    assert version_named(b"0123456789abcdef", "here") == "0123456789abcdef"
    for content in (b"", b"0123456789abcde", b"0123456789abcdeF", b"0123456789abcdef\n", b"\xff" * 16):
        with pytest.raises(CorruptError, match="here holds .*no version's name of 16 hex digits; run `guyot"):
            version_named(content, "here")

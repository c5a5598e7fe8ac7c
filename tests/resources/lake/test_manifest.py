"""The manifest: versions hash values, and a manifest says how many rows its main file has."""

import dataclasses
import json

import pytest

from resources.lake.manifest import ROWS, File, Manifest, version_of

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
    fields = json.loads(json.dumps(dataclasses.asdict(manifest)))
    assert fields["files"]["other"] == {"rows": 7, "bytes": 1, "digest": "b"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest.version = "w"  # type: ignore[misc]
    with pytest.raises(KeyError):
        _ = Manifest("t", "k", "v", "c", {}, {}, "1", {}, {}).rows

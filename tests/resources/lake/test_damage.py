"""What is damaged in a few versions, file by file, on a disk and on S3."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.corpus import some_units

from guyot.lake.manifests import manifest_fields, manifest_text
from resources import progress
from resources.lake import damage
from resources.lake.damage import Damage, check_file, checks_of, read_manifests, read_pointers
from resources.lake.manifest import MANIFEST, ROWS, VECTORS
from resources.lake.saved_batches import write
from resources.lake.store import Store
from resources.settings import Settings


@pytest.fixture
def store(place: str) -> Store:
    store = Store(settings=Settings(lake=place))
    with store.write("t", "a/0", inputs={"i": "1"}, settings={"s": [1.5, None]}, code="1") as writer:
        writer.table(pa.table({"x": [1, 2]}))
        writer.vectors(some_units(30, 5))
        with writer.file("empty") as file:
            file.write(b"")
    return store


def problems(store: Store) -> dict[str, str]:
    found = [check_file(check) for check in checks_of(store, store.required("t", "a/0"))]
    return {one.file: one.problem for one in found if one is not None}


def test_a_whole_version_has_no_problem_and_all_its_bytes_are_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damage, "_PIECE_BYTES", 7)
    checks = checks_of(store, store.required("t", "a/0"))
    assert {check.file for check in checks} == {ROWS, VECTORS, "empty"}
    total = sum(check.bytes for check in checks)
    with progress.begun(damage.WORK, total, "bytes") as work:
        assert problems(store) == {}
        assert work._done == total


def test_each_kind_of_damage_is_named(store: Store) -> None:
    manifest = store.required("t", "a/0")
    content = store.files.read(store.file(manifest, VECTORS))
    flipped = bytearray(content)
    flipped[-1] ^= 1
    grown = content + b"x"
    said = {
        bytes(flipped): "has another digest than its manifest",
        content[:-1]: f"has {len(content) - 1:,} of {len(content):,} bytes",
        grown: f"has {len(grown):,} of {len(content):,} bytes",
        b"": f"has 0 of {len(content):,} bytes",
    }
    for changed, problem in said.items():
        write(store.files, store.file(manifest, VECTORS), changed)
        assert problems(store) == {VECTORS: problem}
    store.files.delete(store.file(manifest, VECTORS))
    store.files.delete(store.file(manifest, "empty"))
    assert problems(store) == {VECTORS: damage.IS_MISSING, "empty": damage.IS_MISSING}


def test_what_the_disk_does_not_give_is_named(tmp_path: Path) -> None:
    store = Store(settings=Settings(lake=str(tmp_path / "lake")))
    with store.write("t", "a/0", inputs={}, settings={}, code="1") as writer:
        writer.table(pa.table({"x": np.arange(9)}))
    path = Path(store.file(store.required("t", "a/0")))
    path.unlink()
    path.mkdir()  # reading it fails, and not because it is not there
    assert problems(store)[ROWS].startswith("cannot be read: ")


def test_manifests_are_whole_damaged_or_absent(store: Store) -> None:
    manifest = store.required("t", "a/0")
    name = ("t", "a/0", manifest.version)
    absent = ("t", "a/0", "0" * 16)
    assert read_manifests(store, [name, absent]) == {name: manifest, absent: None}
    uri = store.path(*name, MANIFEST)
    content = store.files.read(uri)
    # a manifest of before there were digests, whose settings were changed
    changed = {**manifest_fields(content, uri), "settings": {"s": 2}}
    for broken in (content[:-9], manifest_text(changed).encode()):
        write(store.files, uri, broken)
        (found,) = read_manifests(store, [name]).values()
        assert isinstance(found, Damage)
        assert (found.name, found.file) == (name, MANIFEST)
        assert "guyot" not in found.problem


def test_pointers_name_a_version_or_are_damaged_or_absent(store: Store) -> None:
    version = store.required("t", "a/0").version
    assert read_pointers(store, [("t", "a/0"), ("t", "b")]) == {("t", "a/0"): version, ("t", "b"): None}
    write(store.files, store.path("t", "a/0", "current"), version[:-1].encode())
    (found,) = read_pointers(store, [("t", "a/0")]).values()
    assert isinstance(found, Damage)
    assert (found.name, found.file) == (("t", "a/0", ""), "current")

"""What DuckDB cannot read of a lake is named; what it refuses for other reasons is as before."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.lake import build_asset, catalogue_of

from assets.graph.lake import LakeResources
from guyot.errors import CorruptError, MissingError, SettingError

ALL_TEXTS = "SELECT sum(length(content)), max(doc_id) FROM raw_shards"


@pytest.fixture
def lake(changed: Any) -> LakeResources:
    copy = changed()
    build_asset(copy, "catalogue")
    return copy


def file_of(lake: LakeResources) -> Path:
    return Path(lake.store.file(lake.store.required("raw_shards", lake.shards()[0])))


def test_a_cut_and_a_missing_file_are_named(lake: LakeResources) -> None:
    catalogue, path = catalogue_of(lake), file_of(lake)
    content = path.read_bytes()
    said = f"{path} has {len(content) // 2} bytes, and {len(content)} by its manifest; run `guyot verify"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptError, match=said):
        catalogue.query(ALL_TEXTS)
    with pytest.raises(CorruptError, match=said), catalogue.connect() as connection:
        connection.execute(ALL_TEXTS)
    path.unlink()
    with pytest.raises(CorruptError, match=f"{path} is not there, and the catalogue names it"):
        catalogue.query(ALL_TEXTS)


def test_what_cannot_be_decoded_is_an_error_of_the_lake(lake: LakeResources) -> None:
    path = file_of(lake)
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * (len(content) // 2) + content[4 + len(content) // 2 :])
    with pytest.raises(CorruptError, match="run `guyot verify --repair`"):
        catalogue_of(lake).query(ALL_TEXTS)


def test_other_errors_are_as_before(lake: LakeResources) -> None:
    for wrong in (
        "SELECT 'a'::INTEGER",
        "SELECT nothing FROM raw_shards",
        "SELECT * FROM read_csv('/etc/passwd')",
    ):
        with pytest.raises(SettingError, match="the query failed"):
            catalogue_of(lake).query(wrong)
        with pytest.raises(duckdb.Error), catalogue_of(lake).connect() as connection:
            connection.execute(wrong)


def test_a_damaged_catalogue_is_not_valid_and_says_so(lake: LakeResources) -> None:
    catalogue = catalogue_of(lake)
    assert catalogue.damage() == ""
    path = Path(catalogue.path)
    content = bytearray(path.read_bytes())
    for place in (0, 9, 5000, len(content) // 2):
        changed = bytearray(content)
        changed[place : place + 8] = b"\xff" * 8
        path.write_bytes(changed)
        if not catalogue.damage():
            continue  # a block that nothing is in
        assert catalogue.damage().startswith("cannot be read: ")
    path.write_bytes(content[:5000])
    assert catalogue.damage().startswith("cannot be read: ")
    assert not catalogue.is_valid()
    with pytest.raises(MissingError, match="was asked for and cannot be read: .*run `guyot run`"):
        with catalogue.connect():
            pass
    path.unlink()
    assert catalogue.damage() == ""

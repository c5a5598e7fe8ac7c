"""What is live is read once, and is what it was; another look sees what came since."""

from pathlib import Path

import pyarrow as pa
import pytest

from assets.graph.lake import LakeResources
from resources.lake.remembered import RememberedStore
from resources.lake.store import Store
from resources.settings import Settings


def write(store: Store, code: str) -> None:
    with store.write("raw_shards", "s", inputs={}, settings={}, code=code) as writer:
        writer.table(pa.table({"doc_id": ["a"]}))


def test_what_is_live_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    look = lake.remembered()
    assert isinstance(look.store, RememberedStore)
    assert not isinstance(lake.store, RememberedStore)
    write(lake.store, "1")
    first = look.store.required("raw_shards", "s")
    write(lake.store, "2")
    assert look.store.current("raw_shards", "s") == first
    assert lake.store.required("raw_shards", "s").code == "2"
    assert lake.remembered().store.required("raw_shards", "s").code == "2"
    second = look.store.manifest("raw_shards", "s", lake.store.required("raw_shards", "s").version)
    assert second
    assert second.code == "2"
    monkeypatch.setattr(Store, "manifest", None)  # reading one fails
    assert look.store.required("raw_shards", "s") == first
    assert look.store.manifest("raw_shards", "s", first.version) == first


def test_that_there_is_none_is_remembered_too(tmp_path: Path) -> None:
    lake = LakeResources(Settings.of(lake=str(tmp_path)))
    look = lake.remembered()
    assert look.store.current("raw_shards", "s") is None
    write(lake.store, "1")
    assert look.store.current("raw_shards", "s") is None
    assert lake.remembered().store.current("raw_shards", "s") is not None

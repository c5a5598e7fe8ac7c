"""A lake's live shards: those with a source file, once the sources were scanned."""

from pathlib import Path

import pytest
from support.lake import lake_at, scan, write_corpus

from guyot.errors import MissingError


def test_the_shards_are_those_of_the_files_that_are_there(tmp_path: Path) -> None:
    write_corpus(tmp_path / "source")
    lake = lake_at(tmp_path / "lake", tmp_path / "source")
    with pytest.raises(MissingError, match="shard_registry"):
        lake.shards()
    scan(lake)
    rows = lake.store.table(lake.store.required("shard_registry")).to_pylist()
    assert lake.shards() == sorted({row["shard"] for row in rows})
    first = lake.shards()[0]
    for row in rows:
        if row["shard"] == first:
            (tmp_path / "source" / row["path"]).unlink()
    scan(lake)
    assert first not in lake.shards()
    assert len(lake.shards()) > 1

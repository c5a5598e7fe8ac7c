"""Signals of a shard of episodes, row by row, and what the UI shows of it."""

import base64
from pathlib import Path

from support.episodes import episode_lake, write_episodes
from support.lake import build_lake, reader_of

from assets.ingest.episode_signals import SIGNALS, show
from guyot.navigation.walk_signals import walk_signals
from guyot.navigation.walks import parse_walk, task_id


def test_a_row_is_a_walk_in_the_shards_order(tmp_path: Path) -> None:
    write_episodes(tmp_path / "source", single=4, repeated=1, repeats=2)
    lake = episode_lake(tmp_path)
    build_lake(lake, until="episode_signals")
    for shard in lake.shards():
        manifest = lake.store.required("episode_signals", shard)
        found = lake.store.table(manifest)
        assert found.schema.equals(SIGNALS.schema)
        raw = lake.store.table(lake.store.required("raw_shards", shard)).to_pylist()
        assert found["doc_id"].to_pylist() == [row["doc_id"] for row in raw]
        walks = [parse_walk(row["content"]) for row in raw]
        assert found["task"].to_pylist() == [task_id(walk) for walk in walks]
        expected = walk_signals(walks)
        for name in (
            "steps",
            "moves",
            "bumps",
            "turns",
            "cells",
            "reached_goal",
            "geodesic",
            "spl",
            "maze_size",
        ):
            assert found[name].to_pylist() == getattr(expected, name).tolist(), name
        (shown,) = show(reader_of(lake), manifest).values()
        drawing = base64.b64decode(shown.value.split("base64,")[1].rstrip(")")).decode()
        assert drawing.count("<circle") == min(len(raw), 8)


def test_a_shard_without_a_document_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.walk").write_text("no walk")
    lake = episode_lake(tmp_path)
    build_lake(lake, until="episode_signals")
    (shard,) = lake.shards()
    manifest = lake.store.required("episode_signals", shard)
    assert (manifest.rows, show(reader_of(lake), manifest)) == (0, {})

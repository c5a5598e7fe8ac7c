"""`nav_audits`: the readings of a policy's memory in held-out mazes, drawn beside their controls."""

import functools
import math
from pathlib import Path

from support.agents import agent_lake
from support.lake import build_asset

from assets.navigation import nav_audits as module
from assets.navigation.nav_audits import AUDITS, MAPS, nav_audits, show
from guyot.navigation.mazes import mazes
from guyot.navigation.walks import format_walk


def test_probes_are_fitted_and_tested_in_held_out_mazes_that_differ(tmp_path: Path, monkeypatch) -> None:
    lake = agent_lake(tmp_path)
    build_asset(lake, "mazes")
    build_asset(lake, "nav_policies", "recurrent-0")
    given = []
    original = module.memory_readings

    def kept(policy, train, test, seed):
        given.append((train, test))
        return original(policy, train, test, seed, updates=20)

    monkeypatch.setattr(module, "memory_readings", kept)
    monkeypatch.setattr(module, "decoded_maps", functools.partial(module.decoded_maps, updates=20))
    shorter = functools.partial(module.success_by_memory, observations=(1, 2))
    monkeypatch.setattr(module, "success_by_memory", shorter)
    (built,) = build_asset(lake, "nav_audits", "recurrent-0")
    assert built.manifest
    rows = lake.store.table(built.manifest).to_pylist()
    assert lake.store.table(built.manifest).schema.equals(AUDITS.schema)
    assert {row["features"] for row in rows} == {"trained", "untrained", "observation", "shuffled"}
    assert all(row["value"] is None or math.isfinite(row["value"]) for row in rows)
    ((train, test),) = given
    assert (len(train), len(test)) == (30, 25)
    sides = [{walk.walls.tobytes() for walk in side} for side in (train, test)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] <= {walls.tobytes() for walls in mazes(0, 20, 7, split="held_out")}
    assert {row["n"] for row in rows if row["measure"] == "success"} == {25}
    reader = nav_audits.reader(lake)
    maps = reader.table(built.manifest, MAPS.file).to_pylist()
    assert all(len(row["wall_probability"]) == len(row["is_near"]) == 49 for row in maps)
    walked = {row["walk"] for row in maps}
    assert 1 <= len(walked) <= 3
    assert walked <= {format_walk(walk) for walk in test}
    shown = show(reader, built.manifest)
    assert shown["walks, and what is read on the way"].value.count("![") == len(walked)
    assert shown["episodes"] == 25
    assert 0 <= shown["success"] <= 1
    assert shown["area under the ROC curve"].value.startswith("![chart](data:image/png;base64,")

"""Decoded maps as rows and drawings: what is chosen to be shown, and that rows come back as they were."""

import numpy as np
from support.episodes import maze, walk_at_random

from assets.navigation.decoded_maps import COLUMNS, map_rows, map_strips, walks_to_show
from guyot.navigation.drawing import svg_data_uri
from guyot.navigation.map_drawing import drawn_maps
from guyot.navigation.walks import format_walk
from resources.navigation.decoded_maps import DecodedMap
from resources.navigation.episodes import reached

WALKS = [walk_at_random(maze(n), n, 0) for n in range(12)]


def test_long_walks_that_reached_their_goals_are_shown() -> None:
    short = walk_at_random(maze(0), 0, 0, max_steps=15)
    failed = walk_at_random(maze(1), 1, 0, max_steps=17)
    assert not reached(failed)
    huge = walk_at_random(maze(2, 53), 2, 0, max_steps=400)
    good = [walk for walk in WALKS if reached(walk) and len(walk.actions) >= 16]
    assert walks_to_show([short, failed, huge, *WALKS]) == good[:3]
    assert walks_to_show([short]) == []


def test_rows_are_drawn_as_what_they_were_made_of() -> None:
    near = np.zeros(49, bool)
    near[[10, 24]] = True
    found = [
        DecodedMap(walk, moment, near, np.linspace(0, 1, 49, dtype=np.float32))
        for walk in WALKS[:2] for moment in (1, 5)
    ]  # fmt: skip
    table = map_rows(found)
    assert table.column_names == [column.name for column in COLUMNS]
    assert table["walk"].to_pylist() == [format_walk(one.walk) for one in found]
    read = np.array([found[0].wall_probability] * 2)
    assert map_strips(table.to_pylist()) == [
        svg_data_uri(drawn_maps(walk, [1, 5], read, np.array([near, near]))) for walk in WALKS[:2]
    ]
    assert map_strips(map_rows([]).to_pylist()) == []

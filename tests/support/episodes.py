"""Made episodes: small mazes, an agent that mostly goes the short way, a source of its walks, and hostile records."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from guyot.navigation.walks import STEPS, Walk, format_walk
from guyot.seeds import generator

if TYPE_CHECKING:
    import pytest

    from assets.graph.lake import LakeResources

MAX_STEPS = 100
STRAYS = 0.25  # of its actions


def maze(seed: int, size: int = 11) -> NDArray[np.bool_]:
    """Carve a maze: a random tree of rooms, and some more openings: bool[size, size]."""
    draw, walls = generator(seed, "support-maze", size), np.ones((size, size), bool)
    rooms = size // 2
    seen, path = {(0, 0)}, [(0, 0)]
    walls[1, 1] = False
    while path:
        x, y = path[-1]
        near = [(x + dx, y + dy) for dx, dy in STEPS.tolist()]
        new = [(a, b) for a, b in near if 0 <= a < rooms and 0 <= b < rooms and (a, b) not in seen]
        if not new:
            path.pop()
            continue
        a, b = new[int(draw.integers(len(new)))]
        walls[y + b + 1, x + a + 1] = walls[2 * b + 1, 2 * a + 1] = False
        seen.add((a, b))
        path.append((a, b))
    odd = np.add.outer(np.arange(size), np.arange(size)) % 2 == 1
    opened = (draw.random((size, size)) < 0.15) & odd
    walls[1:-1, 1:-1] &= ~opened[1:-1, 1:-1]
    return walls


def distances(walls: NDArray[np.bool_], goal: tuple[int, int]) -> NDArray[np.int64]:
    """Count the steps from each cell to a goal, int64[size, size]; -1 where there is no way."""
    found = np.full(walls.shape, -1, np.int64)
    found[goal[1], goal[0]] = 0
    waiting = [goal]
    for x, y in waiting:
        for dx, dy in STEPS.tolist():
            if not walls[y + dy, x + dx] and found[y + dy, x + dx] < 0:
                found[y + dy, x + dx] = found[y, x] + 1
                waiting.append((x + dx, y + dy))
    return found


def walk_at_random(
    walls: NDArray[np.bool_], seed: int, number: int, *, draw: int = 0, max_steps: int = MAX_STEPS
) -> Walk:
    """Walk the task of a number; the draw decides where the agent strays from the short way."""
    task = generator(seed, "support-task", number)
    free = np.argwhere(~walls)
    while True:
        start, goal = (tuple(free[n][::-1].tolist()) for n in task.permutation(len(free))[:2])
        steps = distances(walls, goal)
        if steps[start[1], start[0]] >= 10:
            break
    first, act = int(task.integers(4)), generator(seed, "support-walk", number, draw)
    (x, y), heading = start, first
    actions: list[int] = []
    bumps: list[bool] = []
    while (x, y) != goal and len(actions) < max_steps:
        best = min(range(4), key=lambda h: steps[y + STEPS[h, 1], x + STEPS[h, 0]] % 10_000)
        turns = (best - heading) % 4
        action = int(act.choice(3, p=[0.6, 0.2, 0.2])) if act.random() < STRAYS else (0, 2, 2, 1)[turns]
        dx, dy = STEPS[heading].tolist()
        bump = action == 0 and bool(walls[y + dy, x + dx])
        if action == 0 and not bump:
            x, y = x + dx, y + dy
        heading = (heading + (0, -1, 1)[action]) % 4
        actions.append(action)
        bumps.append(bump)
    return Walk(walls, start, first, goal, np.array(actions, np.uint8), np.array(bumps, bool))


REPEATS, REPEATED, SINGLE = 6, 8, 40
RECIPES = ["everything", "random", "exact", "length", "semdedup", "cover", "prototypes", "d4", "density"]


def hostile() -> dict[str, tuple[str, str]]:
    """Return texts that are no walk that can have happened, by name, and why; one walk is right."""
    maze_line = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111
    task = f"{maze_line}\nstart 1,1 E goal 1,3"
    return {
        "right": (f"{task}\r\nFFBRFFRFF\r\n", ""),
        "no walk": ("a text", "walk_malformed"),
        "another letter": (f"{task}\nFFX", "walk_malformed"),
        "a wrong size": (f"maze 5x7 fc7b1f80\n{task.partition(chr(10))[2]}\nF", "walk_malformed"),
        "a hole in the border": (f"{task.replace('fc7b1f80', 'fc7b1f00')}\nFF", "maze_not_closed"),
        "starts in a wall": (f"{maze_line}\nstart 2,2 E goal 1,3\nR", "start_in_wall"),
        "its goal is a wall": (f"{maze_line}\nstart 1,1 E goal 0,3\nR", "goal_in_wall"),
        "no action": (task, "no_action"),
        "too long": (f"{task}\n{'L' * 10_001}", "too_many_actions"),
        "through a wall": (f"{task}\nFFF", "moved_through_wall"),
        "a bump into nothing": (f"{task}\nFB", "bumped_no_wall"),
        "on after the goal": (f"{task}\nFFBRFFRFFL", "action_at_goal"),
        "empty": (" \n ", "empty_document"),
    }


def write_episodes(
    source: Path, *, single: int = SINGLE, repeated: int = REPEATED, repeats: int = REPEATS
) -> None:
    """Write tasks that were walked once, tasks that were walked several times, and hostile records.

    Parquet has the repeated tasks, each with other actions, and for each one exact copy of its first walk; JSON lines have
    the others and the hostile ones; two walks are files of their own.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    source.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(repeated):
        walls = maze(number)
        for draw in range(repeats):
            walk = format_walk(walk_at_random(walls, 0, number, draw=draw))
            rows.append({"id": f"{number}-{draw}", "walk": walk, "policy": "made", "repeat": draw})
        rows.append({**rows[-repeats], "id": f"{number}-copy"})
    pq.write_table(pa.Table.from_pylist(rows), source / "repeated.parquet")
    lines = []
    for number in range(single):
        walk = format_walk(walk_at_random(maze(1000 + number, 11 + 2 * (number % 2)), 1, number))
        lines.append({"id": f"single-{number}", "text": walk, "policy": "made", "task_number": number})
    lines += [{"id": name, "text": text} for name, (text, _) in hostile().items()]
    (source / "single.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    for number in range(2):
        (source / f"{number}.walk").write_text(
            format_walk(walk_at_random(maze(5000 + number), 2, number)) + "\n"
        )


def episode_lake(root: Path, **settings: Any) -> Any:
    """Return a lake of episodes; nothing is built yet."""
    from support.lake import lake_at

    if not (root / "source").exists():
        write_episodes(root / "source")
    given = {"encoder": "", "reading.documents": "episode", "reading.held_out_fraction": 0.1, **settings}
    return lake_at(root / "lake", root / "source", **given)


def graph_episode_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    """Return a lake of episodes with mixtures, catalogue and report, built once for all processes; only read it."""
    from support.lake import build_lake

    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graph-episode-lake"
    with FileLock(f"{base}.lock"):
        lake = episode_lake(base)
        if not (base / "built").exists():
            build_lake(lake, recipes=RECIPES)
            (base / "built").touch()
    return lake

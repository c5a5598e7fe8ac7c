"""Made episodes: small mazes, an agent that mostly goes the short way, a source of its walks, and hostile records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guyot.navigation.walks import STEPS, Walk
from guyot.seeds import generator

MAX_STEPS = 100
STRAYS = 0.15  # of its actions


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
        if steps[start[1], start[0]] >= 6:
            break
    first, act = int(task.integers(4)), generator(seed, "support-walk", number, draw)
    (x, y), heading = start, first
    actions: list[int] = []
    bumps: list[bool] = []
    while (x, y) != goal and len(actions) < max_steps:
        best = min(range(4), key=lambda h: steps[y + STEPS[h, 1], x + STEPS[h, 0]] % 10_000)
        turns = (best - heading) % 4
        action = int(act.integers(3)) if act.random() < STRAYS else (0, 2, 2, 1)[turns]
        dx, dy = STEPS[heading].tolist()
        bump = action == 0 and bool(walls[y + dy, x + dx])
        if action == 0 and not bump:
            x, y = x + dx, y + dy
        heading = (heading + (0, -1, 1)[action]) % 4
        actions.append(action)
        bumps.append(bump)
    return Walk(walls, start, first, goal, np.array(actions, np.uint8), np.array(bumps, bool))

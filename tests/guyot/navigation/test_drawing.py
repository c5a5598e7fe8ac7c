"""Drawings by hand: where walls, moves and bumps lie, and that nothing but numbers is in them."""

import base64
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from support.episodes import maze, walk_at_random

from guyot.navigation.drawing import CELL, drawn_strip, drawn_walk, svg_data_uri
from guyot.navigation.walks import Walk, parse_walk

MAZE = "maze 5x5 fc7b1f80"  # rows 11111 10001 11101 10001 11111
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    return ET.fromstring(drawn_walk(parse_walk(f"{MAZE}\n{text}")))


def painted(d: str) -> np.ndarray:
    """Paint the rectangles of a path, cell by cell."""
    cells = np.zeros((5, 5), int)
    for left, top, right, bottom in re.findall(r"M(\d+) (\d+)H(\d+)V(\d+)H\d+Z", d):
        x, y, a, b = (int(n) // CELL for n in (left, top, right, bottom))
        cells[y:b, x:a] += 1
    return cells


def test_walls_are_painted_where_they_are() -> None:
    root = drawn("start 1,1 E goal 3,3\nF")
    np.testing.assert_array_equal(
        painted(root[1].attrib["d"]), parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nF").walls
    )
    assert root.attrib["viewBox"] == "0 0 50 50"


def test_moves_keep_to_the_right_and_are_coloured_by_time() -> None:
    """Two moves east run below the middle of row 1, two back west above it."""
    root = drawn("start 1,1 E goal 3,3\nFFRRFF")
    lines = [(line.attrib["stroke"], [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()])
             for line in root.iter(f"{SVG}polyline")]  # fmt: skip
    points = [point for _, of in lines for point in of]
    assert points[0] == (15, 16.6)
    assert (35, 16.6) in points
    assert (35, 13.4) in points
    assert points[-1] == (15, 13.4)
    colours = [colour for colour, _ in lines]
    assert colours[0] == "#0d0887"
    assert len(set(colours)) == len(colours) == 4
    for (_, one), (_, other) in zip(lines, lines[1:], strict=False):
        assert one[-1] == other[0], "lines join"


def test_bumps_are_bars_at_the_wall() -> None:
    root = drawn("start 1,1 E goal 3,3\nLBBF"[:-1])
    (bar,) = [path for path in root.iter(f"{SVG}path") if "stroke" in path.attrib]
    assert bar.attrib["d"] == "M12 10.8L18 10.8", "two at one place are one bar"
    assert not [
        path for path in drawn("start 1,1 E goal 3,3\nF").iter(f"{SVG}path") if "stroke" in path.attrib
    ]


@pytest.mark.parametrize("heading, turn", [("N", 0), ("E", 90), ("S", 180), ("W", 270)])
def test_the_start_points_where_it_was_headed_and_the_goal_is_a_ring(heading: str, turn: int) -> None:
    root = drawn(f"start 3,1 {heading} goal 1,3\nL")
    assert [path.attrib["transform"] for path in root.iter(f"{SVG}path") if "transform" in path.attrib] == [
        f"translate(35 15) rotate({turn})"
    ]
    (ring,) = root.iter(f"{SVG}circle")
    assert (ring.attrib["cx"], ring.attrib["cy"]) == ("15", "35")


@pytest.mark.parametrize("seed", range(10))
def test_any_walk_is_a_drawing_of_shapes_and_numbers_alone(seed: int) -> None:
    walk = walk_at_random(maze(seed, 13), seed, seed)
    svg = drawn_walk(walk)
    root = ET.fromstring(svg)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg",
        "g",
        "rect",
        "path",
        "polyline",
        "circle",
    }
    assert all(not node.text and not node.tail for node in root.iter())
    assert not re.search(r"script|href|on\w+=|style|nan|inf", svg)
    moves = int(((walk.actions == 0) & ~walk.bumps).sum())
    steps = sum(len(line.attrib["points"].split()) // 2 for line in root.iter(f"{SVG}polyline"))
    assert steps == moves
    assert len(svg) < 20_000


def test_a_strip_has_every_walk_in_its_place() -> None:
    walks = [walk_at_random(maze(n), 0, n) for n in range(5)]
    root = ET.fromstring(drawn_strip(walks, columns=3, side=50))
    places = [g.attrib["transform"] for g in root if "transform" in g.attrib]
    assert places == [f"translate({x} {y})" for x, y in ((0, 0), (118, 0), (236, 0), (0, 118), (118, 118))]
    assert (root.attrib["width"], root.attrib["height"], root.attrib["viewBox"]) == (
        "150",
        "100",
        "0 0 354 236",
    )
    assert ET.fromstring(drawn_strip([])).tag == f"{SVG}svg"


def test_a_walk_without_a_move_is_drawn_and_a_uri_holds_the_drawing() -> None:
    walls = parse_walk(f"{MAZE}\nstart 1,1 E goal 3,3\nF").walls
    svg = drawn_walk(Walk(walls, (1, 1), 0, (3, 3), np.zeros(0, np.uint8), np.zeros(0, bool)))
    assert "polyline" not in svg
    assert base64.b64decode(svg_data_uri(svg).removeprefix("data:image/svg+xml;base64,")).decode() == svg


@pytest.mark.parametrize("size, is_whole", [(101, True), (103, False)])
def test_of_a_huge_maze_only_the_border_is_drawn(size: int, is_whole: bool) -> None:
    walls = np.ones((size, size), bool)
    walls[1:-1:2, 1:-1:2] = False
    svg = drawn_walk(Walk(walls, (1, 1), 1, (3, 3), np.zeros(0, np.uint8), np.zeros(0, bool)))
    assert svg.count("Z") == (size + (size // 2) ** 2 if is_whole else 2 * (size - 2) + 2) + 1

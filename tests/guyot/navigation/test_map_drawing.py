"""Decoded maps by hand: which cells are drawn, how dark, and which are marked as wrong."""

import re
import xml.etree.ElementTree as ET

import numpy as np

from guyot.navigation.map_drawing import drawn_maps
from guyot.navigation.walks import parse_walk

WALK = parse_walk("maze 5x5 fc7b1f80\nstart 1,1 E goal 3,3\nFFBRFF")  # rows 11111 10001 11101 10001 11111
SVG = "{http://www.w3.org/2000/svg}"


def parts(svg: str) -> list[ET.Element]:
    root = ET.fromstring(svg)
    assert all(not node.text and not node.tail for node in root.iter())
    assert not re.search(r"script|href|on\w+=|nan|inf", svg)
    return [group for group in root if group.tag == f"{SVG}g"]


def test_cells_lie_where_they_were_read_and_wrong_ones_are_marked() -> None:
    """At 2,1 with four cells known: right about the walls 2,0 and 3,2, wrong about 1,2 and the free 3,1."""
    probability = np.full((1, 9), 0.5)
    probability[0, [1, 8, 6, 5]] = 1.0, 0.75, 0.25, 0.9
    is_near = np.zeros((1, 9), bool)
    is_near[0, [1, 8, 6, 5]] = True
    walk, read = parts(drawn_maps(WALK, [1], probability, is_near))
    assert walk.attrib["transform"] == "translate(0 0)"
    assert read.attrib["transform"] == "translate(0 58)"
    cells = {path.attrib["d"]: path.attrib["fill"] for path in read.iter(f"{SVG}path")}
    assert set(cells) == {f"M{x} {y}h10v10h-10z" for x, y in ((20, 0), (30, 10), (10, 20), (30, 20))}
    assert cells["M20 0h10v10h-10z"] == "#4a5560"
    assert cells["M10 20h10v10h-10z"] == "#d2d4d7"
    dots = [(c.attrib["cx"], c.attrib["cy"], c.attrib["fill"]) for c in read.iter(f"{SVG}circle")]
    wrong = [("35", "15"), ("15", "25"), ("35", "25")]
    assert sorted(dots) == sorted([*((x, y, "#d1242f") for x, y in wrong), ("25", "15", "#ed7953")])


def test_each_moment_has_the_walk_so_far() -> None:
    svg = drawn_maps(WALK, [1, 6], np.zeros((2, 9)), np.zeros((2, 9), bool), side=50)
    drawn = parts(svg)
    assert [group.attrib["transform"] for group in drawn] == [
        "translate(0 0)", "translate(0 58)", "translate(58 0)", "translate(58 58)",
    ]  # fmt: skip
    moves = [
        sum(len(line.attrib["points"].split()) // 2 for line in group.iter(f"{SVG}polyline"))
        for group in drawn
    ]
    assert moves == [1, 0, 4, 0]
    assert ET.fromstring(svg).attrib["width"] == "100"


def test_cells_outside_of_the_maze_are_left_out() -> None:
    _, read = parts(drawn_maps(WALK, [0], np.ones((1, 49)), np.ones((1, 49), bool)))
    assert len(list(read.iter(f"{SVG}path"))) == 25

"""Transformations of code change the text and not what it does, as the interpreter sees it."""

import ast

import numpy as np
import pytest

from guyot.audit.invariance.code_transformations import (
    CODE_TRANSFORMATIONS,
    comments,
    function_order,
    import_order,
    renaming,
)

SOURCE = '''#!/usr/bin/env python
"""A module."""
from __future__ import annotations

import math  # the first
import os
import sys

# half of it
FACTOR = 2


def area(radius, unit="# no comment"):
    # pi times the square
    squared = radius ** 2
    return math.pi * squared  # done


@staticmethod
def other(count):
    total = 0
    for number in range(count):
        total += number * FACTOR
    return total


class Last:
    pass
'''


def stream() -> np.random.Generator:
    return np.random.default_rng(0)


def results(source: str) -> tuple[float, int]:
    scope: dict[str, object] = {}
    exec(compile(source.replace("@staticmethod\n", ""), "source", "exec"), scope)
    return scope["area"](3), scope["other"](5)  # type: ignore[operator]


@pytest.mark.parametrize("name", list(CODE_TRANSFORMATIONS))
@pytest.mark.parametrize("magnitude", [0.1, 0.5, 1.0])
def test_it_computes_what_it_did(name: str, magnitude: float) -> None:
    found = CODE_TRANSFORMATIONS[name](SOURCE, magnitude, stream())
    assert found is not None
    assert found != SOURCE
    assert results(found) == results(SOURCE)
    assert found == CODE_TRANSFORMATIONS[name](SOURCE, magnitude, stream())


def test_all_comments_go_and_nothing_else() -> None:
    found = comments(SOURCE, 1, stream())
    assert found is not None
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(SOURCE))
    assert found.count("#") == 2  # the interpreter's line and what stands in a string
    assert found.count("\n") == SOURCE.count("\n") - 2
    half = comments(SOURCE, 0.5, stream())
    assert half is not None
    assert half.count("#") == 4


def test_every_bound_name_is_renamed_and_no_other() -> None:
    found = renaming(SOURCE, 1, stream())
    assert found is not None
    for name in ("radius", "squared", "count", "total", "number", "FACTOR"):
        assert name not in found
    for name in ("area", "math.pi", "range(", "Last", "# half of it"):
        assert name in found


def test_imports_and_functions_change_places_among_themselves() -> None:
    imports = import_order(SOURCE, 1, stream())
    assert imports is not None
    lines = imports.splitlines()
    assert (
        lines[3] == "from __future__ import annotations" or lines[2] == "from __future__ import annotations"
    )
    assert {line for line in lines if line.startswith("import")} == {
        line for line in SOURCE.splitlines() if line.startswith("import")}  # fmt: skip
    assert sorted(lines) == sorted(SOURCE.splitlines())
    two = import_order(SOURCE, 0.1, stream())
    assert two is not None
    assert sum(a != b for a, b in zip(two.splitlines(), SOURCE.splitlines(), strict=True)) == 2
    functions = function_order(SOURCE, 1, stream())
    assert functions is not None
    assert sorted(functions.splitlines()) == sorted(SOURCE.splitlines())
    names = [
        node.name for node in ast.parse(functions).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    assert sorted(names) == ["Last", "area", "other"]
    assert all(a != b for a, b in zip(names, ["area", "other", "Last"], strict=True))
    assert "@staticmethod\ndef other" in functions


@pytest.mark.parametrize("source", [
    "not ( python", "", "x = 1", "import a; import b",
    SOURCE.replace("\n", "\r"), SOURCE.replace("\n", "\r", 1), SOURCE + "# \rlast = 1\n",
])  # fmt: skip
def test_what_has_no_place_or_does_not_parse_is_left_alone(source: str) -> None:
    for name, transform in CODE_TRANSFORMATIONS.items():
        assert transform(source, 1, stream()) is None or (name, source) == ("renaming", "x = 1")

"""A loop gives the same compiled or not, and runs where numba or a folder for its cache is missing."""

import subprocess
import sys

import numpy as np
import pytest

from guyot.navigation import compilation
from guyot.navigation.geodesics import _flood


@pytest.fixture
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(compilation, "_done", {})


def test_a_loop_is_compiled_once(nothing_compiled):
    assert compilation.compiled(_flood) is compilation.compiled(_flood) is not _flood


def test_without_numba_the_loop_itself_runs(nothing_compiled, monkeypatch):
    monkeypatch.setattr(compilation, "numba_is_installed", lambda: False)
    assert compilation.compiled(_flood) is _flood


def test_without_a_folder_for_the_cache_a_loop_is_compiled_all_the_same(nothing_compiled, monkeypatch):
    import numba

    njit = numba.njit

    def refuses_cache(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", refuses_cache)
    walls = np.ones((1, 3, 3), bool)
    walls[0, 1, 1] = False
    fields = np.full((1, 3, 3), -1, np.int16)
    loop = compilation.compiled(_flood)
    loop(walls, np.zeros(1, int), np.ones((1, 2), int), fields)
    assert loop is not _flood
    assert fields[0].tolist() == [[-1, -1, -1], [-1, 0, -1], [-1, -1, -1]]


def test_modules_load_neither_numba_nor_gymnasium():
    names = ["mazes", "geodesics", "tasks", "observations", "stepping", "environment", "planner", "scores"]
    imports = "; ".join(f"import guyot.navigation.{name}" for name in names)
    heavy = "{'numba', 'gymnasium', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"import sys; {imports}; assert not {heavy}, {heavy}"], check=True)

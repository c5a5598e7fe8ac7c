"""The rules of the house, over every source file."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("guyot", "assets", "resources", "jobs")
FILES = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))


@each_file
def test_files_are_under_250_lines_and_functions_under_50(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[0]
            documented = body.end_lineno - body.lineno + 1 if ast.get_docstring(node) else 0
            assert node.end_lineno - node.lineno + 1 - documented < 50, node.name


@each_file
def test_names_say_something(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


@each_file
def test_nothing_unsafe_and_no_second_source_of_randomness(path: Path) -> None:
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            assert not names & {"pickle", "random", "shelve", "marshal"}
    assert "trust_remote_code=True" not in text
    if path.name != "seeds.py":
        assert not re.search(r"np\.random\.(?!Generator)", text)


def test_tests_have_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_four_names_are_of_this_checkout() -> None:
    import assets
    import guyot
    import jobs
    import resources

    for package in (assets, guyot, jobs, resources):
        assert Path(str(package.__file__)).is_relative_to(ROOT)

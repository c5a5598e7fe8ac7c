"""The rules of the house, over every source file."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("guyot", "assets", "resources", "jobs")
FILES = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NO_TEST = {
    "guyot/errors.py": "declares exceptions; their messages are tested where they are raised",
    "assets/train/inputs/planned_reading.py": "declares what trainings are given and return; tested with them",
    "assets/train/inputs/text_training.py": "its two callers' tests are its tests: training_runs, shared_init",
    "assets/train/inputs/image_training.py": "tested through the graph, in tests/test_training_on_images.py",
    "assets/train/inputs/scored_documents.py": "tested with evaluations, and in tests/test_training_on_images.py",
    "guyot/lake/names.py": "declares names; they are tested where tables of a lake are read",
}
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


@each_file
def test_every_source_file_has_its_test(path: Path) -> None:
    inside = path.relative_to(ROOT)
    if path.name != "__init__.py" and str(inside) not in NO_TEST:
        assert (ROOT / "tests" / inside.parent / f"test_{path.name}").exists()


def test_exceptions_to_that_rule_are_of_files_without_a_test() -> None:
    for name in NO_TEST:
        inside = Path(name)
        assert (ROOT / inside).exists(), name
        assert not (ROOT / "tests" / inside.parent / f"test_{inside.name}").exists(), name


def test_every_test_file_has_its_source() -> None:
    for path in TESTS:
        inside = path.relative_to(ROOT / "tests")
        if inside.parts[0] in FOLDERS and path.stem != "conftest":
            name = path.stem.removeprefix("test_")
            source = ROOT / inside.parent
            assert (source / f"{name}.py").exists() or (source.name == name and source.is_dir()), inside


@each_file
def test_all_is_sorted_and_exact_where_it_is_declared(path: Path) -> None:
    tree = ast.parse(path.read_text())
    listed = [
        ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and _names(n) == ["__all__"]
    ]
    if not listed:
        return
    defined = {name for node in tree.body for name in _names(node) if not name.startswith("_")}
    typed = [node for n in tree.body if isinstance(n, ast.If) for node in n.body]  # imported when it is used
    imports = [n for n in (*tree.body, *typed) if isinstance(n, ast.ImportFrom)]
    imported = {a.asname or a.name for n in imports for a in n.names}
    assert listed[0] == sorted(listed[0])
    assert set(listed[0]) == (defined or imported)  # a package without definitions offers its imports
    module = importlib.import_module(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    )
    assert all(hasattr(module, name) for name in listed[0])


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [t.id for t in node.targets if isinstance(t, ast.Name)] if isinstance(node, ast.Assign) else []


@each_file
def test_only_assets_and_jobs_know_the_recipes(path: Path) -> None:
    inside = path.relative_to(ROOT)
    if inside.parts[0] in ("guyot", "resources"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                assert not names & {"recipes", "definitions"}


@pytest.mark.parametrize("path", TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_test_hides_another_or_a_module(path: Path) -> None:
    names = [name for node in ast.parse(path.read_text()).body for name in _names(node)]
    assert sorted(names) == sorted(set(names))
    # tests/ is on the path: a helper there must not be found under the name of what it tests
    assert path.stem == "conftest" or path.stem.startswith("test_") or path.parent.name == "support"


def test_tests_have_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_four_names_are_of_this_checkout() -> None:
    import assets
    import guyot
    import jobs
    import resources

    for package in (assets, guyot, jobs, resources):
        assert Path(str(package.__file__)).is_relative_to(ROOT)

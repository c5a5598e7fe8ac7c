"""Every example runs as its docstring says, and what it says is right."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests_lake import shared_lake

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_lake(tmp_path_factory)


def test_every_example_has_a_test_here() -> None:
    text = Path(__file__).read_text()
    assert all(f'"{path.name}"' in text for path in EXAMPLES.glob("*.py"))


def test_every_example_is_free_of_dagster() -> None:
    for path in EXAMPLES.glob("*.py"):
        code = f"import runpy, sys; runpy.run_path({str(path)!r}); print('dagster' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "False", path.name


def test_prune_vectors() -> None:
    said = run("prune_vectors.py")
    assert said.returncode == 0, said.stderr
    assert "kept 200 of 250" in said.stdout
    module = load("prune_vectors")
    # every planted pair is (i, 200 + i): 50 drops, one of each pair, because of the other
    dropped = [row for row in range(250) if not module.kept[row]]
    assert sorted(row % 200 for row in dropped) == list(range(50))
    assert all(module.witness[row] == (row + 200 if row < 50 else row - 200) for row in dropped)


def test_apply_a_recipe() -> None:
    said = run("apply_a_recipe.py")
    assert said.returncode == 0, said.stderr
    assert "kept 20 of 40, 180 of 360 words" in said.stdout
    assert "reason near_duplicate, because of" in said.stdout


def test_papers_scip() -> None:
    said = run("papers/scip.py", "--quick")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("30 Python files")
    for encoder in ("token classes, random projection", "characters, SVD"):
        assert f"\n{encoder}\n" in said.stdout
    # a closing bracket that is missing shows in the classes of tokens, a name of another spelling cannot
    assert (
        "closing_brackets move farther"
        not in said.stdout.partition("these did not:")[2].split("characters")[0]
    )
    assert "token classes, random projection: odd_names move farther" in said.stdout
    module = load("papers/scip")
    assert module.classes("a = f(b)") == module.classes("c = d(e)") != module.classes("c = d[e]")
    assert "dagster" not in (EXAMPLES / "papers" / "scip.py").read_text()


def test_read_a_schedule(lake: Path) -> None:
    said = run("read_a_schedule.py", str(lake), "semdedup")
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("tokens from token") == 10
    visits = list(load("read_a_schedule").visited(str(lake), "semdedup"))
    assert sum(n_tokens for *_, n_tokens in visits) == 2000
    first = [(doc_id, begin) for epoch, doc_id, begin, _ in visits if epoch == 0]
    assert len(first) == len(set(first))
    assert {visit[0] for visit in visits} == set(range(visits[-1][0] + 1))


def test_read_a_schedule_refuses_what_is_not_there(lake: Path) -> None:
    with pytest.raises(LookupError, match="no schedule of 'nope'"):
        next(load("read_a_schedule").visited(str(lake), "nope"))

"""The wheel: built, installed into an empty environment, and used there."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = [sys.executable, "-m", "uv", "--quiet"]
FOUR_LINES = """
import guyot, sys
corpus = guyot.Corpus.from_texts(["one small step", "another walk", "one small step", "a third way"])
mixture = corpus.prune("semdedup", keep=0.75)
assert mixture.mask.tolist() == [True, True, False, True], mixture.mask
print(mixture.explain(2))
assert not {"pyarrow", "torch", "pandas", "rich", "dagster"} & set(sys.modules)
"""


def clean() -> dict[str, str]:
    """Return the environment without what points at this checkout."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([*UV, "build", "--wheel", str(ROOT), "-o", str(folder)], check=True, env=clean())
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and what it names into an empty environment, in the versions of the lock."""
    folder = tmp_path_factory.mktemp("empty")
    pinned = re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    (folder / "pinned.txt").write_text("\n".join(pinned))
    subprocess.run([*UV, "venv", "--python", sys.executable, str(folder / "env")], check=True, env=clean())
    install = [*UV, "pip", "install", "--python", str(folder / "env"), "-c", str(folder / "pinned.txt")]
    subprocess.run([*install, str(wheel)], check=True, env=clean())
    return folder / "env"


def test_it_holds_the_library_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "guyot",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
    packed = {name for name in names if name.startswith("guyot/")}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "guyot").rglob("*.py")}
    assert packed == sources


def test_the_library_works_in_an_empty_environment(environment: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [environment / "bin" / "python", "-c", FOUR_LINES],
        cwd=tmp_path, env=clean(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("document 2 is dropped by semdedup: its cosine to document 0, which ranks")
    (installed,) = (environment / "lib").glob("python*/site-packages")
    assert not {"assets", "jobs", "resources", "recipes.py", "definitions.py"} & set(os.listdir(installed))


def test_the_command_prunes_and_has_no_verb_of_the_graph(environment: Path, tmp_path: Path) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [environment / "bin" / "guyot", *arguments],
            cwd=tmp_path, env=clean(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    told = command("--help").stdout
    assert re.findall(r"^  (\w+)  ", told.partition("Commands:")[2], re.MULTILINE) == [
        "export",
        "prune",
        "soup",
    ]
    lines = [json.dumps({"text": f"number {i % 40} of some lines"}) for i in range(50)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    for output in ("kept.jsonl", "kept.jsonl.gz", "kept.jsonl.zst"):
        done = command("prune", "corpus.jsonl", "--recipe", "semdedup", "--keep", "0.8", "--output", output)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "kept.jsonl").read_text().splitlines() == lines[:40]
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    done = command("prune", "t.parquet", "--recipe", "exact", "--output", "u.parquet")
    assert done.returncode == 1
    assert "run `pip install 'guyot[parquet]'`" in done.stderr


def test_the_graphs_extra_names_what_the_pinned_environment_has() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras, pipeline = project["project"]["optional-dependencies"], project["dependency-groups"]["pipeline"]

    def names(requirements: list[str]) -> set[str]:
        return {re.match(r"[\w.-]+", one)[0] for one in requirements}

    exported = {"hf", "webdataset", "mds"}  # what export needs is no part of the graph's environment
    named = set().union(*(names(extra) for name, extra in extras.items() if name not in exported))
    assert named - {"guyot", "torch"} <= names(pipeline)

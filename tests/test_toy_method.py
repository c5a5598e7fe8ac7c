"""A method that comes from outside: its file, its lines in `Step` and in the recipes, and no other edit."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import BETWEEN, VERBS

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("guyot", "assets", "resources", "jobs", "docs", "definitions.py", "recipes.py", "Makefile",
          "dagster.yaml", "workspace.yaml", "pyproject.toml")  # fmt: skip
SHOUT = '''"""Documents in capitals go first."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from guyot.columns import Need, signal
from guyot.cut import PruneRequest, Scores
from guyot.documents import Documents
from guyot.prune.explanation import ExplanationInputs
from guyot.prune.step import StepDefaults

DENSITY = signal("alpha_fraction")


@dataclass(frozen=True)
class Shout(StepDefaults):
    """Keep what has few letters."""

    method: Literal["shout"] = "shout"
    loudness: int = 3
    keep_fraction: float | None = None

    @property
    def needs(self) -> tuple[Need, ...]:
        return (DENSITY,)

    def scores(self, documents: Documents, request: PruneRequest) -> Scores:
        return Scores(-documents.require(DENSITY).astype(np.float64), "loud")

    def explain_kept(self, facts: ExplanationInputs) -> str:
        return "it whispers"

    def explain_dropped(self, facts: ExplanationInputs) -> str:
        return f"it shouts at {facts.values['alpha_fraction']:.1f}"
'''
# the files that are touched, as CONTRIBUTING.md lists them
TOUCHED = ("guyot/prune/__init__.py", "recipes.py")
DOCS = """
import sys
sys.path.insert(0, "docs")
import passages
from assets.graph.partitions import RECIPE_KEYS
assert "loudly" in RECIPE_KEYS.get_partition_keys()
print(passages.recipes())
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source tree with the method added."""
    tree = tmp_path_factory.mktemp("toy") / "tree"
    tree.mkdir()
    for name in COPIED:
        one = ROOT / name
        if one.is_dir():
            shutil.copytree(one, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(one, tree / name)
    (tree / "guyot/prune/shout.py").write_text(SHOUT)
    insert(tree / TOUCHED[0], "from guyot.prune.step", "from guyot.prune.shout import Shout\n")
    insert(tree / TOUCHED[0], ")  # fmt: skip\nMETHODS", "    | Shout\n")
    insert(tree / TOUCHED[1], "from guyot.recipe import", "from guyot.prune.shout import Shout\n")
    loudly = 'RECIPES = (*RECIPES, Recipe("loudly", (Shout(loudness=5),), 0.5, "documents"))\n\n'
    insert(tree / TOUCHED[1], "# The recipes that are trained", loudly)
    return tree


def insert(path: Path, before: str, line: str) -> None:
    """Write a line before a place of a file that occurs once."""
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, line + before))


def printed(tree: Path, *arguments: str, **variables: str) -> str:
    """Run Python in the tree, with the tree's packages before any other."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GUYOT_")}
    environment |= {"PYTHONPATH": str(tree), **variables}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.in_ci
def test_a_method_from_outside_is_documented_pruned_and_explained(tree: Path, tmp_path: Path) -> None:
    assert "`shout(loudness=5)`" in printed(tree, "-c", DOCS)
    source, lake = tmp_path / "source", tmp_path / "lake"
    source.mkdir()
    for number in range(8):
        letters = "word " * 20 + "12345 " * (10 * number)
        (source / f"{number}.txt").write_text(f"{number} {letters}\n")
    settings = ["reading.held_out_fraction=0", "clustering.n_clusters=2", "tokenization.vocabulary_size=300"]
    pairs = [part for pair in settings for part in ("--set", pair)]
    where = {"GUYOT_SOURCE": str(source), "GUYOT_LAKE": str(lake), "GUYOT_ENCODER": "hashing"}
    run = ["run", "--recipe", "loudly", "--until", "pruned_mixtures", *pairs]
    verbs = [run, *(["explain", f"{name}.txt"] for name in (0, 7))]
    _, *told = printed(tree, "-c", VERBS, json.dumps(verbs), **where).split(BETWEEN)
    assert "it shouts at 0.8" in told[0]
    assert "loud" in told[0]
    assert "it whispers" in told[1]


def test_contributing_names_the_files_that_were_touched() -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text().split("## Add a method")[1].split("\n## ")[0]
    for name in (*TOUCHED, "guyot/prune/"):
        assert f"`{name}`" in section
    for other in ("pruned_mixtures", "jobs/", "assets/", "own_limit"):
        assert other not in section

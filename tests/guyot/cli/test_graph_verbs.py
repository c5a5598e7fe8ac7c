"""The graph's verbs are of this checkout, or there are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from guyot.cli.graph_verbs import ROOT, graph_module, graph_verbs
from guyot.errors import SettingError

SCRIPT = "import guyot.cli; print(*sorted(guyot.cli.main.commands))"


def verbs(folder: Path, *, before: bool) -> list[str]:
    """List the command's verbs where another folder is on the path, before the checkout or after it."""
    order = [str(folder), str(ROOT)] if before else [str(ROOT), str(folder)]
    code = f"import sys; sys.path[:0] = {order}; {SCRIPT}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_stranger_of_that_name_is_not_taken_for_the_graph(tmp_path: Path) -> None:
    stranger = tmp_path / "jobs" / "cli"
    stranger.mkdir(parents=True)
    for folder in (stranger, stranger.parent):
        (folder / "__init__.py").write_text("raise RuntimeError('a stranger was imported')")
    (stranger / "main.py").write_text("VERBS = ()")
    for before in (True, False):
        assert {"run", "prune"} <= set(verbs(tmp_path, before=before))


def test_without_a_checkout_there_are_none(tmp_path: Path) -> None:
    assert graph_verbs(tmp_path) == ()
    assert {verb.name for verb in graph_verbs()} > {"run", "explain"}


def test_a_module_of_the_graph_is_of_the_checkout_or_refused(tmp_path: Path) -> None:
    assert graph_module("jobs.cli.main").VERBS == graph_verbs()
    with pytest.raises(SettingError, match="no checkout of it; install guyot from a checkout"):
        graph_module("jobs.cli.main", tmp_path)

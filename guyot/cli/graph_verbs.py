"""The verbs of the graph, where this library lies in a checkout of the repository.

The wheel holds the library alone: there the graph's package `jobs` is not, and a package of that name in the
environment is someone else's.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("definitions.py", "recipes.py", "jobs/cli/main.py")


def graph_verbs(root: Path = ROOT) -> tuple[click.Command, ...]:
    """Load the verbs of the checkout at `root`; none where it is no checkout."""
    if not all((root / part).is_file() for part in _PARTS):
        return ()
    found = importlib.util.find_spec("jobs")
    if found is None or found.origin is None or not Path(found.origin).is_relative_to(root):
        sys.path.insert(0, str(root))  # before the package of that name which is someone else's
    return tuple(importlib.import_module("jobs.cli.main").VERBS)

"""The verbs of the graph, where this library lies in a checkout of the repository.

The wheel holds the library alone: there the graph's package `jobs` is not, and a package of that name in the
environment is someone else's.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import click

from guyot.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("definitions.py", "recipes.py", "jobs/cli/main.py")


def graph_verbs(root: Path = ROOT) -> tuple[click.Command, ...]:
    """Load the verbs of the checkout at `root`; none where it is no checkout."""
    if not _is_checkout(root):
        return ()
    _prefer(root)
    return tuple(importlib.import_module("jobs.cli.main").VERBS)


def graph_module(name: str, root: Path = ROOT) -> ModuleType:
    """Load a module of the graph.

    Raises
    ------
    SettingError : the library does not lie in a checkout.
    """
    if not _is_checkout(root):
        raise SettingError(
            f"a run of a lake was asked for; that needs the graph, and {root} is no checkout of it; install "
            "guyot from a checkout"
        )
    _prefer(root)
    return importlib.import_module(name)


def _is_checkout(root: Path) -> bool:
    """Return whether the graph lies beside the library."""
    return all((root / part).is_file() for part in _PARTS)


def _prefer(root: Path) -> None:
    """Put the checkout before a package of that name which is someone else's."""
    found = importlib.util.find_spec("jobs")
    if found is None or found.origin is None or not Path(found.origin).is_relative_to(root):
        sys.path.insert(0, str(root))

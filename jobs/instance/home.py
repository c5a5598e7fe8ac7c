"""Where Dagster keeps its event log: inside a local lake, beside one on S3, or where DAGSTER_HOME says."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from guyot.identity import fingerprint
from resources.settings import ROOT, Settings
from resources.storage.files import S3, absolute, is_remote


def dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's event log, which is created and configured if needed.

    DAGSTER_HOME, where it is set, wins: a service keeps its runs in its own database.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or _beside(absolute(settings.lake)))
    home = home.expanduser().resolve()  # as Dagster's own processes read the variable
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(ROOT / "dagster.yaml", home / "dagster.yaml")
    return home


@contextlib.contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the event log of a lake; DAGSTER_HOME names it meanwhile."""
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def _beside(lake: str) -> Path:
    """Name the folder of a lake's event log."""
    if not is_remote(lake):
        return Path(lake) / ".dagster"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    readable = re.sub(r"[^\w.-]+", "-", lake.removeprefix(S3)).strip("-")
    return Path(state) / "guyot" / f"{readable}-{fingerprint(lake)[:8]}"  # a/b and a-b are two lakes

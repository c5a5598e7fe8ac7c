"""Where Dagster keeps its event log: inside a local lake, beside one on S3, or where DAGSTER_HOME says."""

import os
import re
import shutil
from pathlib import Path

from resources.files import S3, absolute, is_remote
from resources.settings import ROOT, Settings


def dagster_home(settings: Settings) -> Path:
    """Return the folder of Dagster's event log, made ready if it is new.

    DAGSTER_HOME, where it is set, wins: a service keeps its runs in its own database.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or _beside(absolute(settings.lake)))
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(ROOT / "dagster.yaml", home / "dagster.yaml")
    return home


def _beside(lake: str) -> Path:
    """Name the folder of a lake's event log."""
    if not is_remote(lake):
        return Path(lake) / ".dagster"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "guyot" / re.sub(r"[^\w.-]+", "-", lake.removeprefix(S3))

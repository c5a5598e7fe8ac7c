"""What all demos have in common: they run the graph on a source, and say where to look."""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path

from guyot.cli import INTERRUPTED
from resources.setting_names import variable


def show_graph(settings: Mapping[str, str], source: Path, places: Mapping[str, str]) -> None:
    """Run the graph on a source, then say where to look.

    Parameters
    ----------
    settings : by dotted name; what the environment says goes before them
    source : whatever the environment says
    places : what there is to look at beside the report, and how, in order

    Raises
    ------
    CalledProcessError : the run failed.
    SystemExit : it was interrupted.
    """
    begun = time.monotonic()
    defaults = {variable(name): value for name, value in settings.items()}
    environment = {**defaults, **os.environ, variable("source"): str(source)}
    guyot = str(Path(sysconfig.get_path("scripts")) / "guyot")
    _run(guyot, environment)
    report = subprocess.run([guyot, "report"], env=environment, check=True, capture_output=True, text=True)
    listed = {"the report": report.stdout.strip(), **places}
    lines = [f"  {what:14} {how}" for what, how in listed.items()]
    print(  # noqa: T201
        f"\nDone in {time.monotonic() - begun:,.0f} s. Look at\n" + "\n".join(lines), flush=True
    )


def _run(guyot: str, environment: dict[str, str]) -> None:
    """Run the graph; Ctrl-C is answered by the command, and ends this too."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        done = subprocess.run([guyot, "run"], env=environment, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    if done.returncode == INTERRUPTED:
        sys.exit(INTERRUPTED)
    done.check_returncode()

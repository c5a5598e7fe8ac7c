"""Workers that are killed: `guyot` in processes of their own, and the lake that there is in the end if nothing disturbs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.lake import GUYOT, build_asset, build_lake, copy_of, environment, lake_at, write_corpus
from support.lake_state import state_of, versions

if TYPE_CHECKING:
    import pytest

    from assets.graph.lake import LakeResources

RUN = ("run", "--until", "epoch_schedules")


@dataclass(frozen=True)
class Story:
    """A corpus after a change, a lake of it before, and what there is in the end if nothing disturbs.

    `states` and `n_versions` are by where the last worker began: from the lake of before, or from nothing.
    """

    source: Path
    first: LakeResources
    states: dict[str, dict[str, str]]
    n_versions: dict[str, int]

    def begin(self, begun_from: str, folder: Path) -> LakeResources:
        """Return a lake to work on: a copy of the lake of before, or an empty one."""
        return copy_of(self.first, folder) if begun_from == "first" else lake_at(folder, self.source)


def new_story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Write a corpus, build the lake of before, change the corpus, and build what there is in the end."""
    folder = tmp_path_factory.mktemp("story")
    source = folder / "source"
    write_corpus(source)
    first = undisturbed(lake_at(folder / "first", source))
    change(source)
    lasts = {
        "first": undisturbed(copy_of(first, folder / "both")),
        "nothing": undisturbed(lake_at(folder / "last", source)),
    }
    states = {name: state_of(lake) for name, lake in lasts.items()}
    assert states["first"] != states["nothing"]  # centroids stay, shards are for good
    return Story(source, first, states, {name: versions(lake) for name, lake in lasts.items()})


def change(source: Path) -> None:
    """Add, change and withdraw files."""
    (source / "package99").mkdir()
    (source / "package99" / "added.py").write_text("def added(x):\n    return x + 99\n")
    (source / "package03" / "module0.py").write_text("def changed(x):\n    return x * 3\n")
    shutil.rmtree(source / "package07")


def undisturbed(lake: LakeResources, recipes: Sequence[str] = ()) -> LakeResources:
    """Build all that a worker builds, in this process and without Dagster: its bytes must be the same."""
    build_lake(lake, until="epoch_schedules", recipes=recipes)
    build_asset(lake, "catalogue")
    return lake


def of(recipes: Sequence[str]) -> list[str]:
    """Return the options that narrow a run to recipes, where some are given."""
    return [argument for recipe in recipes for argument in ("--recipe", recipe)]


def start(lake: LakeResources, home: Path, verb: Sequence[str] = RUN) -> subprocess.Popen[str]:
    """Begin a verb, all of whose processes are one group."""
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [GUYOT, *verb], env=environment(lake, DAGSTER_HOME=str(home)), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(lake: LakeResources, home: Path, verb: Sequence[str] = RUN) -> str:
    """Run a verb to its end; return what it said."""
    with start(lake, home, verb) as worker:
        said, _ = worker.communicate(timeout=600)
    assert worker.returncode == 0, said
    return said


def kill(worker: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a worker, its threads and its children after some seconds; return whether it was still at work."""
    at_work = not ended(worker, seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    return at_work


def wait_for_versions(lake: LakeResources, worker: subprocess.Popen[str], wanted: int) -> None:
    """Wait until a lake has so many versions, or the worker has ended."""
    first = begun = time.monotonic()
    while versions(lake) < wanted and not ended(worker, max(0.1, time.monotonic() - begun)):
        begun = time.monotonic()
        assert begun - first < 600, f"{wanted} versions did not come in 600 s"


def ended(worker: subprocess.Popen[str], seconds: float) -> bool:
    """Return whether a worker ends within some seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(seconds)
    return worker.poll() is not None

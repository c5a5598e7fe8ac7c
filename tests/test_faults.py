"""Killed at random moments, or with an S3 that fails at random: the lake ends with the bytes of an undisturbed one.

FAULTS says how many kills there are: `make faults` and `make test-long` ask for 50, the suite for 3. On S3 the suite cuts
two recipes and those two commands all.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support.s3
from support.lake import TINY, build_asset, build_lake, copy_of, lake_at, write_corpus
from support.lake_state import check_whole, state_of, versions

from assets.graph.lake import LakeResources
from resources.lake import workdirs
from resources.setting_names import variable

KILLS = int(os.environ.get("FAULTS", "3"))
RECIPES_ON_S3 = ("semdedup", "d4") if KILLS < 50 else ()  # none: all
GUYOT = str(Path(sysconfig.get_path("scripts")) / "guyot")
IMPORTS_SECONDS, MOMENT_SECONDS = 2.0, 1.0


def change(source: Path) -> None:
    """Add, change and withdraw files."""
    (source / "package99").mkdir()
    (source / "package99" / "added.py").write_text("def added(x):\n    return x + 99\n")
    (source / "package03" / "module0.py").write_text("def changed(x):\n    return x * 3\n")
    shutil.rmtree(source / "package07")


def start(lake: str, source: str, home: Path, recipes: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Begin to ingest and curate, all recipes where none are given."""
    settings = {variable(name): str(value) for name, value in TINY.items()}
    environment = {
        **os.environ,
        **settings,
        "GUYOT_LAKE": lake,
        "GUYOT_SOURCE": source,
        "DAGSTER_HOME": str(home),
    }
    home.mkdir(parents=True, exist_ok=True)
    chosen = [argument for recipe in recipes for argument in ("--recipe", recipe)]
    return subprocess.Popen(
        [GUYOT, "run", "--until", "epoch_schedules", *chosen], env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(lake: str, source: str, home: Path, recipes: Sequence[str] = ()) -> None:
    """Ingest and curate to the end."""
    with start(lake, source, home, recipes) as worker:
        said, _ = worker.communicate(timeout=600)
    assert worker.returncode == 0, said


def undisturbed(lake: LakeResources, recipes: Sequence[str] = ()) -> LakeResources:
    """Build all that the worker builds, in this process and without Dagster: its bytes must be the same."""
    build_lake(lake, until="epoch_schedules", recipes=recipes)
    build_asset(lake, "catalogue")
    return lake


def kill(
    lake: LakeResources,
    home: Path,
    n_undisturbed: int,
    draw: np.random.Generator,
    recipes: Sequence[str] = (),
) -> str:
    """Kill a worker and all its threads and children: within a second of a version drawn from those it writes.

    Parameters
    ----------
    n_undisturbed : how many versions there are in the end

    Returns
    -------
    When that was, and whether it was still at work.
    """
    written = versions(lake)
    wanted = int(draw.integers(written, max(n_undisturbed, written + 1)))
    after = draw.uniform(0, MOMENT_SECONDS) + (IMPORTS_SECONDS if wanted == written else 0)
    with start(lake.store.root, lake.settings.source, home, recipes) as worker:
        begun = time.monotonic()
        while versions(lake) < wanted and not ended(worker, max(0.1, time.monotonic() - begun)):
            begun = time.monotonic()
        at_work = not ended(worker, after)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()
    return f"{after:.1f} s after version {wanted} of {n_undisturbed}, {written} before; at work: {at_work}"


def ended(worker: subprocess.Popen[str], seconds: float) -> bool:
    """Return whether a worker ends within some seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(seconds)
    return worker.poll() is not None


@dataclass(frozen=True)
class Story:
    """A corpus after a change, a lake of it before, and what there is in the end if nothing disturbs.

    `states` and `n_versions` are by where the last worker began: from the lake of before, or from nothing.
    """

    source: Path
    first: LakeResources
    states: dict[str, dict[str, str]]
    n_versions: dict[str, int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
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


@pytest.mark.parametrize("trial", range(KILLS))
def test_a_killed_worker_leaves_whole_versions_and_the_next_one_the_same_bytes(
    story: Story, tmp_path: Path, trial: int
) -> None:
    draw = np.random.default_rng(trial)
    begun_from = ("nothing", "first")[trial % 2]
    lake = lake_at(tmp_path / "lake", story.source)
    if begun_from == "first":
        copy_of(story.first, tmp_path / "lake")
    for _ in range(1 + int(draw.random() < 0.3)):
        said = kill(lake, tmp_path / "home", story.n_versions[begun_from], draw)
        sys.stdout.write(f"kill {trial}, from {begun_from}: {said}; {check_whole(lake)} partitions\n")
    finish(lake.store.root, str(story.source), tmp_path / "home")
    assert state_of(lake) == story.states[begun_from]
    assert workdirs.sweep(lake.store.files) == 0, "the run should have swept what the dead one left"


@pytest.fixture
def faults(s3_url: str) -> Iterator[tuple[str, support.s3.Faults]]:
    """Run a failing S3 in front of the real one."""
    given = support.s3.Faults(seed=0, share=0.1)
    with support.s3.failing_proxy(s3_url, given) as url:
        yield url, given


@pytest.mark.long
@pytest.mark.in_ci
def test_an_s3_that_fails_at_random_loses_nothing(
    story: Story, bucket: str, faults: Any, tmp_path: Path
) -> None:
    url, given = faults
    for path in (path for path in story.source.rglob("*") if path.is_file()):
        there = f"{bucket}/source/{path.relative_to(story.source).as_posix()}"
        lake_at(bucket, "").store.files.replace(there, path.read_bytes(), tmp_path)
    calm = undisturbed(lake_at(tmp_path / "calm", f"{bucket}/source"), RECIPES_ON_S3)
    troubled = lake_at(f"{bucket}/troubled", f"{bucket}/source")
    with support.s3.environment(url):
        finish(troubled.store.root, f"{bucket}/source", tmp_path / "home", RECIPES_ON_S3)
    sys.stdout.write(f"faults given: {given.given}\n")
    assert min(given.given.values()) > 5
    found, expected = state_of(troubled), state_of(calm)
    assert found == expected
    assert {name.partition("/")[0] for name in expected} > {"embeddings", "raw_shards", "pruned_mixtures"}


@pytest.mark.long
@pytest.mark.in_ci
def test_a_worker_killed_on_s3_leaves_whole_versions(story: Story, bucket: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    calm = undisturbed(lake_at(tmp_path / "calm", story.source), RECIPES_ON_S3)
    killed, home = lake_at(f"{bucket}/killed", story.source), tmp_path / "home"
    for _ in range(max(1, KILLS // 6)):
        said = kill(killed, home, versions(calm), draw, RECIPES_ON_S3)
        sys.stdout.write(f"kill on S3: {said}; {check_whole(killed)} partitions\n")
    finish(killed.store.root, str(story.source), home, RECIPES_ON_S3)
    assert state_of(killed) == state_of(calm)

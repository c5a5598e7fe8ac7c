"""Where a lake lives badly: no room, no right to write, pulled away, several at work and a janitor, a clock that jumps.

Each time a sentence says what is wrong, and when it is mended the lake ends with the bytes of an undisturbed one.
FAULTS is as in tests/test_faults.py: where it asks for 50, disks are full at 12 places and not at 2.
"""

import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.lake import GUYOT, environment, lake_at
from support.lake_state import check_whole, state_of, versions
from support.small_disk import SmallDisk, require_own_mounts
from support.workers import RUN, Story, finish, new_story, start, wait_for_versions

from assets.graph.lake import LakeResources

KILLS = int(os.environ.get("FAULTS", "2"))
FREE_KIBIBYTES = (60, 1500) if KILLS < 50 else (0, 20, 60, 100, 200, 400, 800, 1000, 1500, 2000, 2500, 3000)
N_PULLED_AWAY = 1 if KILLS < 50 else 8
N_AT_ONCE = 1 if KILLS < 50 else 6
DAY = 86_400.0


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return new_story(tmp_path_factory)


def check_sentence(said: str, *parts: str) -> None:
    """Make sure that a verb failed with a sentence that has these parts, and without a traceback."""
    assert "Traceback" not in said, said
    last = said.strip().splitlines()[-1]
    assert last.startswith("Error: "), said
    assert all(part in last for part in parts), last


def disk_of(lake: LakeResources, mebibytes: int, **more: str) -> SmallDisk:
    require_own_mounts()
    return SmallDisk(Path(lake.store.root).parent, mebibytes, environment(lake, **more))


@pytest.mark.long
@pytest.mark.parametrize("kibibytes", FREE_KIBIBYTES)
def test_a_full_disk_is_said_and_the_next_run_goes_on(story: Story, tmp_path: Path, kibibytes: int) -> None:
    lake = story.begin("first", tmp_path / "disk" / "lake")  # its event log lies in it too
    disk = disk_of(lake, 60)
    run = [GUYOT, *RUN]
    failed, good = disk.run(disk.leave(kibibytes), run, disk.make_room, run)
    assert failed.code == 1, failed.said
    check_sentence(failed.said, str(disk.folder), "bytes are free in", "run again: what was finished stays")
    assert good.code == 0, good.said
    check_whole(lake)
    assert state_of(lake) == story.states["first"]


@pytest.mark.long
def test_a_read_only_lake_is_read_and_what_would_write_says_so(story: Story, tmp_path: Path) -> None:
    lake = story.begin("first", tmp_path / "disk" / "lake")
    disk = disk_of(lake, 60, DAGSTER_HOME=str(tmp_path / "home"))
    reading = (
        ["sql", "SELECT recipe FROM mixtures"],
        ["verify"],
        ["explain", "t.parquet#0"],
        ["runs", "list"],
    )
    writing = (["run", "--set", "seed=1"], ["backfill", "centroids"], ["gc", "--older-than", "0"],
               ["withdraw", "t.parquet#0", "--reason", "asked"])  # fmt: skip
    run, *verbs = [[GUYOT, *verb] for verb in (RUN, *reading, *writing)]
    first, *said, last = disk.run(run, disk.make_read_only(), *verbs, disk.make_read_only("rw"), run)
    assert (first.code, last.code) == (0, 0), first.said + last.said
    assert [one.code for one in said] == [0] * len(reading) + [1] * len(writing), said
    for one in said[len(reading) :]:
        check_sentence(one.said, "Read-only file system", str(disk.folder))
    assert state_of(lake) == story.states["first"]


@pytest.mark.long
@pytest.mark.parametrize("number", range(N_PULLED_AWAY))
def test_a_lake_that_is_removed_under_a_run_is_made_again(story: Story, tmp_path: Path, number: int) -> None:
    lake, draw = story.begin("nothing", tmp_path / "lake"), np.random.default_rng(number)
    with start(lake, tmp_path / "home") as worker:
        wait_for_versions(lake, worker, int(draw.integers(1, story.n_versions["nothing"] - 20)))
        while (tmp_path / "lake").exists():
            shutil.rmtree(tmp_path / "lake", ignore_errors=True)
        said, _ = worker.communicate(timeout=600)
    sys.stdout.write(said.strip().splitlines()[-1] + "\n")
    if worker.returncode:  # what comes after may not need what went
        check_sentence(said)
    finish(lake, tmp_path / "home")
    assert state_of(lake) == story.states["nothing"]


@pytest.mark.long
@pytest.mark.parametrize("number", range(N_AT_ONCE))
def test_two_runs_and_a_collector_of_everything_at_once(story: Story, tmp_path: Path, number: int) -> None:
    begun_from = ("first", "nothing")[number % 2]
    lake = story.begin(begun_from, tmp_path / "lake")
    with start(lake, tmp_path / "home") as one, start(lake, tmp_path / "other-home") as other:
        while one.poll() is None and other.poll() is None:
            with start(lake, tmp_path / "home", ("gc", "--older-than", "0")) as collector:
                gone, _ = collector.communicate(timeout=600)
            sys.stdout.write(gone)
            if collector.returncode:
                check_sentence(gone)
        for worker in (one, other):
            said, _ = worker.communicate(timeout=600)
            sys.stdout.write(said.strip().splitlines()[-1] + "\n")
            if worker.returncode:
                check_sentence(said)
    finish(lake, tmp_path / "home")
    check_whole(lake)
    assert state_of(lake) == story.states[begun_from]


@pytest.mark.long
@pytest.mark.parametrize("days", [-4000.0, 4000.0])
def test_a_clock_that_was_wrong_costs_nothing(story: Story, tmp_path: Path, days: float) -> None:
    lake = story.begin("first", tmp_path / "lake")
    before = state_of(lake_at(story.first.store.root, story.source))
    set_clock(tmp_path / "lake", days)
    finish(lake, tmp_path / "home", ("gc",))
    assert versions(lake) == versions(story.first)
    finish(lake, tmp_path / "home")
    set_clock(tmp_path / "lake", -days)
    finish(lake, tmp_path / "home", ("gc",))
    check_whole(lake)
    assert state_of(lake) == story.states["first"] != before


def set_clock(folder: Path, days: float) -> None:
    """Give every file and folder the times of a machine whose clock is wrong by some days."""
    then = time.time() + days * DAY
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (then, then), follow_symlinks=False)

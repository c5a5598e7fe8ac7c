"""Killed at random moments, or with an S3 that fails at random: the lake ends with the bytes of an undisturbed one.

FAULTS says how many kills there are: `make faults` and `make test-long` ask for 50, the suite for 2. On S3 the suite cuts
two recipes and those two commands all.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support.s3
from support.lake import lake_at
from support.lake_state import check_whole, state_of, versions
from support.later import later
from support.workers import RUN, Story, finish, kill, new_story, of, start, undisturbed, wait_for_versions

from assets.graph.lake import LakeResources
from resources.lake import workdirs

KILLS = int(os.environ.get("FAULTS", "2"))
RECIPES_ON_S3 = ("semdedup", "d4") if KILLS < 50 else ()  # none: all
RUN_ON_S3 = (*RUN, *of(RECIPES_ON_S3))
IMPORTS_SECONDS, MOMENT_SECONDS = 2.0, 1.0


def kill_a_run(
    lake: LakeResources,
    home: Path,
    n_undisturbed: int,
    draw: np.random.Generator,
    verb: tuple[str, ...] = RUN,
) -> str:
    """Kill a run within a second of a version drawn from those it writes.

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
    with start(lake, home, verb) as worker:
        wait_for_versions(lake, worker, wanted)
        at_work = kill(worker, after)
    return f"{after:.1f} s after version {wanted} of {n_undisturbed}, {written} before; at work: {at_work}"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return new_story(tmp_path_factory)


@pytest.mark.parametrize("trial", [0, *later(range(1, KILLS))])
def test_a_killed_worker_leaves_whole_versions_and_the_next_one_the_same_bytes(
    story: Story, tmp_path: Path, trial: int
) -> None:
    draw = np.random.default_rng(trial)
    begun_from = ("nothing", "first")[trial % 2]
    lake = story.begin(begun_from, tmp_path / "lake")
    for _ in range(1 + int(draw.random() < 0.3)):
        said = kill_a_run(lake, tmp_path / "home", story.n_versions[begun_from], draw)
        sys.stdout.write(f"kill {trial}, from {begun_from}: {said}; {check_whole(lake)} partitions\n")
    finish(lake, tmp_path / "home")
    assert state_of(lake) == story.states[begun_from]
    assert workdirs.sweep(lake.store.files) == 0, "the run should have swept what the dead one left"


@pytest.fixture
def faults(s3_url: str) -> Iterator[tuple[str, support.s3.Faults]]:
    """Run a failing S3 in front of the real one."""
    given = support.s3.Faults(seed=0, share=0.1 if KILLS >= 50 else 0.05)  # each is waited for
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
        finish(troubled, tmp_path / "home", RUN_ON_S3)
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
        said = kill_a_run(killed, home, versions(calm), draw, RUN_ON_S3)
        sys.stdout.write(f"kill on S3: {said}; {check_whole(killed)} partitions\n")
    finish(killed, home, RUN_ON_S3)
    assert state_of(killed) == state_of(calm)

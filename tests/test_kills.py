"""Killed again and again, whichever verb is at work: in the end the lake has the bytes of an undisturbed one.

FAULTS is as in tests/test_faults.py. Where it asks for 50, 160 kills fall on lakes on disk and 40 on S3, eight to a lake;
else one lake is killed under each verb once.
"""

import itertools
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from support.damage import files_of, spoil
from support.lake import copy_of, lake_at
from support.lake_state import check_whole, state_of, versions
from support.workers import RUN, Story, finish, kill, new_story, of, start, undisturbed, wait_for_versions

from assets.graph.lake import LakeResources
from resources.lake import set_aside

KILLS = int(os.environ.get("FAULTS", "2"))
KILLS_PER_LAKE, N_LAKES, N_LAKES_ON_S3 = (8, 20, 5) if KILLS >= 50 else (4, 1, 0)
RECIPES_ON_S3 = ("semdedup", "d4")
VERBS = {
    "run": RUN,
    "backfill": ("backfill", "cluster_scores", "pruned_mixtures", "epoch_schedules"),
    "gc": ("gc", "--older-than", "0"),
    "verify": ("verify", "--repair"),
}
# what a run makes again byte for byte, whatever came since; a registry remembers, centroids are of their day
MADE_AGAIN = (
    "raw_shards",
    "embeddings",
    "quality_signals",
    "cluster_scores",
    "pruned_mixtures",
    "epoch_schedules",
)


@dataclass
class Lake:
    """A lake that is being ill-used.

    seconds : what the short verbs take, by name
    """

    at: LakeResources
    home: Path
    recipes: Sequence[str]
    draw: np.random.Generator
    seconds: Mapping[str, float]
    n_at_work: int = 0

    def verb(self, name: str) -> Sequence[str]:
        """Return the command of a verb."""
        if name == "backfill" and self.recipes:
            return ("backfill", "cluster_scores")
        return (*VERBS[name], *(of(self.recipes) if name == "run" else ()))

    def damage(self) -> str:
        """Damage a live file of a version that can be made again, where there is one."""
        names = [name for name in files_of(self.at) if name.partition("/")[0] in MADE_AGAIN]
        names = [name for name in names if not name.endswith(("/current", "/manifest.json"))]
        if not names:
            return ""
        name = names[int(self.draw.integers(len(names)))]
        spoil(self.at, name, "flipped", self.draw)
        return f", {name} damaged"

    def kill(self, name: str) -> str:
        """Kill a verb at a moment that is drawn; say when that was."""
        said = self.damage() if name == "verify" else ""
        if name == "gc" and self.holds_damaged():
            self.repair()
        written = versions(self.at)
        with start(self.at, self.home, self.verb(name)) as worker:
            begun = time.monotonic()
            if name == "run":
                wait_for_versions(self.at, worker, written + int(self.draw.integers(0, 12)))
                at_work = kill(worker, float(self.draw.uniform(0, 1)))
            elif name == "gc" and self.draw.random() < 0.5:  # as soon as something is gone, or at the end
                while versions(self.at) == written and worker.poll() is None:
                    time.sleep(0.002)
                at_work = kill(worker, 0)
            else:
                at_work = kill(worker, float(self.draw.uniform(0.5, 1.1)) * self.seconds[name])
        self.n_at_work += at_work
        return f"{name}, {time.monotonic() - begun:.1f} s{said}; at work: {at_work}"

    def holds_damaged(self) -> bool:
        """Return whether something was set aside."""
        return set_aside.held(self.at.store.files)[0] > 0

    def repair(self) -> None:
        """Make whole what is damaged, and remove what was set aside, as docs/operate.md says."""
        finish(self.at, self.home, self.verb("verify"))
        finish(self.at, self.home, self.verb("run"))
        self.at.store.files.delete_folder(set_aside.place(self.at.store.files))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return new_story(tmp_path_factory)


@pytest.fixture(scope="module")
def seconds(story: Story, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Measure what the short verbs take."""
    folder, taken = tmp_path_factory.mktemp("timed"), dict[str, float]()
    lake = copy_of(story.first, folder / "lake")
    for name in ("backfill", "verify", "gc"):
        begun = time.monotonic()
        finish(lake, folder / "home", VERBS[name])
        taken[name] = time.monotonic() - begun
    return taken


def ill_use(lake: Lake, number: int) -> None:
    """Kill each verb in turn, beginning with another one in each lake."""
    names = itertools.islice(itertools.cycle(VERBS), number % len(VERBS), None)
    for name in itertools.islice(names, KILLS_PER_LAKE):
        sys.stdout.write(f"lake {number}: {lake.kill(name)}\n")
    assert lake.n_at_work >= KILLS_PER_LAKE // 4, "most verbs had ended before they were killed"


@pytest.mark.long
@pytest.mark.parametrize("number", range(N_LAKES))
def test_a_lake_whose_verbs_are_killed(
    story: Story, seconds: dict[str, float], tmp_path: Path, number: int
) -> None:
    begun_from = ("first", "nothing")[number % 2]
    at = story.begin(begun_from, tmp_path / "lake")
    lake = Lake(at, tmp_path / "home", (), np.random.default_rng(number), seconds)
    ill_use(lake, number)
    lake.repair()
    finish(at, lake.home, VERBS["gc"])
    check_whole(at)
    assert state_of(at) == story.states[begun_from]


@pytest.mark.long
@pytest.mark.parametrize("number", range(N_LAKES_ON_S3))
def test_a_lake_on_s3_whose_verbs_are_killed(
    story: Story, seconds: dict[str, float], bucket: str, tmp_path: Path, number: int
) -> None:
    calm = undisturbed(lake_at(tmp_path / "calm", story.source), RECIPES_ON_S3)
    at = lake_at(f"{bucket}/lake", story.source)
    lake = Lake(at, tmp_path / "home", RECIPES_ON_S3, np.random.default_rng(1000 + number), seconds)
    ill_use(lake, number)
    lake.repair()
    finish(at, lake.home, VERBS["gc"])
    check_whole(at)
    assert state_of(at) == state_of(calm)

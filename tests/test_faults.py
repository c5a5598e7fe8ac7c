"""Killed at random moments, or with an S3 that fails at random: the lake ends with the bytes of an undisturbed one.

FAULTS says how many kills there are: `make faults` and `make test-long` ask for 50, the suite for 3.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import support.s3
from support.lake import TINY, catalogue_of, lake_at, write_corpus

from assets.graph.lake import LakeResources
from assets.graph.views import views
from resources.lake import workdirs
from resources.lake.manifest import MANIFEST, Manifest
from resources.setting_names import variable

KILLS = int(os.environ.get("FAULTS", "3"))
GUYOT = str(Path(sysconfig.get_path("scripts")) / "guyot")
TIMES = ["first_seen", "last_changed"]
IMPORTS_SECONDS = 2.0


def change(source: Path) -> None:
    """Add, change and withdraw files."""
    (source / "package99").mkdir()
    (source / "package99" / "added.py").write_text("def added(x):\n    return x + 99\n")
    (source / "package03" / "module0.py").write_text("def changed(x):\n    return x * 3\n")
    shutil.rmtree(source / "package07")


def start(lake: str, source: str, home: Path) -> subprocess.Popen[str]:
    """Begin to ingest and curate."""
    settings = {variable(name): str(value) for name, value in TINY.items()}
    environment = {
        **os.environ,
        **settings,
        "GUYOT_LAKE": lake,
        "GUYOT_SOURCE": source,
        "DAGSTER_HOME": str(home),
    }
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [GUYOT, "run", "--until", "epoch_schedules"], env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(lake: str, source: str, home: Path) -> float:
    """Ingest and curate to the end; return the seconds that it took."""
    begun = time.monotonic()
    with start(lake, source, home) as worker:
        said, _ = worker.communicate(timeout=600)
    assert worker.returncode == 0, said
    return time.monotonic() - begun


def kill(lake: str, source: str, home: Path, after_seconds: float) -> bool:
    """Kill a worker and all its threads and children; return whether it was still at work."""
    with start(lake, source, home) as worker:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(after_seconds)
        at_work = worker.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()
    return at_work


def pointers(lake: LakeResources) -> list[str]:
    """List what names a live version."""
    found = lake.store.files.walk(lake.store.root)
    return [
        f.uri for f in found if f.uri.endswith("/current") and "/." not in f.uri.removeprefix(lake.store.root)
    ]


def live(lake: LakeResources) -> list[Manifest]:
    """Read the live version of every partition; each must be whole."""
    manifests = []
    for pointer in pointers(lake):
        table, *key, _ = pointer.removeprefix(f"{lake.store.root}/").split("/")
        manifest = lake.store.current(table, "/".join(key))
        assert manifest is not None, f"{pointer} names a version that is not there"
        manifests.append(manifest)
    return manifests


def check_whole(lake: LakeResources) -> int:
    """Make sure that whatever can be seen is whole; return how many partitions there are."""
    manifests = live(lake)
    for manifest in manifests:
        for name, file in manifest.files.items():
            content = lake.store.checked(manifest, name)  # raises if its bytes are not those of the manifest
            assert len(content) == file.bytes
    if lake.store.files.exists(catalogue_of(lake).path) and catalogue_of(lake).is_valid():
        for view in views():
            catalogue_of(lake).query(f"SELECT * FROM {view.name} LIMIT 3")
    return len(manifests)


def state_of(lake: LakeResources) -> dict[str, str]:
    """Digest every live file, and every row that the catalogue shows; times of looking are left out."""
    state: dict[str, str] = {}
    for manifest in live(lake):
        name = f"{manifest.table}/{manifest.key}"
        if manifest.table == "shard_registry":
            rows = lake.store.table(manifest).drop_columns(TIMES)
            state[name] = digest(str(rows.to_pylist()).encode())
            continue
        folder = lake.store.path(manifest.table, manifest.key, manifest.version)
        for file in [*manifest.files, MANIFEST]:
            state[f"{name}/{file}"] = digest(lake.store.files.read(f"{folder}/{file}"))
    for view in (view.name for view in views()):
        shown = "* EXCLUDE (first_seen, last_changed)" if view == "shard_registry" else "*"
        state[view] = digest(
            str(catalogue_of(lake).query(f"SELECT {shown} FROM {view} ORDER BY ALL").to_pylist()).encode()
        )
    return state


def digest(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


@dataclass
class Story:
    """A corpus before and after a change, and undisturbed lakes: of the first state, of both, of the last alone."""

    folder: Path
    states: dict[str, dict[str, str]]
    seconds: dict[str, float]

    @property
    def source(self) -> Path:
        return self.folder / "source"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    source, home = folder / "source", folder / "home"
    write_corpus(source)
    finish(str(folder / "first"), str(source), home / "first")
    change(source)
    shutil.copytree(folder / "first", folder / "both")
    seconds = {
        "first": finish(str(folder / "both"), str(source), home / "both"),
        "nothing": finish(str(folder / "last"), str(source), home / "last"),
    }
    states = {
        "first": state_of(lake_at(folder / "both", source)),
        "nothing": state_of(lake_at(folder / "last", source)),
    }
    assert states["first"] != states["nothing"]  # centroids stay, shards are for good
    return Story(folder, states, seconds)


@pytest.mark.parametrize("trial", range(KILLS))
def test_a_killed_worker_leaves_whole_versions_and_the_next_one_the_same_bytes(
    story: Story, tmp_path: Path, trial: int
) -> None:
    draw = np.random.default_rng(trial)
    begun_from = ("nothing", "first")[trial % 2]
    lake = lake_at(tmp_path / "lake", story.source)
    if begun_from == "first":
        shutil.copytree(story.folder / "first", lake.store.root)
    for _ in range(1 + int(draw.random() < 0.3)):
        after = draw.uniform(IMPORTS_SECONDS, story.seconds[begun_from])
        at_work = kill(lake.store.root, str(story.source), tmp_path / "home", after)
        sys.stdout.write(
            f"kill {trial}: after {after:.1f} s from {begun_from}, at work: {at_work}, {check_whole(lake)} partitions\n"
        )
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
    calm, troubled = (lake_at(f"{bucket}/{name}", f"{bucket}/source") for name in ("calm", "troubled"))
    finish(calm.store.root, f"{bucket}/source", tmp_path / "calm")
    with support.s3.environment(url):
        finish(troubled.store.root, f"{bucket}/source", tmp_path / "troubled")
    sys.stdout.write(f"faults given: {given.given}\n")
    assert min(given.given.values()) > 5
    check_whole(troubled)
    assert state_of(troubled) == state_of(calm)
    kept = {
        name: text for name, text in state_of(calm).items() if name.startswith(("embeddings", "raw_shards"))
    }
    assert kept


@pytest.mark.long
@pytest.mark.in_ci
def test_a_worker_killed_on_s3_leaves_whole_versions(story: Story, bucket: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    lakes = [lake_at(f"{bucket}/{name}", story.source) for name in ("calm", "killed")]
    seconds = finish(lakes[0].store.root, str(story.source), tmp_path / "calm")
    for _ in range(max(1, KILLS // 6)):
        kill(
            lakes[1].store.root,
            str(story.source),
            tmp_path / "killed",
            draw.uniform(IMPORTS_SECONDS, seconds),
        )
        check_whole(lakes[1])
    finish(lakes[1].store.root, str(story.source), tmp_path / "killed")
    assert state_of(lakes[1]) == state_of(lakes[0])

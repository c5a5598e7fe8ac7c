"""Flipped bits, cut and removed files all over a lake: all are found, and made again byte for byte.

FAULTS is as in tests/test_faults.py; where it asks for 50 kills, 200 files of a lake are damaged, else 40.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.damage import damage_files
from support.lake import (
    GUYOT,
    build_graph_lake,
    build_lake,
    copy_of,
    environment,
    graph_lake,
    lake_at,
)  # fmt: skip
from support.lake_state import live, state_of

from assets.graph.repair import repair, repairs
from assets.graph.verification import Verified, verify
from resources.lake.saved_batches import write
from resources.lake.set_aside import DAMAGED

if TYPE_CHECKING:
    from assets.graph.lake import LakeResources

KILLS = int(os.environ.get("FAULTS", "2"))
N_DAMAGED = 200 if KILLS >= 50 else 40
ON_S3 = ("shard_registry", "raw_shards", "tokenizer", "quality_signals", "embeddings", "centroids")
OF_A_TIME = ("training_runs",)  # a run's record holds how long it took


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def not_found(verified: Verified, damaged: dict[str, str]) -> dict[str, str]:
    """Return what was damaged and is not in the list, nor of a version that is there as without a manifest."""
    said = {"/".join(part for part in (*one.name, one.file) if part) for one in verified.damaged}
    removed = {one.problem.rpartition(" ")[2] for one in verified.damaged if one.file == "current"}

    def pointer_of(name: str) -> str:
        folder, _, version = name.rpartition("/")[0].rpartition("/")
        return f"{folder}/current" if version in removed else name

    return {
        name: kind
        for name, kind in damaged.items()
        if not said & {name, f"{name.rpartition('/')[0]}/manifest.json", pointer_of(name)}
    }


def check_found(lake: LakeResources, damaged: dict[str, str]) -> Verified:
    """Verify a lake: all that was damaged is found, and nothing else."""
    verified = verify(lake)
    assert not_found(verified, damaged) == {}
    assert len(verified.damaged) <= len(damaged)
    sys.stdout.write(f"found all of {len(damaged)}: {Counter(damaged.values())}\n")
    return verified


def without_times(state: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in state.items() if name.partition("/")[0] not in OF_A_TIME}


def contents(lake: LakeResources) -> Counter[str]:
    """Count the files of a lake by what they hold, those that were set aside too; not what names live ones."""
    files = lake.store.files
    read = [file for file in files.walk(lake.store.root) if not file.uri.endswith(("/current", "/pointer"))]
    return Counter(hashlib.blake2b(files.read(file.uri)).hexdigest() for file in read)


@pytest.mark.parametrize("seed", [0])
def test_what_is_damaged_is_found_and_made_again_byte_for_byte(
    lake: LakeResources, tmp_path: Path, seed: int
) -> None:
    copy = copy_of(lake, tmp_path / "lake")
    assert verify(copy).damaged == []
    damaged = damage_files(copy, N_DAMAGED, np.random.default_rng(seed))
    before = contents(copy)
    verified = check_found(copy, damaged)
    assert not any(one.is_left for one in repair(copy, repairs(copy, verified)))
    assert verify(copy).damaged == []
    assert before - contents(copy) == Counter(), "nothing is removed"
    build_graph_lake(copy)
    assert without_times(state_of(copy)) == without_times(state_of(lake))
    assert verify(copy).damaged == []


def test_on_s3_too(lake: LakeResources, bucket: str) -> None:
    copy = lake_at(f"{bucket}/lake", lake.settings.source)
    root = Path(lake.store.root)
    for table in ON_S3:
        for path in (path for path in (root / table).rglob("*") if path.is_file()):
            write(copy.store.files, copy.store.path(path.relative_to(root).as_posix()), path.read_bytes())
    assert verify(copy).damaged == []
    damaged = damage_files(copy, 12, np.random.default_rng(1))
    before = contents(copy)
    verified = check_found(copy, damaged)
    assert not any(one.is_left for one in repair(copy, repairs(copy, verified)))
    assert verify(copy).damaged == []
    assert before - contents(copy) == Counter()
    build_lake(copy, until="centroids")
    found, wanted = ({(m.table, m.key): m for m in live(one) if m.table in ON_S3} for one in (copy, lake))
    assert found == wanted
    assert verify(copy).damaged == []


@pytest.mark.parametrize("trial", range(max(1, KILLS // 6)))
def test_a_killed_repair_loses_nothing_and_the_next_one_goes_on(
    lake: LakeResources, tmp_path: Path, trial: int
) -> None:
    copy, draw = copy_of(lake, tmp_path / "lake"), np.random.default_rng(trial)
    damage_files(copy, 80, draw)
    before = contents(copy)
    with subprocess.Popen(
        [GUYOT, "verify", "--repair"], env=environment(copy), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        while process.poll() is None and not (tmp_path / "lake" / DAMAGED).exists():
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    sys.stdout.write(f"killed when {len(list((tmp_path / 'lake' / DAMAGED).rglob('*@*')))} were set aside\n")
    assert before - contents(copy) == Counter()
    assert not any(one.is_left for one in repair(copy, repairs(copy, verify(copy))))
    assert before - contents(copy) == Counter()
    assert verify(copy).damaged == []

"""Saved checkpoints: the latest that is whole is taken, the earlier ones go, and a published version takes all."""

from pathlib import Path

import pytest

from resources.lake import saved_batches
from resources.lake.saved_batches import SavedBatches
from resources.lake.saved_checkpoints import SavedCheckpoints
from resources.storage.files import Files


@pytest.fixture
def saved(place: str) -> SavedCheckpoints:
    return SavedCheckpoints(Files(place), "training_runs", "d4/0", "v1")


def names(saved: SavedCheckpoints) -> list[str]:
    return sorted(file.uri.rpartition("/")[2] for file in saved.files.walk(saved.folder))


def test_the_latest_is_taken_and_the_earlier_ones_go(saved: SavedCheckpoints) -> None:
    assert saved.latest() is None
    saved.save(90, b"ninety")
    saved.save(100, b"hundred")
    assert saved.latest() == b"hundred"
    assert len(names(saved)) == 1
    assert SavedCheckpoints(saved.files, "training_runs", "d4/0", "v2").latest() is None


def test_a_published_version_and_a_sweep_remove_them(saved: SavedCheckpoints) -> None:
    saved.save(1, b"one")
    SavedBatches(saved.files, "training_runs", "d4/0", "v1").clear()
    assert saved.latest() is None
    saved.save(2, b"two")
    assert saved_batches.sweep(saved.files, 9e12) == 1
    assert saved.latest() is None


@pytest.mark.parametrize("left", [0, 3, -1])
def test_a_torn_one_is_not_taken_and_the_whole_one_before_it_is(tmp_path: Path, left: int) -> None:
    saved = SavedCheckpoints(Files(str(tmp_path)), "training_runs", "d4/0", "v1")
    saved.save(2, b"later")
    saved.save(1, b"early")  # of another writer, behind
    (later,) = Path(saved.folder).glob("2-*")
    later.write_bytes(b"later"[:left] if left >= 0 else b"latEr")
    assert saved.latest() == b"early"

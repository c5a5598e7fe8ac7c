"""Saved batches: what was saved is read back, what is torn is not, and nothing stays for ever."""

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from resources.lake import saved_batches
from resources.lake.saved_batches import KEPT_SECONDS, PARTIAL, SavedBatches
from resources.storage.files import Files

BATCH: NDArray[np.float16] = np.arange(12, dtype=np.float16).reshape(3, 4)


@pytest.fixture
def saved(place: str) -> SavedBatches:
    return SavedBatches(Files(place), "embeddings", "shard-0", "v1")


def read(saved: SavedBatches, begin: int, shape: tuple[int, int] = (3, 4)) -> NDArray[np.float16] | None:
    return saved.read(saved.names().get(begin, []), shape, np.float16)


def test_batches_come_back_by_their_first_row_and_version(saved: SavedBatches) -> None:
    assert saved.names() == {}
    saved.save(0, BATCH)
    saved.save(256, BATCH + 1)
    assert np.array_equal(read(saved, 0), BATCH)
    assert np.array_equal(read(saved, 256), BATCH + 1)
    assert read(saved, 3) is None
    assert dataclasses.replace(saved, version="v2").names() == {}
    assert dataclasses.replace(saved, key="shard-1").names() == {}


def test_batches_of_another_shape_or_type_are_not_taken(saved: SavedBatches) -> None:
    saved.save(0, BATCH)
    assert read(saved, 0, (4, 4)) is None
    assert read(saved, 0, (3, 5)) is None
    saved.save(3, BATCH.astype(np.float32))
    assert read(saved, 3) is None


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_file_that_was_cut_off_or_changed_is_not_taken_and_another_writers_is(
    tmp_path: Path, left: int
) -> None:
    saved = SavedBatches(Files(str(tmp_path)), "embeddings", "shard-0", "v1")
    saved.save(0, BATCH)
    (path,) = (Path(uri) for uri in saved.names()[0])
    content = path.read_bytes()
    path.write_bytes(content[:left] if left >= 0 else content[:-1] + b"\xff")
    assert read(saved, 0) is None
    saved.save(0, BATCH + 1)
    assert np.array_equal(read(saved, 0), BATCH + 1)


def test_no_pickle_is_read(tmp_path: Path) -> None:
    saved = SavedBatches(Files(str(tmp_path)), "embeddings", "shard-0", "v1")
    with pytest.raises(ValueError, match="allow_pickle=False"):
        saved.save(0, np.array([[print]], object))


def test_they_go_together_and_leave_no_folder(saved: SavedBatches) -> None:
    other = dataclasses.replace(saved, key="shard-1")
    for one in (saved, other):
        one.save(0, BATCH)
    names = saved.names()[0]
    saved.clear()
    assert saved.names() == {}
    assert saved.read(names, (3, 4), np.float16) is None  # by a writer that had listed them before
    assert np.array_equal(read(other, 0), BATCH)
    other.clear()
    saved.clear()
    assert saved.files.walk(saved.files.root) == []
    if not saved.files.remote:
        assert not (Path(saved.files.root) / PARTIAL).exists()


def test_writers_at_once_and_one_that_clears_do_not_disturb_one_another(tmp_path: Path) -> None:
    saved = SavedBatches(Files(str(tmp_path)), "embeddings", "shard-0", "v1")
    failures: list[BaseException] = []

    def work(clears: bool) -> None:
        try:
            for number in range(60):
                saved.save(number % 7, BATCH + number % 7)
                if clears and number % 3 == 0:
                    saved.clear()
                for begin, uris in saved.names().items():
                    found = saved.read(uris, (3, 4), np.float16)
                    assert found is None or np.array_equal(found, BATCH + begin)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number == 0,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    saved.clear()
    assert saved.names() == {}


def test_a_sweep_removes_those_that_nobody_has_worked_on_for_days(saved: SavedBatches) -> None:
    saved.save(0, BATCH)
    other = dataclasses.replace(saved, table="t", key="a/b")
    other.save(0, BATCH)
    changed = {file.uri.rpartition("/")[0]: file.mtime for file in saved.files.walk(saved.files.root)}
    newest = max(changed.values())
    assert saved_batches.sweep(saved.files, newest) == 0
    assert saved_batches.sweep(saved.files, min(changed.values()) + KEPT_SECONDS - 1) == 0
    assert np.array_equal(read(saved, 0), BATCH)
    assert saved_batches.sweep(saved.files, newest + KEPT_SECONDS + 1) == 2
    assert (saved.names(), other.names()) == ({}, {})
    assert saved_batches.sweep(saved.files, newest + KEPT_SECONDS + 1) == 0

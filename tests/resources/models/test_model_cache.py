"""Models that are made once: whole or not at all, once for all that ask, and checked."""

import threading
from pathlib import Path

import pytest

from guyot.errors import CorruptError
from resources.models.model_cache import cache_folder, made_once


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "guyot" / "toy"


def write(folder: Path) -> None:
    (folder / "weights").write_text("1")


def test_it_is_made_once_for_all_that_ask(cache: Path) -> None:
    begun: list[Path] = []
    found: list[Path] = []
    both = threading.Barrier(3)

    def make(folder: Path) -> None:
        begun.append(folder)
        write(folder)

    def ask() -> None:
        both.wait()
        found.append(made_once("toy", "a", ("weights",), make))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [cache / "a"] * 3
    assert len(begun) == 1
    assert cache_folder() == cache.parent
    assert made_once("toy", "b", ("weights",), write) == cache / "b"


def test_what_fails_leaves_nothing_and_what_a_killed_process_left_is_removed(cache: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        made_once("toy", "a", ("weights",), fail)
    assert [path.name for path in cache.iterdir()] == ["a.lock"]
    (cache / "a.tmp-killed").mkdir()
    made_once("toy", "a", ("weights",), write)
    assert sorted(path.name for path in cache.iterdir()) == ["a", "a.lock"]


@pytest.mark.parametrize("name", ["weights", "sha256.json"])
def test_what_was_changed_is_refused(name: str) -> None:
    (made_once("toy", "a", ("weights",), write) / name).write_text("2")
    with pytest.raises(CorruptError, match="the toy model in .* is not what was written there; remove"):
        made_once("toy", "a", ("weights",), write)

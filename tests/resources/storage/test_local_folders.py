"""Folders that go while they are listed."""

from pathlib import Path

import pyarrow.fs as pf
import pytest

from resources.storage.local_folders import MAX_LISTINGS, listed, renamed


class Vanishing:
    """A file system in which a folder goes during the first listings."""

    def __init__(self, times: int) -> None:
        self.times = times

    def get_file_info(self, selector: pf.FileSelector) -> list[pf.FileInfo]:
        self.times -= 1
        if self.times >= 0:
            raise FileNotFoundError(2, "Cannot list directory")
        return pf.LocalFileSystem().get_file_info(selector)


def test_a_folder_that_goes_while_it_is_listed_is_listed_anew(tmp_path) -> None:
    (tmp_path / "inside").mkdir()
    selector = pf.FileSelector(str(tmp_path), recursive=True)
    assert [info.base_name for info in listed(Vanishing(3), selector)] == ["inside"]


def test_one_that_always_goes_is_told(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        listed(Vanishing(MAX_LISTINGS + 1), pf.FileSelector(str(tmp_path)))


def test_a_folder_is_renamed_or_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    assert renamed(tmp_path / "a", tmp_path / "b" / "c")
    assert (tmp_path / "b" / "c" / "x").read_text() == "1"
    assert not renamed(tmp_path / "a", tmp_path / "b" / "d")

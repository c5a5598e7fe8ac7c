"""What cannot be written is said with the place, what is free there, and what to do."""

import errno
import os
import tempfile
from pathlib import Path

import duckdb
import pytest

from guyot.errors import UnwritableError
from resources.storage import unwritable


def failed(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_with_what_is_free(tmp_path: Path, number: int) -> None:
    place = f"{tmp_path}/not/yet/there"
    with pytest.raises(UnwritableError) as told, unwritable.explained(place):
        raise failed(number)
    said = str(told.value)
    assert said.startswith(f"{place} was to be written, and {os.strerror(number)}: ")
    assert f" bytes are free in {place} and " in said
    assert f" bytes are free in {tempfile.gettempdir()}; make room (`guyot gc --dry-run`" in said
    free = int(said.partition(" bytes are free")[0].rpartition(" ")[2].replace(",", ""))
    assert free == pytest.approx(os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize, rel=0.2)


def test_of_a_lake_on_s3_the_temporary_directory_is_full() -> None:
    with pytest.raises(UnwritableError) as told, unwritable.explained("s3://bucket/lake"):
        raise failed(errno.ENOSPC)
    assert str(told.value).count("bytes are free in") == 1
    assert f"bytes are free in {tempfile.gettempdir()};" in str(told.value)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_closed_place_is_told_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UnwritableError) as told, unwritable.explained(str(tmp_path)):
        raise failed(number, f"{tmp_path}/.writing/one")
    said = f"{tmp_path} was to be written, and {os.strerror(number)}: {tmp_path}/.writing/one; "
    assert said in str(told.value)


@pytest.mark.parametrize("name", ["/elsewhere/model", "{}/table", None])
def test_what_cannot_be_read_is_not_told_as_written(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(PermissionError), unwritable.explained(str(tmp_path)):
        raise failed(errno.EACCES, name and name.format(tmp_path))


def test_what_duckdb_says_of_a_full_disk_is_told_likewise(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="bytes are free in"), unwritable.explained(str(tmp_path)):
        raise duckdb.IOException(f'Could not write file "x": {os.strerror(errno.ENOSPC)}')


def test_a_place_inside_another_one_is_told_once(tmp_path: Path) -> None:
    with (
        pytest.raises(UnwritableError) as told,
        unwritable.explained("/outer"),
        unwritable.explained(str(tmp_path)),
    ):
        raise failed(errno.ENOSPC)
    assert "/outer" not in str(told.value)


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(FileNotFoundError), unwritable.explained("/lake"):
        raise failed(errno.ENOENT, "x")
    with pytest.raises(ZeroDivisionError), unwritable.explained("/lake"):
        raise ZeroDivisionError

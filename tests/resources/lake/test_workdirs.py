"""Folders of dead writers are swept, and those of the living and of other machines are left."""

import os
import subprocess
import sys
import time

import pytest

from guyot.errors import SettingError
from resources.lake import workdirs
from resources.places import absolute
from resources.storage.files import Files


@pytest.fixture
def files(place, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return Files(absolute(place))


def left_by(process, folder):
    """Rename a writer's folder to one of another process."""
    host, _, rest = folder.name.rpartition("_")[0].rpartition("_")
    del rest
    return folder.rename(folder.with_name(f"{host}_{process}_{folder.name.rpartition('_')[2]}"))


def a_dead_process():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_the_folder_of_a_living_writer_is_left(files):
    folder = workdirs.new_folder(files)
    (folder / "half").write_text("x")
    assert workdirs.sweep(files) == 0
    assert (folder / "half").exists()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        moved = left_by(other.pid, folder)
        assert workdirs.sweep(files) == 0
        assert moved.exists()
        other.kill()


def test_the_folder_of_a_dead_writer_is_swept_with_all_in_it(files):
    folder = left_by(a_dead_process(), workdirs.new_folder(files))
    (folder / "deep").mkdir()
    (folder / "deep" / "half").write_text("x")
    mine = workdirs.new_folder(files)
    assert workdirs.sweep(files) == 1
    assert not folder.exists()
    assert mine.exists()


def test_another_machine_is_given_a_day(files):
    folder = workdirs.new_folder(files)
    foreign = folder.rename(folder.with_name(f"elsewhere_{a_dead_process()}_1"))
    assert workdirs.sweep(files) == 0
    assert foreign.exists()
    old = time.time() - workdirs._FOREIGN_SECONDS - 1
    os.utime(foreign, (old, old))
    assert workdirs.sweep(files) == 1


def test_two_writers_of_a_process_have_two_folders(files):
    assert workdirs.new_folder(files) != workdirs.new_folder(files)


def test_a_writer_works_inside_a_local_lake_and_on_this_machine_for_s3(files, tmp_path):
    folder = workdirs.new_folder(files)
    inside = tmp_path / "temporary" if files.remote else files.root
    assert folder.is_relative_to(inside)
    assert not [file for file in files.walk(files.root) if file.bytes]


def test_what_a_dead_query_spilled_is_swept_and_a_living_one_s_stays(files, tmp_path):
    folder = workdirs.spill_folder()
    assert not folder.exists()
    assert folder.is_relative_to(tmp_path / "temporary")
    folder.mkdir()
    (folder / "spilled").write_text("x")
    mine = workdirs.spill_folder()
    mine.mkdir()
    left_by(a_dead_process(), folder)
    assert workdirs.sweep(files) == 1
    assert [path for path in mine.parent.iterdir() if path.is_dir()] == [mine]


def test_a_temporary_folder_that_somebody_else_made_is_refused(files, tmp_path, monkeypatch):
    old = tmp_path / "theirs" / "old"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    place = tmp_path / "temporary" / f"guyot-{os.getuid()}"
    place.symlink_to(tmp_path / "theirs")
    with pytest.raises(SettingError, match="set TMPDIR to another directory"):
        workdirs.spill_folder()
    assert workdirs.sweep(files) == 0
    assert old.exists(), "what a link leads to is not ours to sweep"
    place.unlink()
    workdirs.spill_folder()
    assert place.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    (tmp_path / "temporary" / "guyot-12345").mkdir()
    with pytest.raises(SettingError, match=r"guyot-12345 is to hold this user's temporary files, and some"):
        workdirs.spill_folder()
    assert workdirs.sweep(files) == 0, "which goes on without it"


def test_nothing_to_sweep_is_no_error(files):
    assert workdirs.sweep(files) == 0


def test_a_writer_that_is_killed_leaves_a_folder_and_one_that_ends_well_none(files, tmp_path):
    code = (
        "import os, signal, sys, tempfile; tempfile.tempdir = sys.argv[2]\n"
        "from resources.lake import workdirs; from resources.storage.files import Files\n"
        "(workdirs.new_folder(Files(sys.argv[1])) / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    arguments = [sys.executable, "-c", code, files.root, str(tmp_path / "temporary")]
    assert subprocess.run(arguments, check=False).returncode == -9
    mine = workdirs.new_folder(files)
    assert len(list(mine.parent.iterdir())) == 2
    assert workdirs.sweep(files) == 1
    assert list(mine.parent.iterdir()) == [mine]


def test_a_process_of_another_person_is_alive(files, monkeypatch):
    folder = workdirs.new_folder(files)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "kill", refuse)
    assert workdirs.sweep(files) == 0
    assert folder.exists()


def test_names_that_no_writer_gives_are_left_for_a_day(files):
    folder = workdirs.new_folder(files)
    odd = [
        folder.rename(folder.with_name("odd")),
        workdirs.new_folder(files).rename(folder.with_name("a_b_c_d")),
    ]
    assert workdirs.sweep(files) == 0
    assert all(path.exists() for path in odd)

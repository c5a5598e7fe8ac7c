"""The walk over a source: what is passed over, what is followed, what is told."""

import os
import socket

from guyot.identity import content_digest
from resources.sources.local_listing import digest_of, etag_of, printable, walk


def listed(root, **options):
    return {seen.path: seen for seen in walk(str(root), **options)}


def problems(root):
    return {path: seen.problem for path, seen in listed(root).items() if seen.problem}


def test_files_are_found_and_hidden_ones_are_not(tmp_path):
    for name in ("a.py", "b/c.py", ".hidden.py", ".git/d.py", "b/__pycache__/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = listed(tmp_path)
    assert sorted(found) == ["a.py", "b/c.py"]
    assert found["a.py"].bytes == 1
    assert found["a.py"].etag == etag_of(str(tmp_path / "a.py"))


def test_links_to_files_and_directories_are_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.py").write_text("x")
    root = tmp_path / "root"
    root.mkdir()
    (root / "one").symlink_to(tmp_path / "elsewhere")
    (root / "two").symlink_to(tmp_path / "elsewhere")
    (root / "three.py").symlink_to(tmp_path / "elsewhere" / "a.py")
    assert sorted(listed(root)) == ["one/a.py", "three.py", "two/a.py"]
    assert problems(root) == {}


def test_loops_are_told_once_and_left(tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "a.py").write_text("x")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "d" / "up").symlink_to(tmp_path)
    (tmp_path / "d" / "e" / "here").symlink_to(".")
    assert problems(tmp_path) == {p: "symlink_loop" for p in ("self", "d/up", "d/e/here")}
    assert "d/a.py" in listed(tmp_path)


def test_two_directories_that_link_to_each_other(tmp_path):
    for here, there in ("ab", "ba"):
        (tmp_path / here).mkdir()
        (tmp_path / here / "x.py").write_text("x")
        (tmp_path / here / "link").symlink_to(tmp_path / there)
    assert problems(tmp_path) == dict.fromkeys(("a/link/link", "b/link/link"), "symlink_loop")


def test_special_files_are_told_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    found = listed(tmp_path)
    assert (found["fifo.txt"].problem, found["fifo.txt"].detail) == ("not_a_regular_file", "FIFO")
    assert found["null.txt"].detail == "character device"
    assert found["gone.txt"].problem == "dangling_link"


def test_what_the_kernel_makes_up_is_told_and_not_read(tmp_path):
    (tmp_path / "folder").symlink_to("/proc")
    (tmp_path / "deep").symlink_to("/proc/self/task")
    (tmp_path / "endless.txt").symlink_to("/proc/kmsg")  # a read of it waits for the kernel's next message
    (tmp_path / "a.txt").write_text("x")
    found = listed(tmp_path)
    assert sorted(found) == ["a.txt", "deep", "endless.txt", "folder"]
    assert problems(tmp_path) == dict.fromkeys(("folder", "deep", "endless.txt"), "not_a_regular_file")
    assert found["folder"].detail == "in the file system proc of the kernel's own, where nothing is stored"


def test_links_that_double_at_every_step_are_followed_some_times(tmp_path):
    for step in range(24):
        (tmp_path / f"d{step}").mkdir()
        (tmp_path / f"d{step}" / f"f{step}.py").write_text("x")
        for name in ("a", "b"):
            (tmp_path / f"d{step}" / name).symlink_to(tmp_path / f"d{step + 1}")
    (tmp_path / "d24").mkdir()
    found = list(walk(str(tmp_path / "d0")))
    names = {path for path in (seen.path for seen in found) if path.endswith("f23.py")}
    assert len(names) == 64
    assert len(found) < 64 * 25 * 3
    assert {seen.problem for seen in found} == {"", "too_many_names"}
    assert [seen.path for seen in found] == [seen.path for seen in walk(str(tmp_path / "d0"))]


def test_other_bytes_of_the_same_size_and_time_are_noticed(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    before, status = etag_of(str(path)), path.stat()
    while path.stat().st_ctime_ns == status.st_ctime_ns:  # the clock of some file systems ticks slowly
        path.write_text("two")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert etag_of(str(path)) != before


def test_a_socket_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s.txt")
        assert listed(tmp_path)["s.txt"].detail == "socket"


def test_a_name_that_is_not_utf8_is_told_in_printable_form(tmp_path):
    with open(os.fsencode(tmp_path) + b"/a\xff.py", "wb"):
        pass
    assert problems(tmp_path) == {"a\\xff.py": "name_not_utf8"}
    assert printable("é") == "é"


def test_a_directory_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.py").write_text("x")
    scandir = os.scandir

    def refuse(path):
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    # root may list any directory, so the refusal is played
    monkeypatch.setattr(os, "scandir", refuse)
    assert problems(tmp_path) == {"closed": "unreadable"}
    assert "a.py" in listed(tmp_path)


def test_a_directory_can_be_left_out(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.py").write_text("x")
    (tmp_path / "link").symlink_to("lake")
    assert listed(tmp_path, leave_out=str(tmp_path / "link")) == {}


def test_a_link_into_a_directory_that_is_left_out_is_left_out_too(tmp_path):
    (tmp_path / "lake" / "table").mkdir(parents=True)
    (tmp_path / "lake" / "table" / "a.py").write_text("x")
    (tmp_path / "lake2").mkdir()
    (tmp_path / "lake2" / "b.py").write_text("x")
    source = tmp_path / "source"
    source.mkdir()
    (source / "table").symlink_to("../lake/table")
    (source / "around").symlink_to("..")
    (source / "lake2").symlink_to("../lake2")
    found = listed(source, leave_out=str(tmp_path / "lake"))
    assert [path for path in sorted(found) if path.endswith(".py")] == ["around/lake2/b.py", "lake2/b.py"]


def test_digest(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert digest_of(str(tmp_path / "a")) == content_digest(b"abc")

"""What is finished is kept whole or not at all."""

from resources.scenes.finished import FinishedFolder


def test_what_is_saved_is_read_and_cleared(tmp_path):
    finished = FinishedFolder(tmp_path / "one" / "two")
    assert finished.read("key") is None
    finished.save("key", b"content")
    finished.save("key", b"content")
    finished.save("key2", b"")
    assert (finished.read("key"), finished.read("key2")) == (b"content", b"")
    assert len(list(finished.folder.iterdir())) == 2
    finished.clear()
    assert finished.read("key") is None
    finished.clear()


def test_a_damaged_file_is_ignored_and_another_found_beside_it(tmp_path):
    finished = FinishedFolder(tmp_path)
    finished.save("key", b"content")
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"conten")
    assert finished.read("key") is None
    finished.save("key", b"other")
    assert finished.read("key") == b"other"


def test_what_a_killed_writer_left_is_no_scene(tmp_path):
    (tmp_path / "key.123").write_bytes(b"content")
    assert FinishedFolder(tmp_path).read("key") is None

"""What Ray says of the cluster is a line, through a private name of the pinned version."""

import importlib.util
import logging

import pytest

from resources.engines.ray_internals import say_errors_in_a_line

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


def test_it_was_seen_in_the_version_that_is_pinned() -> None:
    import ray

    assert ray.__version__ == "2.60.0", "see in the new version that a task out of memory is one line"


def test_of_a_message_the_first_line_is_logged_and_nothing_printed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    import ray

    worker = ray._private.worker
    monkeypatch.setattr(worker, "print_to_stdstream", worker.print_to_stdstream)  # put back after
    say_errors_in_a_line(ray)
    message = {"lines": ["a task ran out of memory\nand thirty lines more"], "pid": "raylet", "is_err": False}
    with caplog.at_level(logging.INFO, "guyot.progress"):
        worker.print_to_stdstream(message, ignore_prefix=False)
    assert caplog.messages == ["Ray: a task ran out of memory"]
    assert capfd.readouterr() == ("", "")

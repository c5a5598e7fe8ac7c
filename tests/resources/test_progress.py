"""WorkProgress says how far work is, how fast, and how long it will take."""

import logging
import threading

import pytest

from resources import progress
from resources.progress import LOGGER, ProgressStep, WorkProgress, tracked


def test_a_step_says_rate_and_time_left() -> None:
    assert str(ProgressStep("embeddings", "documents", 50, 200, 10)) == (
        "embeddings: 50/200 documents, 5.0/s, 30 s left"
    )


def test_the_end_is_always_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "propagate", True)
    with caplog.at_level(logging.INFO, logger=LOGGER.name):
        assert list(tracked("abc", "letters", 3, "letters")) == ["a", "b", "c"]
    assert caplog.messages[-1].startswith("letters: 3/3 letters")


def test_work_of_unknown_length_is_told_without_time_left_and_its_end_only_if_it_was_told_before(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOGGER, "propagate", True)
    with caplog.at_level(logging.INFO, logger=LOGGER.name):
        quick = WorkProgress("reading", None, "bytes")
        quick.advance(10)
        quick.finish()
        assert not caplog.messages
        monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.0)
        slow = WorkProgress("reading", None, "bytes")
        slow.advance(10)
        slow.finish()
    assert str(ProgressStep("reading", "bytes", 50, None, 10)) == "reading: 50 bytes, 5.0/s"
    steps = list(dict.fromkeys(record.step for record in caplog.records))  # other handlers may show them too
    assert [(step.done, step.total, step.finished) for step in steps] == [(10, None, False), (10, 10, True)]


def test_work_of_a_thread_that_nobody_waits_for_stops_where_it_counts() -> None:
    stop, stopped = threading.Event(), list[int]()

    def work() -> None:
        progress.stop_at(stop)
        counted = WorkProgress("counting", 10, "numbers")
        counted.advance()
        stop.set()
        try:
            counted.advance()
        except progress.StoppedError:
            stopped.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert stopped == [1]
    WorkProgress("counting", 10, "numbers").advance()  # this thread goes on

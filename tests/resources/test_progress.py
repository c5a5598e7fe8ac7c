"""Progress says how far work is, how fast, and how long it will take."""

import logging

import pytest

from resources.progress import LOGGER, Step, tracked


def test_a_step_says_rate_and_time_left() -> None:
    assert str(Step("embeddings", "documents", 50, 200, 10)) == (
        "embeddings: 50/200 documents, 5.0/s, 30 s left"
    )


def test_the_end_is_always_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "propagate", True)
    with caplog.at_level(logging.INFO, logger=LOGGER.name):
        assert list(tracked("abc", "letters", 3, "letters")) == ["a", "b", "c"]
    assert caplog.messages[-1].startswith("letters: 3/3 letters")

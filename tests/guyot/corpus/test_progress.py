"""Progress on stderr: nothing for short work, one line for long work."""

import io
import sys
import threading

import pytest

from guyot.corpus import progress as module
from guyot.corpus.progress import Progress, shown


class Terminal(io.StringIO):
    """Text that says when it was written to, and that it is a terminal or not."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty
        self.written = threading.Event()

    def isatty(self) -> bool:
        return self._tty

    def flush(self) -> None:
        self.written.set()


def shown_in(patch: pytest.MonkeyPatch, terminal: Terminal) -> Progress:
    patch.setattr(sys, "stderr", terminal)
    patch.setattr(module, "_EVERY_SECONDS", 0.001)
    progress = Progress()
    progress.begin("encoding", 2000)
    progress.advance(500)
    with shown(progress, after_seconds=0):
        assert terminal.written.wait(10)
    return progress


def test_short_work_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(Progress("quick")):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_in(monkeypatch, terminal := Terminal(tty=True))
    lines = terminal.getvalue().split("\r")
    assert lines[1].startswith("encoding 500/2,000 documents, ")
    assert lines[-2:] == [" " * 78, ""]
    assert "\n" not in terminal.getvalue()


def test_a_file_gets_a_line_when_the_work_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_in(monkeypatch, terminal := Terminal(tty=False))
    assert terminal.getvalue().splitlines() == [terminal.getvalue().strip()]
    assert terminal.getvalue().startswith("encoding 500/2,000 documents, ")


def test_it_ends_when_the_work_fails() -> None:
    before = threading.active_count()
    with pytest.raises(ValueError, match="bad"), shown(Progress("long"), after_seconds=60):
        raise ValueError("bad")
    assert threading.active_count() == before

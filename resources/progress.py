"""Progress of long work, as log records with a rate and the time left.

The records go to the logger `guyot.progress`; a run's log in the UI shows them as lines, and the
command line draws a bar from the same records.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")
LOGGER = logging.getLogger("guyot.progress")
_EVERY_SECONDS = 5.0
_THREAD = threading.local()


class StoppedError(RuntimeError):
    """Nobody waits for this thread's work any more."""


def stop_at(stop: threading.Event) -> None:
    """Raise StoppedError in this thread's work, when it next counts what is done, once an event is set."""
    _THREAD.stop = stop


def check_stop() -> None:
    """Raise where this thread's work is to stop."""
    stop: threading.Event | None = getattr(_THREAD, "stop", None)
    if stop is not None and stop.is_set():
        raise StoppedError("interrupted")


@dataclass(frozen=True)
class ProgressStep:
    """How far a piece of work is; total is None where it is unknown."""

    work: str
    unit: str
    done: float
    total: float | None
    seconds: float

    @property
    def begins(self) -> bool:
        """Return whether nothing of the work is done yet."""
        return not self.done

    @property
    def finished(self) -> bool:
        """Return whether all of the work is done."""
        return self.total is not None and self.done >= self.total

    def __str__(self) -> str:
        """Describe it in one line."""
        if self.begins:
            return f"{self.work}: begins, {self.total or 0:,.0f} {self.unit}"
        rate = self.done / self.seconds if self.seconds > 0 else 0.0
        if self.total is None:
            return f"{self.work}: {self.done:,.0f} {self.unit}, {rate:,.1f}/s"
        left = f", {(self.total - self.done) / rate:,.0f} s left" if rate and not self.finished else ""
        return f"{self.work}: {self.done:,.0f}/{self.total:,.0f} {self.unit}, {rate:,.1f}/s{left}"


class WorkProgress:
    """Counts one piece of work and reports every few seconds; total is None where it is unknown."""

    def __init__(self, work: str, total: float | None, unit: str) -> None:
        self._work, self._total, self._unit = work, total, unit
        self._begun = self._reported = time.monotonic()
        self._done = 0.0
        self._lock = threading.Lock()

    def advance(self, amount: float = 1) -> None:
        """Count work that is done, and report if some time has passed since the last report."""
        with self._lock:
            self._done += amount
            done = self._done
        self.at(done)

    def at(self, done: float) -> None:
        """Set the total amount done so far; raise StoppedError where the thread's work is to stop."""
        check_stop()
        with self._lock:
            self._done = max(self._done, done)
            now = time.monotonic()
            if now - self._reported < _EVERY_SECONDS and (self._total is None or done < self._total):
                return
            self._reported = now
        _report(ProgressStep(self._work, self._unit, done, self._total, now - self._begun))

    def finish(self) -> None:
        """Report the end of work whose total was unknown, if anything was reported of it before."""
        if self._reported > self._begun:
            _report(
                ProgressStep(self._work, self._unit, self._done, self._done, time.monotonic() - self._begun)
            )


def note(line: str) -> None:
    """Log a line of what happens to the work: beside its progress at a terminal, and in a run's log."""
    LOGGER.warning("%s", line)


def _report(step: ProgressStep) -> None:
    """Log a step."""
    LOGGER.info("%s", step, extra={"step": step})


_UNDER_WAY: dict[str, WorkProgress] = {}
_COLLECTED: list[dict[str, float]] = []
_COLLECTING = threading.Lock()


@contextlib.contextmanager
def begun(work: str, total: float, unit: str) -> Iterator[WorkProgress]:
    """Report that work begins, and count it under its name: functions of plain values report to it."""
    _report(ProgressStep(work, unit, 0, total, 0.0))
    _UNDER_WAY[work] = WorkProgress(work, total, unit)
    try:
        yield _UNDER_WAY[work]
    finally:
        del _UNDER_WAY[work]


@contextlib.contextmanager
def collected() -> Iterator[dict[str, float]]:
    """Gather what is counted under names that did not begin in this process: another one counts it on."""
    counted: dict[str, float] = {}
    with _COLLECTING:
        _COLLECTED.append(counted)
    try:
        yield counted
    finally:
        with _COLLECTING:
            _COLLECTED[:] = [other for other in _COLLECTED if other is not counted]


def advance(work: str, amount: float = 1) -> None:
    """Count work that is done under a name; what has not begun in this process is for `collected`."""
    progress = _UNDER_WAY.get(work)
    if progress is not None:
        progress.advance(amount)
        return
    with _COLLECTING:
        for counted in _COLLECTED:
            counted[work] = counted.get(work, 0.0) + amount


def tracked(items: Iterable[Item], work: str, total: int, unit: str) -> Iterator[Item]:
    """Yield items and count them."""
    progress = WorkProgress(work, total, unit)
    for item in items:
        yield item
        progress.advance()

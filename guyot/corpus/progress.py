"""Progress of long work in a notebook or a terminal: one line on stderr, once it has taken two seconds."""

import contextlib
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field

AFTER_SECONDS = 2.0
_EVERY_SECONDS = 0.5
_WIDTH = 78


@dataclass
class Progress:
    """What is being done: `begin` a piece of work, `advance` in it.

    work : what is being done
    done, total : of its units; a total of 0 is not known
    """

    work: str = ""
    unit: str = ""
    done: int = 0
    total: int = 0
    begun: float = field(default_factory=time.monotonic)

    def begin(self, work: str, total: int = 0, unit: str = "documents") -> None:
        """Begin another piece of work."""
        self.work, self.total, self.unit, self.done = work, total, unit, 0

    def advance(self, amount: int = 1) -> None:
        """Count units that are done."""
        self.done += amount

    def reached(self, done: int, total: int) -> None:
        """Set how many units are done, and of how many, where other code counts them."""
        self.done, self.total = done, total

    def __str__(self) -> str:
        """Describe it in one line.

        Examples
        --------
        >>> progress = Progress(begun=time.monotonic())
        >>> progress.begin("encoding", 2000)
        >>> progress.advance(500)
        >>> str(progress)
        'encoding 500/2,000 documents, 0 s'
        """
        counted = f" {self.done:,}/{self.total:,} {self.unit}" if self.total else ""
        return f"{self.work}{counted}, {time.monotonic() - self.begun:.0f} s"


@contextlib.contextmanager
def shown(progress: Progress, *, after_seconds: float = AFTER_SECONDS) -> Generator[None]:
    """Show progress on stderr while the block runs, if it takes longer than some seconds.

    A terminal and a notebook get one line that changes; a file or a pipe a line whenever the work changes.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(progress, ended, after_seconds), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _show(progress: Progress, ended: threading.Event, after_seconds: float) -> None:
    """Write the line now and then, until the work has ended."""
    if ended.wait(after_seconds):
        return
    changes = sys.stderr.isatty() or "ipykernel" in sys.modules
    last = ""
    while True:
        if changes:
            print(f"\r{str(progress)[:_WIDTH]:<{_WIDTH}}", end="", file=sys.stderr, flush=True)  # noqa: T201
        elif progress.work != last:
            print(progress, file=sys.stderr, flush=True)  # noqa: T201
            last = progress.work
        if ended.wait(_EVERY_SECONDS):
            break
    if changes:
        print(f"\r{'':<{_WIDTH}}\r", end="", file=sys.stderr, flush=True)  # noqa: T201

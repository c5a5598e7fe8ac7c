"""Draws charts in a separate process, since the drawing library may abort the process that it runs in."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from guyot.errors import GuyotError
from resources import picture_worker
from resources.labels import label, with_labels

_PICTURE_SECONDS, _IDLE_SECONDS = 60, 60.0
_MAX_MESSAGE_CHARS = 300


class PictureError(GuyotError, RuntimeError):
    """A chart that could not be drawn."""


class PictureProcess:
    """A process that draws charts, started for the first chart and restarted after it has ended.

    It ends when its parent process ends, even if that is killed; a fork starts its own process. Threads
    use it one at a time.

    Parameters
    ----------
    picture_seconds : a chart that takes longer raises PictureError
    idle_seconds : the process ends after this time without a chart, and the next chart starts another
    """

    def __init__(
        self, *, picture_seconds: int = _PICTURE_SECONDS, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        self._picture_seconds = picture_seconds
        self._arguments = [str(picture_seconds), str(idle_seconds)]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, or None while there is none."""
        return self._process.pid if self._process else None

    def png(self, specification: str) -> bytes:
        """Draw a Vega-Lite specification, in JSON, as a PNG.

        Raises
        ------
        PictureError : the library refused the chart, aborted its process, or took too long.

        Notes
        -----
        Some 30 ms; half a second more for the first, which starts the process.
        """
        content = specification.encode()
        with self._lock:
            was_running = self._process is not None
            answer = self._ask(content)
            if isinstance(answer, int) and was_running:  # it may have been idle, or killed
                answer = self._ask(content)
        if isinstance(answer, int):
            raise PictureError(self._why_ended(answer))
        kind, found = answer[:1], answer[1:]
        if kind != picture_worker.PNG:
            raise PictureError(label(found.decode())[:_MAX_MESSAGE_CHARS])
        return found

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._let_go()

    def forget(self) -> None:
        """Leave the process to the one that started it; a fork calls this first."""
        self._lock = threading.Lock()
        if self._process is not None:
            self._process.returncode = 0  # nothing of ours to wait for
            self._let_go()

    def _ask(self, content: bytes) -> bytes | int:
        """Return the answer, or the exit status of a process that ended instead."""
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        answered = False
        try:
            picture_worker.send(process.stdin.fileno(), content)
            answer = picture_worker.receive(process.stdout.fileno())
            answered = True
            return answer
        except (EOFError, BrokenPipeError):
            return process.wait()
        finally:
            if not answered:  # an interrupt too: what it would answer later belongs to no question
                self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process in a new session, so that Ctrl-C in the terminal does not reach it."""
        return subprocess.Popen(
            [sys.executable, "-P", picture_worker.__file__, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )

    def _let_go(self) -> None:
        """Close the pipes."""
        process, self._process = self._process, None
        for pipe in (process.stdin, process.stdout) if process else ():
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _why_ended(self, status: int) -> str:
        """Describe how the process ended."""
        if status == -signal.SIGALRM:
            return f"it took longer than {self._picture_seconds} s"
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        return f"the process that draws it ended with {how}"


_OF_THIS_PROCESS = PictureProcess()
atexit.register(_OF_THIS_PROCESS.close)
os.register_at_fork(after_in_child=_OF_THIS_PROCESS.forget)


def specification(chart: Any) -> dict[str, Any]:  # an altair chart
    """Write a chart as Vega-Lite, every string in it a label that can be shown.

    All charts pass here, those that the page draws too.
    """
    return with_labels(chart.to_dict())


def png(specification: str) -> bytes:
    """Draw a Vega-Lite specification as `PictureProcess.png` does, in the process that all charts share."""
    return _OF_THIS_PROCESS.png(specification)

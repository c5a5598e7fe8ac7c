"""Draws charts in a separate process, since the drawing library may abort the process that it runs in."""

import atexit
import os
import sys
import threading
from typing import Any

from guyot.errors import GuyotError
from guyot.text.labels import label, with_labels
from resources import picture_worker
from resources.worker_process import WorkerProcess, how_it_ended

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
        self._lock = threading.Lock()
        self._worker = WorkerProcess(
            [sys.executable, "-P", picture_worker.__file__, str(picture_seconds), str(idle_seconds)]
        )

    @property
    def pid(self) -> int | None:
        """The number of the process, or None while there is none."""
        return self._worker.pid

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
            was_running = self._worker.pid is not None
            answer = self._worker.ask(content)
            if isinstance(answer, int) and was_running:  # it may have been idle, or killed
                answer = self._worker.ask(content)
        if isinstance(answer, int):
            raise PictureError(how_it_ended(answer, self._picture_seconds))
        kind, found = answer[:1], answer[1:]
        if kind != picture_worker.PNG:
            raise PictureError(label(found.decode())[:_MAX_MESSAGE_CHARS])
        return found

    def close(self) -> None:
        """End the process, if there is one."""
        self._worker.close()

    def forget(self) -> None:
        """Leave the process to the one that started it; a fork calls this first."""
        self._lock = threading.Lock()
        self._worker.forget()


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

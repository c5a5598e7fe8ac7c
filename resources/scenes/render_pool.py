"""Renders scenes in processes of their own: one that hangs or aborts costs its scene alone, tried twice."""

import dataclasses
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from guyot.errors import GuyotError, SettingError
from resources.scenes.render_worker import unpack
from resources.scenes.renderer import RenderSettings
from resources.worker_process import WorkerProcess, how_it_ended

_MIN_CORES = 2
_TRIES = 2


class SceneError(GuyotError, RuntimeError):
    """Scenes that could not be rendered."""


@dataclasses.dataclass(frozen=True)
class Rendering:
    """One scene to be rendered, in one or more encodings.

    specs : canonical JSON of `guyot.scenes.spec`, equal but for the encoding
    """

    specs: tuple[str, ...]

    @property
    def request(self) -> bytes:
        """What a worker is asked."""
        return json.dumps(self.specs).encode()


@dataclasses.dataclass(frozen=True)
class Rendered:
    """The files of a rendering, in the order of its specs; or none and why."""

    rendering: Rendering
    files: tuple[bytes, ...]
    failure: str = ""


def check_cores() -> None:
    """Raise where this process may use one core only.

    Raises
    ------
    SettingError : Mitsuba's scalar variants were seen to wait for ever under an affinity of one core.
    """
    cores = len(os.sched_getaffinity(0))
    if cores < _MIN_CORES:
        raise SettingError(
            f"scenes were to be rendered on {cores} core; the renderer may wait for ever on fewer than "
            f"{_MIN_CORES}; widen the affinity of the process (taskset, cpuset of a container)"
        )


class RenderPool:
    """Processes that render, each with one thread.

    Parameters
    ----------
    settings : of every scene
    processes : how many; each takes some 300 MB
    scene_seconds : a scene that takes longer ends its process; the first of a process loads the renderer too

    Raises
    ------
    SettingError : see `check_cores`.
    """

    def __init__(self, settings: RenderSettings, *, processes: int = 2, scene_seconds: int = 60) -> None:
        check_cores()
        self._scene_seconds, self._processes = scene_seconds, processes
        numbers = (scene_seconds, settings.side, settings.samples, settings.depth)
        self._command = [sys.executable, "-P", "-m", "resources.scenes.render_worker", *map(str, numbers)]
        self._workers: list[WorkerProcess] = []
        self._of_thread = threading.local()
        self._stop = threading.Event()

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that there are."""
        return [pid for worker in self._workers if (pid := worker.pid) is not None]

    def render(self, renderings: Sequence[Rendering]) -> Iterator[Rendered]:
        """Yield what becomes of each rendering, in their order; ends the processes at its end."""
        threads = ThreadPoolExecutor(self._processes, "scenes")
        try:
            yield from threads.map(self._render, renderings)
        finally:
            self._stop.set()
            for worker in self._workers:
                worker.kill()
            threads.shutdown(wait=True, cancel_futures=True)
            for worker in self._workers:
                worker.close()

    def _render(self, rendering: Rendering) -> Rendered:
        """Render one scene in this thread's process, if need be in another one again."""
        worker = getattr(self._of_thread, "worker", None)
        if worker is None:
            worker = self._of_thread.worker = WorkerProcess(self._command)
            self._workers.append(worker)
        failures: list[str] = []
        while len(failures) < _TRIES and not self._stop.is_set():
            answer = worker.ask(rendering.request)
            if not isinstance(answer, int):
                return Rendered(rendering, tuple(unpack(answer)))
            failures.append(how_it_ended(answer, self._scene_seconds))
        return Rendered(rendering, (), "; again: ".join(failures) or "stopped")

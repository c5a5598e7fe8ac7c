"""Parallel execution behind one method, `map`: by threads here; a cluster can implement the same."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from dagster import ConfigurableResource, ResourceDependency

from resources import progress
from resources.settings import Settings

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 2  # items submitted per worker beyond the one whose result is awaited


class Engine(ConfigurableResource[Any]):
    """Runs a pure function over items: a shard each, or a bucket of clusters each."""

    settings: ResourceDependency[Settings]

    @property
    def has_own_cores(self) -> bool:
        """Whether each item has processors of its own."""
        return False

    @property
    def workers(self) -> int:
        """Count the worker threads."""
        return self.settings.threads or len(os.sched_getaffinity(0))

    def map(
        self, function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
    ) -> Iterator[Result]:
        """Yield function(item) in the order of the items.

        The first failure is raised at its item's turn, and what has not started never starts.
        At most a few items per worker are under way, so results do not pile up.

        Parameters
        ----------
        function : of a module, or `functools.partial` of one with plain values: it captures nothing, changes
            nothing that it is given and returns values, so that an engine may run it in another process
        items : plain values, such as dataclasses of names, numbers and arrays
        workers : at most so many at a time, be they more than the engine's, as many as which there are if it
            is not stated; with 1, in the thread of the caller, which an interrupt reaches
        """
        n_workers = workers or self.workers
        if n_workers == 1:
            yield from map(function, items)
            return
        waiting: deque[Future[Result]] = deque()
        stop = threading.Event()
        pool = ThreadPoolExecutor(n_workers, "guyot", initializer=progress.stop_at, initargs=(stop,))
        waits = False  # an interrupt does not wait for what is under way, which stops when it counts its work
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > n_workers * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
            waits = True
        except (Exception, GeneratorExit):
            waits = True
            raise
        finally:
            if not waits:
                stop.set()
            pool.shutdown(wait=waits, cancel_futures=True)

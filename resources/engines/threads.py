"""Fan-out: one method, over threads today and over a cluster's tasks when one is given."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from dagster import ConfigurableResource, ResourceDependency

from resources.settings import Settings

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 2  # items submitted per worker beyond the one whose result is awaited


class Engine(ConfigurableResource[Any]):
    """Runs a pure function over items: a shard each, or a bucket of clusters each."""

    settings: ResourceDependency[Settings]

    @property
    def workers(self) -> int:
        """Count the worker threads."""
        return self.settings.threads or len(os.sched_getaffinity(0))

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield function(item) in the order of the items.

        The first failure is raised at its item's turn, and what has not started never starts.
        At most a few items per worker are under way, so results do not pile up.
        """
        waiting: deque[Future[Result]] = deque()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="guyot") as pool:
            try:
                for item in items:
                    waiting.append(pool.submit(function, item))
                    if len(waiting) > self.workers * _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

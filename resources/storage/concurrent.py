"""Runs many small requests concurrently: on S3, one after the other, they would take minutes.

Those that are answered at once, as from a disk, are made one after the other: threads cost more than they do.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
N_CONCURRENT = 16
_QUICK_SECONDS = 0.001  # a request to S3 takes longer
_SLOW_ONES, _SLOW_PART = 4, 8  # so many slow ones, and one of so many: where the machine is busy, few are
_TIMED_TOGETHER = 64


def concurrent(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Call a function for each item, a few at a time where that pays; return the results in the items' order.

    Raises
    ------
    The first error by the order of the items; calls that have not started are cancelled.
    """
    left, found, n_slow, n_timed = iter(items), list[R](), 0, 0
    for item in left:
        begun = time.perf_counter()
        found.append(function(item))
        n_slow, n_timed = n_slow + (time.perf_counter() - begun > _QUICK_SECONDS), n_timed + 1
        if n_slow >= max(_SLOW_ONES, n_timed / _SLOW_PART):
            break
        if n_timed == _TIMED_TOGETHER:  # so that slow ones are noticed after many that were quick
            n_slow, n_timed = 0, 0
    rest = list(left)
    if not rest:
        return found
    with ThreadPoolExecutor(N_CONCURRENT) as pool:
        try:
            return [*found, *pool.map(function, rest)]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def read_ahead(function: Callable[[T], R], items: Iterable[T], n_ahead: int) -> Iterator[R]:
    """Yield function(item) in the order of the items, called for the next ones while the last is looked at.

    Parameters
    ----------
    n_ahead : of the next ones, each by a thread

    Raises
    ------
    What the function raises, at its item's turn.
    """
    with ThreadPoolExecutor(n_ahead, "guyot-reads") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > n_ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

"""Runs many small requests concurrently: on S3, one after the other, they would take minutes.

Those that are answered at once, as from a disk, are made one after the other: threads cost more than they do.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
N_CONCURRENT = 16
_QUICK_SECONDS = 0.001  # on average; a request to S3 takes longer
_TIMED_TOGETHER = 64
_SLOW_ONES = 4  # as many quick ones may take together before they count as slow


def concurrent(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Call a function for each item, a few at a time where that pays; return the results in the items' order.

    Raises
    ------
    The first error by the order of the items; calls that have not started are cancelled.
    """
    left = iter(items)
    found, begun, n_timed = list[R](), time.monotonic(), 0
    for item in left:
        found.append(function(item))
        n_timed += 1
        if time.monotonic() - begun > _QUICK_SECONDS * (n_timed + _SLOW_ONES):
            break
        if n_timed == _TIMED_TOGETHER:  # so that slow ones are noticed after many that were quick
            begun, n_timed = time.monotonic(), 0
    rest = list(left)
    if not rest:
        return found
    with ThreadPoolExecutor(N_CONCURRENT) as pool:
        try:
            return [*found, *pool.map(function, rest)]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise

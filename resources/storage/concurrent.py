"""Runs many small requests concurrently: on S3, one after the other, they would take minutes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
N_CONCURRENT = 16


def concurrent(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Call a function for each item, a few at a time; return the results in the items' order.

    Raises
    ------
    The first error by the order of the items; calls that have not started are cancelled.
    """
    with ThreadPoolExecutor(N_CONCURRENT) as pool:
        try:
            return list(pool.map(function, items))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise

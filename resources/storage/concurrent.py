"""Asks many small things at once: on S3 each is a request, and one after the other they take minutes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
N_CONCURRENT = 16


def concurrent(ask: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Ask for each item, a few at a time; answer in their order.

    Raises
    ------
    What the first of the items raises that raises; those not yet asked for are not asked.
    """
    with ThreadPoolExecutor(N_CONCURRENT) as pool:
        try:
            return list(pool.map(ask, items))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise

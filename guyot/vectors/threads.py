"""Threads of a search: one thread of BLAS in each, which cost fewer core-seconds than BLAS's own.

BLAS's threads spin while they wait for one another, which beside other work costs several times the
product. So a search splits its rows instead. Its results do not depend on how many threads there are.
"""

import contextlib
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 2  # items under way per thread beyond the one whose result is awaited


class _State:
    """How many searches are under way, and how many threads they have."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.searches = 0
        self.threads = 0
        self.restore: contextlib.ExitStack | None = None


_STATE = _State()


def n_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def one_blas_thread() -> Generator[None]:
    """Limit BLAS to one thread until the last of those who asked for it is done."""
    with _STATE.lock:
        if not _STATE.searches:
            _STATE.restore = contextlib.ExitStack()
            _STATE.restore.enter_context(_limit_blas())
        _STATE.searches += 1
    try:
        yield
    finally:
        with _STATE.lock:
            _STATE.searches -= 1
            if not _STATE.searches and _STATE.restore is not None:
                _STATE.restore.close()


def in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield function(item) in the order of the items, by as many threads as there are idle cores.

    Parameters
    ----------
    function : must not change what others read
    items : of similar cost, read as they are needed; a single one is computed in this thread

    Notes
    -----
    Cores are idle that no other search of this process has. A few results per thread are held at most.

    Examples
    --------
    >>> list(in_threads(lambda number: number * number, [1, 2, 3]))
    [1, 4, 9]
    """
    left = iter(items)
    first = list(itertools.islice(left, 2))
    if len(first) < 2:  # which leaves the cores to what it does itself
        with one_blas_thread():
            yield from map(function, first)
        return
    most = len(items) if isinstance(items, Sized) else n_cores()
    items = itertools.chain(first, left)
    with one_blas_thread(), _threads(most) as n_threads:
        if n_threads == 1:
            yield from map(function, items)
            return
        waiting: deque[Future[Result]] = deque()
        pool = ThreadPoolExecutor(n_threads, thread_name_prefix="guyot-vectors")
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > n_threads * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _threads(n_items: int) -> Generator[int]:
    """Take threads for as many items, one at least, and give them back."""
    with _STATE.lock:
        n_threads = max(1, min(n_items, n_cores() - _STATE.threads))
        _STATE.threads += n_threads
    try:
        yield n_threads
    finally:
        with _STATE.lock:
            _STATE.threads -= n_threads


def _limit_blas() -> contextlib.AbstractContextManager[object]:
    """Limit BLAS to one thread, until the context is left."""
    return _controller().limit(limits=1, user_api="blas")  # pyright: ignore[reportUnknownMemberType]


@cache
def _controller() -> "ThreadpoolController":
    """Find the BLAS libraries of this process, once: it takes milliseconds."""
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

    return ThreadpoolController()

"""Gives memory that is free back to the system: allocators keep what many small arrays had."""

import ctypes
import functools
from collections.abc import Callable

import pyarrow as pa

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_POOLS = 4


def give_back() -> None:
    """Return free memory of the C library and of Arrow to the system.

    Between two phases whose arrays are of other sizes: what the threads of a search leave is half a gigabyte
    with ten million documents, and would be held beside what comes next. Some milliseconds.
    """
    pa.default_memory_pool().release_unused()
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


@functools.cache
def keep_few_pools() -> None:
    """Let the threads of this process share few pools of memory, once: glibc makes eight for each core.

    Each keeps some tens of megabytes that are free, so that a search in threads, and readers beside it, would
    hold half a gigabyte more than they use.
    """
    mallopt = _of_c_library("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, _POOLS)


@functools.cache
def _of_c_library(name: str) -> Callable[..., int] | None:
    """Find a function of glibc's; other C libraries have none of them."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None

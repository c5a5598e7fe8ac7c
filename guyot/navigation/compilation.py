"""Loops over arrays, compiled by numba where it is installed; else Python runs them as they are, slowly.

This is the one place that knows numba. A loop is a plain function of arrays and numbers; functions that it
calls must stand in its own file, since numba's cache on disk notices changes of that file alone.
"""

import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., Any])
_done: dict[Callable[..., Any], Any] = {}


def numba_is_installed() -> bool:
    """Return whether loops are compiled (pip install "guyot[navigation]").

    Examples
    --------
    >>> isinstance(numba_is_installed(), bool)
    True
    """
    return importlib.util.find_spec("numba") is not None


def compiled(loop: Loop, *called: Callable[..., Any]) -> Loop:
    """Return a loop compiled, or the loop itself where numba is not installed.

    Parameters
    ----------
    loop : a function of arrays and numbers, at the top of a module
    called : the functions of that module that it calls

    Returns
    -------
    a function of the same arguments and results; it lets other threads run meanwhile

    Notes
    -----
    A first call with new types compiles, in 0.5 to 2 CPU seconds; the result is kept on disk beside the
    module, or where NUMBA_CACHE_DIR says, and read from there in 10 ms by later processes. In each process
    the first loop loads numba, in 1 to 3 s. Constants are compiled in: the cache is of the loop's file
    alone, and a change of what it imports needs a change of it too.

    Examples
    --------
    >>> from guyot.navigation.mazes import _carve
    >>> (compiled(_carve) is _carve) != numba_is_installed()
    True
    """
    if loop not in _done:
        _done[loop] = _compile(loop, called) if numba_is_installed() else loop
    return _done[loop]


def _compile(loop: Loop, called: tuple[Callable[..., Any], ...]) -> Loop:
    """Compile a loop; what it calls becomes part of it."""
    import numba  # pyright: ignore[reportMissingTypeStubs]
    from numba.extending import register_jitable  # pyright: ignore[reportMissingTypeStubs]

    for function in called:
        register_jitable(function)
    options: dict[str, Any] = {"nogil": True, "boundscheck": False}
    try:
        return cast(Loop, numba.njit(cache=True, **options)(loop))
    except RuntimeError:  # there is no folder to keep it in
        return cast(Loop, numba.njit(**options)(loop))

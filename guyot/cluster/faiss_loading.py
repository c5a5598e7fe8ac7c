"""Loads faiss with matrix products for this processor.

The wheel of faiss brings an OpenBLAS of 2021, which takes a processor that it does not know for one of 2004:
on a Xeon of today its products took four times as long as they need. Numpy's, which is newer, knows more of
them; where an older name has the same kernels, faiss's is told that name while it is loaded.
"""

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

_VARIABLE = "OPENBLAS_CORETYPE"
# what numpy's OpenBLAS calls a processor, and a name of the same instructions that faiss's knows
_KERNELS = {
    "Haswell": "Haswell", "Zen": "Zen", "SkylakeX": "SkylakeX", "Cooperlake": "SkylakeX",
    "SapphireRapids": "SkylakeX",
}  # fmt: skip
_LOADING = threading.Lock()  # two threads would each set the variable, and remove it


@cache
def load_faiss() -> Any:
    """Import faiss, which is heavy.

    Notes
    -----
    The environment is as before when it returns. Where OPENBLAS_CORETYPE is set, or faiss is loaded already,
    nothing is changed.
    """
    with _LOADING:
        if "faiss" in sys.modules or _VARIABLE in os.environ:
            import faiss
        else:
            with _asks_for(_KERNELS.get(numpy_kernels())):
                import faiss
    return faiss


def numpy_kernels() -> str:
    """Return what numpy's OpenBLAS calls this processor, or "" where numpy has another library."""
    import numpy as _  # noqa: F401  # its library is found once it is loaded
    import threadpoolctl  # pyright: ignore[reportMissingTypeStubs]

    untyped: Any = threadpoolctl
    found: list[dict[str, Any]] = untyped.threadpool_info()
    own = [
        library.get("architecture") for library in found
        if library.get("internal_api") == "openblas" and "numpy.libs" in library["filepath"]
    ]  # fmt: skip
    return str(own[0] or "") if own else ""


@contextmanager
def _asks_for(kernels: str | None) -> Generator[None]:
    """Ask an OpenBLAS that is loaded meanwhile for these kernels; None: for those that it finds itself."""
    if kernels is None:
        yield
        return
    os.environ[_VARIABLE] = kernels
    try:
        yield
    finally:
        del os.environ[_VARIABLE]

"""Products of bytes, several times as fast as those of float32 where the processor and torch have them.

They are exact, and so is every bound that rests on them; whether they are used changes no result. They are
not assumed of a kind of processor but timed once, beside a float32 product.
"""

import contextlib
import importlib
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Generator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from guyot.vectors.threads import one_blas_thread

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

HIGHEST = 127  # of a byte, as it is used: -127 to 127
MAX_WIDTH = 1 << 16  # coordinates whose products stay below 2^31
MIN_WORK = 1 << 37  # multiplications that are worth loading torch
_MIN_WORK_LOADED = 1 << 24  # and if it is loaded
_MIN_GAIN = 2.0
_TRIAL = (256, 512, 384)
_TRIALS = 3
Bytes = NDArray[np.int8]
Floating = TypeVar("Floating", np.float32, np.float64)


def is_worthwhile(n_multiplications: int, width: int) -> bool:
    """Return whether so much work is likely to be done sooner by bytes.

    Parameters
    ----------
    n_multiplications : of coordinates, in all
    width : coordinates of a row

    Notes
    -----
    Loads torch for MIN_WORK, and less work where it is loaded anyhow; False without torch. The first time it
    takes some milliseconds to time both products.
    """
    if width > MAX_WIDTH or n_multiplications < _MIN_WORK_LOADED:
        return False
    if "torch" not in sys.modules and (n_multiplications < MIN_WORK or not _has_torch()):
        return False
    return is_fast()


def is_fast() -> bool:
    """Return whether torch is loaded and multiplies bytes sooner than float32."""
    return "torch" in sys.modules and _gain() >= _MIN_GAIN


def multiply(left: Bytes, right: Bytes, out: NDArray[np.int32]) -> None:
    """Multiply all rows of two blocks, exactly.

    Parameters
    ----------
    left : int8[m, d], from -127 to 127, d at most MAX_WIDTH
    right : int8[n, d], likewise
    out : int32[m, n], adjacent in memory, is written
    """
    torch = _torch()
    torch._int_mm(torch.from_numpy(left), torch.from_numpy(right).T, out=torch.from_numpy(out))


def multiply_pairs(
    left: NDArray[Floating], right: NDArray[Floating], begins: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[Floating]:
    """Multiply some pairs of rows of two blocks without copying a row.

    Parameters
    ----------
    left : float32[m, d] or float64[m, d]
    right : float32[n, d] or float64[n, d], as left
    begins : int64[m + 1], where each left row's pairs begin
    column : int64[p], the right rows

    Returns
    -------
    float32[p] or float64[p], as the rows are: sums of d products in any order
    """
    torch = _torch()
    rows = torch.from_numpy(left)
    shape, none = (len(left), len(right)), torch.zeros(len(column), dtype=rows.dtype)
    pairs = torch.sparse_csr_tensor(
        torch.from_numpy(begins), torch.from_numpy(column), none, shape, check_invariants=False
    )
    found = torch.sparse.sampled_addmm(pairs, rows, torch.from_numpy(right).T, beta=0)
    return found.values().numpy()


@contextlib.contextmanager
def one_openmp_thread() -> Generator[None]:
    """Limit the products of this thread to itself."""
    if "torch" not in sys.modules:
        yield
        return
    with _controller().limit(limits=1, user_api="openmp"):  # pyright: ignore[reportUnknownMemberType]
        yield


@cache
def _gain() -> float:
    """Time both products: how many times sooner bytes are done, 0 where they are wrong."""
    n_rows, n_columns, width = _TRIAL
    row, column = np.arange(n_rows)[:, None], np.arange(n_columns)[:, None]
    left = ((row * 37 + np.arange(width) * 101) % 255 - HIGHEST).astype(np.int8)
    right = ((column * 59 + np.arange(width) * 83) % 255 - HIGHEST).astype(np.int8)
    left[0] = right[0] = HIGHEST  # the largest product
    wide, other = left.astype(np.float32), right.astype(np.float32)
    found, rough = np.empty((n_rows, n_columns), np.int32), np.empty((n_rows, n_columns), np.float32)
    try:
        with one_blas_thread(), one_openmp_thread():  # as both are used
            by_bytes = _least_seconds(lambda: multiply(left, right, found))
            by_floats = _least_seconds(lambda: np.matmul(wide, other.T, out=rough))
    except (AttributeError, RuntimeError):  # this torch does not multiply bytes
        return 0.0
    is_right = (found == wide.astype(np.float64) @ other.T.astype(np.float64)).all()
    return by_floats / by_bytes if is_right else 0.0


def _least_seconds(work: Callable[[], Any]) -> float:
    """Time some work, the least of a few times after a first one."""
    work()
    seconds: list[float] = []
    for _ in range(_TRIALS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


@cache
def _has_torch() -> bool:
    """Return whether torch can be loaded, and load it."""
    if importlib.util.find_spec("torch") is None:
        return False
    return bool(_torch())


@cache
def _torch() -> Any:
    """Load torch, whose types say little."""
    # a thread-safe way to silence one message is to do it for good
    warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta", UserWarning)
    return importlib.import_module("torch")


@cache
def _controller() -> "ThreadpoolController":
    """Find the OpenMP libraries of this process, once torch's is there."""
    from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

    return ThreadpoolController()

"""Arrays in files of a build's own, of which no more than some megabytes count as memory at a time."""

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.text.minhash_signatures import N_PERMUTATIONS

_ROWS_AT_ONCE = 512  # read or written anywhere: each may bring some pages along
_HELD_ROWS = 8192


class SignatureFile:
    """Signatures in a file, uint32[n, 128]; rows are read as copies, and written by their numbers.

    Parameters
    ----------
    path : a file that is made
    n : how many
    """

    def __init__(self, path: Path, n: int) -> None:
        self._map, self._held = _mapped(path, 4 * n * N_PERMUTATIONS), 0
        self._rows = np.frombuffer(self._map, np.uint32, n * N_PERMUTATIONS).reshape(n, N_PERMUTATIONS)

    def __len__(self) -> int:
        """Return n."""
        return len(self._rows)

    def __getitem__(self, rows: slice | NDArray[np.int64], /) -> NDArray[np.uint32]:
        """Read some rows."""
        if isinstance(rows, slice):
            found = self._rows[rows].copy()
            self._release(len(found))
            return found
        found = np.empty((len(rows), N_PERMUTATIONS), np.uint32)
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            part = slice(begin, begin + _ROWS_AT_ONCE)
            np.take(self._rows, rows[part], axis=0, out=found[part], mode="clip")
            self._release(_HELD_ROWS)
        return found

    def __setitem__(self, rows: NDArray[np.int64], signed: NDArray[np.uint32], /) -> None:
        """Write some rows."""
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            part = slice(begin, begin + _ROWS_AT_ONCE)
            self._rows[rows[part]] = signed[part]
            self._release(len(rows[part]))

    def _release(self, n_rows: int) -> None:
        """Let the pages go once many were touched; the file keeps what was written."""
        self._held += n_rows
        if self._held >= _HELD_ROWS:
            release(self._map)
            self._held = 0


def mapped_numbers(path: Path, n: int) -> tuple[NDArray[np.uint64], mmap.mmap]:
    """Map a file of n 64-bit numbers, to be released by `release`: uint64[n]."""
    mapped = _mapped(path, 8 * n)
    return np.frombuffer(mapped, np.uint64, n), mapped


def release(mapped: mmap.mmap) -> None:
    """Let the pages of a mapped file go, where the system can: they are read again when needed."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _mapped(path: Path, n_bytes: int) -> mmap.mmap:
    """Map a file, made as long as needed; one of nothing has a byte, since none can be mapped."""
    with path.open("a+b") as file:
        file.truncate(max(1, n_bytes))
        return mmap.mmap(file.fileno(), max(1, n_bytes))

"""Arrays in files of a build's own, of which no more than some megabytes count as memory at a time."""

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.text.minhash_signatures import N_PERMUTATIONS

_HELD_BYTES = 1 << 24


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
        found = self._rows[rows].copy()
        self._release(found.nbytes)
        return found

    def __setitem__(self, rows: NDArray[np.int64], signed: NDArray[np.uint32], /) -> None:
        """Write some rows."""
        self._rows[rows] = signed
        self._release(signed.nbytes)

    def _release(self, n_bytes: int) -> None:
        """Let the pages go once many were touched; the file keeps what was written."""
        self._held += n_bytes
        if self._held > _HELD_BYTES:
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

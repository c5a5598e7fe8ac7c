"""Results that several recipes share, computed once for a set of documents."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 512 << 20
_Value = TypeVar("_Value")


@dataclass
class Memo:
    """Values by what they were computed from; those that were not asked for lately make room for others.

    max_bytes : of the arrays that are held
    """

    max_bytes: int = MAX_BYTES
    _values: OrderedDict[Hashable, object] = field(default_factory=OrderedDict[Hashable, object])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def once(self, key: Hashable, compute: Callable[[], _Value]) -> _Value:
        """Return the value of a key, computed if it is not held.

        Parameters
        ----------
        key : all that the value depends on beside the documents
        compute : returns a dataclass of arrays, which nobody changes afterwards

        Examples
        --------
        >>> memo = Memo()
        >>> memo.once("a", lambda: 1), memo.once("a", lambda: 2)
        (1, 1)
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return cast(_Value, self._values[key])
        value = compute()
        with self._lock:
            self._values[key] = value
            while len(self._values) > 1 and sum(map(_size, self._values.values())) > self.max_bytes:
                self._values.popitem(last=False)
        return value


def mask_key(mask: NDArray[np.bool_]) -> bytes:
    """Return a digest that names a mask among all of its length, for the key of a value.

    Parameters
    ----------
    mask : bool[n]

    Returns
    -------
    16 bytes

    Examples
    --------
    >>> mask_key(np.array([True, False])) == mask_key(np.array([True, True]))
    False
    """
    return blake2b(np.packbits(mask).tobytes(), digest_size=16).digest()


def _size(value: object) -> int:
    """Count the bytes of the arrays of a dataclass."""
    parts = cast(dict[str, object], getattr(value, "__dict__", {})).values()
    return sum(cast(NDArray[Any], part).nbytes for part in parts if isinstance(part, np.ndarray))

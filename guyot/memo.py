"""Results that several recipes share, computed once for a set of documents."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Generic, TypeVar, cast

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
    _computing: dict[Hashable, threading.Lock] = field(default_factory=dict[Hashable, threading.Lock])

    def once(self, key: Hashable, compute: Callable[[], _Value]) -> _Value:
        """Return the value of a key, computed if it is not held; who asks meanwhile waits for it.

        Parameters
        ----------
        key : all that the value depends on beside the documents
        compute : returns an array or a dataclass of arrays, which nobody changes afterwards; it may ask for
            other keys, but for none whose value asks for this one

        Examples
        --------
        >>> memo = Memo()
        >>> memo.once("a", lambda: 1), memo.once("a", lambda: 2)
        (1, 1)
        """
        with self._lock:
            if key in self._values:
                return self._used(key)
            computing = self._computing.setdefault(key, threading.Lock())
        with computing:
            with self._lock:
                if key in self._values:
                    return self._used(key)
            try:
                value = compute()
                with self._lock:
                    self._hold(key, value)
            finally:
                with self._lock:
                    self._computing.pop(key, None)
        return value

    def _used(self, key: Hashable) -> Any:
        """Return a value that is held, as the one that was asked for last."""
        self._values.move_to_end(key)
        return self._values[key]

    def _hold(self, key: Hashable, value: object) -> None:
        """Hold a value, and let others go for its sake."""
        self._values[key] = value
        while len(self._values) > 1 and sum(map(_size, self._values.values())) > self.max_bytes:
            self._values.popitem(last=False)

    def once_down_to(
        self, key: Hashable, level: float, compute: Callable[[], _Value]
    ) -> tuple[_Value, float]:
        """Return the value of a key at a level or a lower one, which holds all that is asked for and more.

        Parameters
        ----------
        level : such as a limit above which pairs are sought
        compute : returns the value at this level, which replaces one of a higher level

        Returns
        -------
        The value, and its level.

        Examples
        --------
        >>> memo = Memo()
        >>> memo.once_down_to("pairs", 0.8, lambda: 1), memo.once_down_to("pairs", 0.9, lambda: 2)
        ((1, 0.8), (1, 0.8))
        """
        while True:
            found = self.once(key, lambda: _Level(compute(), level))
            if found.level <= level:
                return found.value, found.level
            with self._lock:
                if self._values.get(key) is found:
                    del self._values[key]


@dataclass(frozen=True)
class _Level(Generic[_Value]):
    """A value and its level."""

    value: _Value
    level: float


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
    """Count the bytes of an array, or of the arrays of a dataclass and of its parts."""
    if isinstance(value, np.ndarray):
        return cast(NDArray[Any], value).nbytes
    parts = cast(dict[str, object], getattr(value, "__dict__", {})).values()
    return sum(map(_size, parts))

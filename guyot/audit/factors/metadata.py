"""Reads factors out of documents' metadata: untrusted JSON, an object each."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from guyot.audit.factors.factor import Factor, from_codes

MAX_LEVELS = 48  # of a factor of strings, and of any that nobody named
MAX_FACTORS = 32  # that nobody named
MAX_CHARS = 100  # a longer string is no level


class MetadataReader:
    """Collects the levels of documents, batch by batch.

    n_rows : documents in all
    names : the factors; none: all keys that every document has, of 2 to MAX_LEVELS scalar values
    labels : further keys of any number of values, which are no factors

    Notes
    -----
    Memory of 4 bytes a document and key. What is no JSON object, and values that are lists, objects, null,
    not finite or longer than MAX_CHARS characters, count as absent.

    Examples
    --------
    >>> reader = MetadataReader(2, (), ("group",))
    >>> reader.add(np.arange(2), ['{"shape": "cube", "group": "a"}', '{"shape": "cone", "group": "a"}'])
    >>> [factor.levels for factor in reader.factors()], reader.label("group").level.tolist()
    ([('cone', 'cube')], [0, 0])
    """

    def __init__(self, n_rows: int, names: Sequence[str], labels: Sequence[str]) -> None:
        self._n_rows, self._names, self._labels = n_rows, tuple(dict.fromkeys(names)), tuple(labels)
        self._candidates: list[str] | None = list(self._names) or None
        self._level: dict[str, NDArray[np.int32]] = {}
        self._known: dict[str, dict[str | float, int]] = {}
        for name in (*self._names, *self._labels):
            self._open(name)

    def add(self, rows: NDArray[np.int64], metas: Sequence[str | None]) -> None:
        """Read the metadata of the documents at some rows; -1 is of a document that does not count."""
        for row, text in zip(rows.tolist(), metas, strict=True):
            if row >= 0:
                self._add(row, _parsed(text))

    def factors(self) -> list[Factor]:
        """Return the factors, in the order of their names where nobody named them."""
        found = [self._factor(name) for name in self._names or sorted(self._candidates or [])]
        if self._names:
            return [one for one in found if len(one.levels) > 1 and not self._why(one)]
        complete = [one for one in found if 1 < len(one.levels) and (one.level >= 0).all()]
        return complete[:MAX_FACTORS]

    def left_out(self) -> dict[str, str]:
        """Say of each factor that was named and cannot be audited why."""
        found = {name: self._factor(name) for name in self._names}
        few = {0: "no document has it", 1: "all documents have one value"}
        why = {name: few.get(len(one.levels), self._why(one)) for name, one in found.items()}
        return {name: reason for name, reason in why.items() if reason}

    def label(self, name: str) -> Factor:
        """Return one of the labels, of however many values."""
        return self._factor(name)

    def _why(self, factor: Factor) -> str:
        """Say why a factor cannot be audited, or nothing."""
        too_many = factor.numbers is None and len(factor.levels) > MAX_LEVELS
        return f"{len(factor.levels):,} values, more than {MAX_LEVELS}" if too_many else ""

    def _factor(self, name: str) -> Factor:
        """Return what was collected under a key."""
        return from_codes(name, self._level[name], list(self._known[name]))

    def _open(self, name: str) -> None:
        """Begin to collect a key."""
        self._level[name] = np.full(self._n_rows, -1, np.int32)
        self._known[name] = {}

    def _add(self, row: int, meta: Mapping[str, Any]) -> None:
        """Read one document's levels."""
        if self._candidates is None:  # the first document: no key that it lacks is had by every document
            self._candidates = [
                name for name, value in meta.items() if name not in self._labels and scalar(value) is not None
            ]
            for name in self._candidates:
                self._open(name)
        for name in self._labels:
            self._note(name, row, scalar(meta.get(name)))
        for name in tuple(self._candidates):
            value = scalar(meta.get(name))
            self._note(name, row, value)
            if not self._names and (value is None or len(self._known[name]) > MAX_LEVELS):
                self._candidates.remove(name)
                del self._level[name], self._known[name]

    def _note(self, name: str, row: int, value: str | float | None) -> None:
        """Note the level of one document."""
        if value is not None:
            known = self._known[name]
            self._level[name][row] = known.setdefault(value, len(known))


def scalar(value: Any) -> str | float | None:
    """Return a JSON value as a level: a string, or a number as a float; None where it is neither.

    Examples
    --------
    >>> scalar(3), scalar(True), scalar("cube"), scalar([1]), scalar(float("nan"))
    (3.0, 'true', 'cube', None, None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number + 0.0 if math.isfinite(number) else None  # so that -0 is 0
    if isinstance(value, str) and len(value) <= MAX_CHARS:
        return value.encode("utf-8", "replace").decode()  # a lone surrogate cannot be stored
    return None


def _parsed(text: str | None) -> Mapping[str, Any]:
    """Read an object; what is none is as one without keys."""
    try:
        found: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}

"""What is compared: the same work on the same input, done in several ways."""

import re
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["guyot", "peer", "floor"]


@dataclass(frozen=True)
class Way:
    """One way of doing the work: a module that is run as `python -m MODULE INPUT OUTPUT ARGUMENTS`.

    It writes what it found into OUTPUT, and by `benchmarks.ways.stopwatch` what the work took.
    environment: a name of `benchmarks.measuring.environments`; note: what a reader must know of it.
    """

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    role: Role = "peer"
    environment: str = "peers"
    note: str = ""

    @property
    def slug(self) -> str:
        """Return the name as that of a folder."""
        return slug(self.name)


@dataclass(frozen=True)
class Comparison:
    """Ways of one work, the first of them that which the others are divided by.

    prepare: module and arguments that make the input, run as `python -m MODULE OUTPUT ARGUMENTS`
    score: module that judges a result, run as `python -m MODULE INPUT ROUND SLUG ARGUMENTS`, prints JSON
    """

    name: str
    title: str
    about: str
    prepare: tuple[str, ...]
    score: tuple[str, ...]
    ways: tuple[Way, ...]
    documents: int
    fairness: tuple[str, ...] = field(default=())

    @property
    def slug(self) -> str:
        """Return the name as that of a file."""
        return slug(self.name)


def slug(name: str) -> str:
    """Return a name in letters, digits and dashes.

    Examples
    --------
    >>> slug("faiss k-means + rule")
    'faiss-k-means-rule'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

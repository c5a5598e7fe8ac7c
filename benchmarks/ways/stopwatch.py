"""What the work of a way took, without imports and without reading its input. Needs nothing but Python."""

import contextlib
import json
import resource
import time
from collections.abc import Generator, Iterator
from importlib import metadata
from pathlib import Path


@contextlib.contextmanager
def work(output: Path, *packages: str) -> Generator[None]:
    """Measure a block: wall time, and the core-seconds of this process and of those it started and awaited.

    packages : names of distributions whose versions are noted
    """
    core, begun = core_seconds(), time.perf_counter()
    yield
    took = {
        "core_seconds": core_seconds() - core,
        "wall_seconds": time.perf_counter() - begun,
        "versions": {name: metadata.version(name) for name in packages},
    }
    (output / "work.json").write_text(json.dumps(took))


def core_seconds() -> float:
    """Return user and system time of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def texts_of(path: Path) -> list[str]:
    """Read the texts of a file of JSON lines."""
    return [document["text"] for document in documents_of(path)]


def documents_of(path: Path) -> Iterator[dict[str, str]]:
    """Read the documents of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)

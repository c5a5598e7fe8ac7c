"""Real text that every machine has: the Python files of its standard library and installed packages."""

import hashlib
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guyot.cluster.assign import assign
from guyot.cluster.kmeans import KMeansSettings, kmeans
from guyot.documents import Documents
from guyot.prune.near_duplicates.maxima import nearest_predecessors, rank
from guyot.seeds import generator, uniforms

HELD_OUT_FRACTION = 0.2  # of the packages
PLANTED = "planted"  # the package of planted files
CHANGED_WORDS = 4  # in each
_WORD, _NUMBER = re.compile(rb"[A-Za-z_]{5,}"), re.compile(rb"[0-9]+")
_NO_PACKAGES = {"site-packages", "dist-packages", "test", "tests", "__pycache__"}


@dataclass(frozen=True)
class PythonFile:
    """A file: its name below the library's folder, its package (the first part of that), its bytes."""

    name: str
    package: str
    content: bytes


@dataclass(frozen=True)
class InMemory:
    """Vectors as the library reads them: (rows, vectors), block by block."""

    vectors: NDArray[np.float16]

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        """Yield all of them at once."""
        yield np.arange(len(self.vectors)), self.vectors


def python_files(
    files_per_package: int,
    min_bytes: int,
    max_bytes: int,
    *,
    places: tuple[str, ...] = ("stdlib", "purelib"),
) -> list[PythonFile]:
    """Read the machine's Python files in order of their packages and names, tests left out.

    Parameters
    ----------
    files_per_package : of a larger package that many are drawn, by their names alone
    min_bytes, max_bytes : smaller and larger files are left out
    places : names that sysconfig has for folders
    """
    found: dict[str, list[tuple[str, Path]]] = {}
    for name, path in _listed(places):
        if min_bytes <= path.stat().st_size <= max_bytes:
            found.setdefault(Path(name).parts[0], []).append((name, path))
    files: list[PythonFile] = []
    for package, members in sorted(found.items()):
        lots = uniforms(0, "files", [name for name, _ in members]).tolist()
        drawn = sorted(zip(lots, members, strict=True))[:files_per_package]
        read = [PythonFile(name, package, path.read_bytes()) for _, (name, path) in drawn]
        files += sorted(read, key=lambda file: file.name)
    return files


def _listed(places: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield (name, path); the standard library's modules are packages too."""
    for key in places:
        root = Path(sysconfig.get_path(key))
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root)
            if not _NO_PACKAGES.intersection(inside.parts):
                yield inside.as_posix(), path


def split(files: list[PythonFile], seed: int) -> tuple[list[PythonFile], list[PythonFile]]:
    """Hold out packages at random; return the others' files and theirs, each in an order drawn at random."""
    packages = sorted({file.package for file in files})
    lots = dict(zip(packages, uniforms(seed, "held-out", packages).tolist(), strict=True))
    order = generator(seed, "files").permutation(len(files)).tolist()
    shuffled = [files[row] for row in order]
    return (
        [file for file in shuffled if lots[file.package] >= HELD_OUT_FRACTION],
        [file for file in shuffled if lots[file.package] < HELD_OUT_FRACTION],
    )


def first(files: list[PythonFile], n_bytes: float) -> list[PythonFile]:
    """Take files from the first on, as many as n_bytes hold."""
    ends = np.cumsum([len(file.content) for file in files])
    return files[: int(np.searchsorted(ends, n_bytes, side="right"))]


def copies_of(templates: list[PythonFile], n_bytes: int, seed: int) -> list[PythonFile]:
    """Copy templates in turn, until n_bytes are passed, each time with some words and all numbers changed.

    The other words are of the templates too, so that a copy has none that is not in real files.
    """
    stream = generator(seed, "planted")
    words = sorted({word for file in templates for word in _WORD.findall(file.content)})
    copies: list[PythonFile] = []
    size = 0
    while size < n_bytes:
        number, family = len(copies), len(copies) % len(templates)
        content = templates[family].content
        own = sorted(set(_WORD.findall(content)))
        for at in stream.permutation(len(own))[:CHANGED_WORDS].tolist():
            other = words[int(stream.integers(len(words)))]
            content = re.sub(rb"\b" + own[at] + rb"\b", other, content)
        content = _NUMBER.sub(lambda found: b"%d" % stream.integers(10 ** min(len(found[0]), 9)), content)
        copies.append(PythonFile(f"{family}/{number}", PLANTED, content))
        size += len(content)
    return copies


def numbers_of(files: list[PythonFile]) -> NDArray[np.int64]:
    """Number the files' packages, int64[n]."""
    return np.unique([file.package for file in files], return_inverse=True)[1]


def documents_of(files: list[PythonFile]) -> tuple[Documents, list[PythonFile]]:
    """Gather the columns that a step by length or at random needs, and the files in the order of their ids.

    A token is a byte.
    """
    ids = [hashlib.sha256(f"{file.name}\0".encode() + file.content).digest() for file in files]
    order = sorted(range(len(files)), key=ids.__getitem__)
    ids, files = [ids[row] for row in order], [files[row] for row in order]
    sizes = np.array([len(file.content) for file in files])
    columns = Documents(
        id_bits=np.array([int.from_bytes(digest[:8], "big") for digest in ids], np.uint64),
        content_digest=np.array([hashlib.sha256(f.content).hexdigest()[:32] for f in files], "S32"),
        columns={
            "tokens": sizes,
            "bytes": sizes,
            "lines": np.array([len(file.content.splitlines()) for file in files]),
        },
    )
    return columns, files


def with_vectors(documents: Documents, vectors: NDArray[np.float16], clustering: KMeansSettings) -> Documents:
    """Add what a step by similarity needs: clusters, and every document's nearest earlier one, of all.

    Parameters
    ----------
    vectors : float16[n, d], rows of unit length, in the documents' order
    """
    found = assign(vectors, kmeans(vectors, clustering).vectors)
    order = rank(found.distance)
    earlier = nearest_predecessors(vectors[order])
    similarity, witness = np.empty(len(documents), np.float32), np.empty(len(documents), np.int64)
    similarity[order] = earlier.similarity
    witness[order] = np.where(earlier.witness < 0, -1, order[earlier.witness])
    columns = {"cluster": found.cluster, "distance": found.distance}
    columns |= {"max_similarity": similarity, "witness": witness}
    return documents.with_columns(**columns).with_sources(vectors=InMemory(vectors))

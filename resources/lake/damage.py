"""Finds what is damaged in a lake: its files against their manifests, manifests, and what names live ones."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from guyot.errors import CorruptError
from guyot.lake.manifests import REPAIR
from guyot.lake.names import CURRENT, MANIFEST
from resources import progress
from resources.lake.listing import Name, Partition
from resources.lake.manifest import Manifest, version_named, version_of
from resources.lake.store import Store
from resources.storage.concurrent import concurrent
from resources.storage.files import Files

WORK = "verify"
IS_MISSING = "is missing"
NAMES_NOTHING = "names a version that is not there"
_PIECE_BYTES = 4 << 20  # what a thread holds at a time
Asked = TypeVar("Asked", Name, Partition)
Read = TypeVar("Read")


@dataclasses.dataclass(frozen=True)
class Damage:
    """One damaged file; `version` is empty where it is what names the live version.

    problem : what is wrong with it, in words that follow its name
    """

    table: str
    key: str
    version: str
    file: str
    problem: str

    @property
    def name(self) -> Name:
        """The version."""
        return (self.table, self.key, self.version)


@dataclasses.dataclass(frozen=True)
class FileCheck:
    """A file to be read, and what its manifest states of it; plain values."""

    root: str
    name: Name
    file: str
    bytes: int
    digest: str


def checks_of(store: Store, manifest: Manifest) -> list[FileCheck]:
    """Return what is to be read of a version."""
    name = (manifest.table, manifest.key, manifest.version)
    return [
        FileCheck(store.root, name, file, stated.bytes, stated.digest)
        for file, stated in manifest.files.items()
    ]


def check_file(check: FileCheck) -> Damage | None:
    """Read a file, some megabytes at a time, and compare it with its manifest; count the bytes under WORK.

    A file of another size is not read.

    Raises
    ------
    UnreachableError : S3 does not answer.
    """
    problem = _problem(check)
    return None if problem is None else Damage(*check.name, check.file, problem)


def read_manifests(store: Store, names: Iterable[Name]) -> dict[Name, Manifest | Damage | None]:
    """Read the manifests of versions; None where a version has none."""

    def read(name: Name) -> Manifest | None:
        found = store.manifest(*name)
        if found is not None and version_of(found.inputs, found.settings, found.code) != found.version:
            raise CorruptError(f"it has inputs and settings of another version; {REPAIR}")
        return found

    return _all(read, names, lambda name, error: Damage(*name, MANIFEST, _without_advice(error)))


def read_pointers(store: Store, partitions: Iterable[Partition]) -> dict[Partition, str | Damage | None]:
    """Read which version of each partition is live; None where that has gone."""

    def read(partition: Partition) -> str | None:
        uri = store.path(*partition, CURRENT)
        try:
            return version_named(store.files.read(uri), uri)
        except FileNotFoundError:
            return None

    return _all(
        read, partitions, lambda partition, error: Damage(*partition, "", CURRENT, _without_advice(error))
    )


def _problem(check: FileCheck) -> str | None:
    """Say what is wrong with a file."""
    files, digest, counted = Files(check.root), hashlib.blake2b(digest_size=16), 0
    try:
        with files.open("/".join((check.root, *check.name, check.file))) as source:
            if (size := source.size()) != check.bytes:
                return f"has {size:,} of {check.bytes:,} bytes"
            while counted < size:
                piece = source.read_at(_PIECE_BYTES, counted)
                if not piece:
                    return f"ends after {counted:,} of {size:,} bytes"
                digest.update(piece)
                counted += len(piece)
                progress.advance(WORK, len(piece))
    except FileNotFoundError:
        return IS_MISSING
    except OSError as error:
        return f"cannot be read: {error}"
    finally:
        progress.advance(WORK, max(0, check.bytes - counted))
    return None if digest.hexdigest() == check.digest else "has another digest than its manifest"


def _all(
    read: Callable[[Asked], Read], asked: Iterable[Asked], damaged: Callable[[Asked, CorruptError], Damage]
) -> dict[Asked, Read | Damage]:
    """Read small files, many at a time; what is damaged is part of the answer."""

    def one(name: Asked) -> Read | Damage:
        try:
            return read(name)
        except CorruptError as error:
            return damaged(name, error)

    names = list(asked)
    return dict(zip(names, concurrent(one, names), strict=True))


def _without_advice(error: CorruptError) -> str:
    """Return what an error says, without the file's place and what to do."""
    return str(error).removesuffix(f"; {REPAIR}")

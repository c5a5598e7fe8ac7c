"""Lists the source files and updates the shard registry."""

import collections
import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from dagster import ConfigurableResource, ResourceDependency

from guyot import split
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.places import absolute, is_remote
from resources.setting_groups import Documents
from resources.settings import Settings
from resources.sources import local_listing, s3_listing
from resources.sources.file_types import METADATA, RECORD_KINDS, asked_kinds, extension_of, kind_of
from resources.sources.local_listing import ListedFile, digest_of, message, printable, uri_of
from resources.sources.registry import LIVE, Entry, entries_of, merge, table_of


@dataclass(frozen=True)
class Listing:
    """The result of one scan.

    registry : the new shard_registry, of `registry.SCHEMA`, sorted by path
    ignored : files that are not read, counted by extension ("" for none)
    held_out : the rule in force, for the next scan: `dataclasses.asdict` of a HeldOutRule
    """

    registry: pa.Table
    ignored: dict[str, int]
    held_out: dict[str, Any]


class Sources(ConfigurableResource[Any]):
    """The source files: a local directory tree, or the objects under s3://bucket/prefix."""

    settings: ResourceDependency[Settings]

    @property
    def root(self) -> str:
        """The source's absolute path, in which links are kept, or s3://bucket/prefix."""
        if is_remote(self.settings.source):
            return absolute(self.settings.source)
        found = os.path.abspath(Path(self.settings.source).expanduser())
        if printable(found) != found:
            raise SettingError(f"source={printable(found)!r} is not UTF-8; rename or link it")
        return found

    def scan(
        self,
        previous: pa.Table | None,
        now: str,
        held_out: dict[str, Any] | None = None,
    ) -> Listing:
        """List the source and merge it into the registry.

        Parameters
        ----------
        previous : the registry before, or None at first
        now : ISO time, set on the files that changed
        held_out : `Listing.held_out` of the scan before

        Raises
        ------
        SettingError : the source is no directory that can be listed, or is in the lake, or `kinds` names an
            unknown.
        UnreachableError : the source is on S3, which did not answer.

        Notes
        -----
        One stat per file; only files whose size or time changed are read and hashed. On S3 nothing is
        read: the listing has an ETag for every object. The same files and the same previous registry
        give the same table.
        """
        before = entries_of(previous) if previous is not None else []
        known = {entry.path: entry for entry in before}
        seen, ignored = self._list(before)
        documents = self.settings.reading.documents
        entries = [_entry(file, known.get(file.path), documents) for file in seen]
        entries, rule = self._split(entries, held_out)
        merged = merge(before, entries, shard_bytes=self.settings.reading.shard_bytes, now=now)
        return Listing(table_of(merged), ignored, dataclasses.asdict(rule))

    def difference(self, registry: pa.Table | None) -> str:
        """Return "" if the current listing equals the registry's live rows; else a hash of the listing.

        Parameters
        ----------
        registry : the shard_registry, or None if there is none yet

        Raises
        ------
        SettingError, UnreachableError : as `scan` does.

        Notes
        -----
        One stat per file; nothing is read but one byte of each file that was unreadable when scanned.
        """
        entries = entries_of(registry) if registry is not None else []
        seen, _ = self._list(entries)
        live = {entry.path: entry for entry in entries if entry.state == LIVE}
        if registry is not None and len(seen) == len(live):
            if all(file.path in live and _is_known(file, live[file.path]) for file in seen):
                return ""
        return fingerprint(sorted((file.path, file.etag, file.problem) for file in seen))

    def _list(self, before: list[Entry]) -> tuple[list[ListedFile], dict[str, int]]:
        """Walk the root; count the files that are not read, by extension."""
        documents = self.settings.reading.documents
        asked = asked_kinds(self.settings.reading.kinds, documents)
        seen: list[ListedFile] = []
        ignored: collections.Counter[str] = collections.Counter()
        try:
            for file in self._walk(before):
                if _is_read(file, asked, documents):
                    seen.append(file)
                else:
                    ignored[extension_of(os.path.basename(file.path))] += 1
        except OSError as error:
            raise SettingError(
                f"source={self.settings.source!r} was asked for; {self.root} cannot be listed "
                f"({message(error)}); set GUYOT_SOURCE to a directory, or s3://bucket/prefix, of source files"
            ) from error
        return seen, dict(sorted(ignored.items()))

    def check_outside_lake(self) -> None:
        """Refuse a source that is the lake, or lies inside it; a lake inside the source is skipped.

        Raises
        ------
        SettingError : the lake's own files would be listed as source files.
        """
        source, lake = absolute(self.settings.source), absolute(self.settings.lake)
        if f"{source}/".startswith(f"{lake.rstrip('/')}/"):
            where = "is that lake" if source == lake else "lies inside that lake"
            raise SettingError(
                f"source={self.settings.source!r} and lake={self.settings.lake!r} were asked for; the source "
                f"{source} {where}, {lake}, so the lake's own files would be read as documents; set "
                "GUYOT_SOURCE or GUYOT_LAKE to another place (a lake inside the source is passed over)"
            )

    def _walk(self, before: list[Entry]) -> Iterator[ListedFile]:
        """Walk the root, local or on S3."""
        self.check_outside_lake()
        root, lake = self.root, absolute(self.settings.lake)
        if is_remote(root):
            had_files = any(entry.uri.startswith(f"{root}/") for entry in before)
            return s3_listing.walk(root, leave_out=lake, had_files=had_files)
        return local_listing.walk(root, leave_out=lake)

    def _split(
        self, entries: list[Entry], held_out: dict[str, Any] | None
    ) -> tuple[list[Entry], split.HeldOutRule]:
        """Return entries with their split, by the rule in force or, at first, a new one."""
        paths: dict[bool, list[str]] = {True: [], False: []}
        for entry in entries:
            if not entry.problem and entry.kind != METADATA:
                paths[entry.kind in RECORD_KINDS].append(entry.path)
        rule = split.decide(
            paths[False],
            paths[True],
            by=self.settings.reading.held_out_unit,
            fraction=self.settings.reading.held_out_fraction,
            seed=self.settings.seed,
            previous=split.HeldOutRule(**held_out) if held_out else None,
        )
        sides: dict[str, str] = {}
        for of_records, chosen in paths.items():
            found = split.file_splits(rule, chosen, of_records=of_records)
            sides |= dict(zip(chosen, found, strict=True))
        return [dataclasses.replace(entry, split_unit=sides.get(entry.path, "")) for entry in entries], rule


def _is_read(file: ListedFile, asked: frozenset[str], documents: Documents) -> bool:
    """Return whether a file is of a requested kind; a file with a problem and no extension always is."""
    name = os.path.basename(file.path)
    kind = kind_of(name, documents)
    if file.problem in ("symlink_loop", "unreadable") or (file.problem and not extension_of(name)):
        return True
    return kind in asked


def _is_known(file: ListedFile, known: Entry) -> bool:
    """Return whether a file is unchanged since it was scanned, by its size and time."""
    if not known.problem:
        return not file.problem and file.etag == known.etag
    return file.problem == known.problem or (known.problem == "unreadable" and not _reads(file))


def _reads(file: ListedFile) -> bool:
    """Return whether a file's first byte can be read; on S3, whether the listing found no problem."""
    if file.digest:
        return True
    try:
        with open(file.location, "rb") as source:
            source.read(1)
    except OSError:
        return False
    return not file.problem


def _entry(file: ListedFile, known: Entry | None, documents: Documents) -> Entry:
    """Convert a listed file to a registry entry; it is hashed unless its etag is known or it has a digest."""
    problem, detail, digest = file.problem, file.detail, file.digest
    unchanged = known and known.digest and known.etag == file.etag
    if problem or digest:
        pass
    elif known and unchanged and os.access(file.location, os.R_OK):
        digest = known.digest
    else:
        try:
            digest = digest_of(file.location)
        except OSError as error:
            problem, detail = "unreadable", message(error)
    return Entry(
        uri=uri_of(file.location),
        path=file.path,
        kind=kind_of(os.path.basename(file.path), documents),
        source_group=split.group_of(file.path),
        split_unit="",
        bytes=max(file.bytes, 0),
        etag="" if problem else file.etag,
        digest=digest,
        problem=problem,
        detail=detail,
    )

"""Whether a source file is still the one that was listed: else its digest would be wrong."""

from guyot.errors import CorruptError
from resources.sources.registry import Entry
from resources.sources.source_file import SourceFile


def check_unchanged(entry: Entry, file: SourceFile) -> str:
    """Return the file's etag.

    Raises
    ------
    CorruptError : its bytes changed since it was listed.
    """
    etag = file.etag()
    if etag != entry.etag and file.digest() != entry.digest:
        raise changed(entry, file)
    return etag


def changed(entry: Entry, file: SourceFile) -> CorruptError:
    """Return the error for a file that changed after it was listed."""
    return CorruptError(
        f"{entry.path} was listed with {entry.bytes} bytes and digest {entry.digest}; it has "
        f"changed or gone since (then {entry.etag}, now {file.etag() or 'gone'}); materialize "
        "shard_registry again"
    )

"""Names the file of a lake that DuckDB cannot read; of flipped bits it notices only what it cannot decode."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assets.graph.views import LAKE_FILES
from guyot.errors import CorruptError
from guyot.lake.manifests import REPAIR
from resources.lake.store import Store

if TYPE_CHECKING:
    import duckdb


@contextlib.contextmanager
def named_damage(store: Store, connection: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Say which file a query in the block could not read; other errors of DuckDB's pass through.

    Parameters
    ----------
    connection : to the catalogue

    Raises
    ------
    CorruptError : one of the lake's files is gone, of another size or cannot be decoded.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        of_files = (duckdb.InvalidInputException, duckdb.IOException, duckdb.SerializationException)
        if type(error) is not duckdb.Error and not isinstance(error, of_files):
            raise
        damage = _damage(store, connection)
        first = str(error).splitlines()[0]
        if not damage and (type(error) is duckdb.Error or store.root in first):
            damage = f"a file of the lake cannot be read: {first}"
        if not damage:
            raise
        raise CorruptError(f"{damage}; {REPAIR}") from error


def _damage(store: Store, connection: "duckdb.DuckDBPyConnection") -> str:
    """Find a file that is gone or of another size than its manifest says."""
    query = f"SELECT path, bytes FROM {LAKE_FILES.name} ORDER BY path"
    found = {file.uri: file.bytes for file in store.files.walk(store.root)}
    for path, n_bytes in connection.execute(query).fetchall():
        if path not in found:
            return f"{path} is not there, and the catalogue names it"
        if found[path] != n_bytes:
            return f"{path} has {found[path]} bytes, and {n_bytes} by its manifest"
    return ""

"""The catalogue: a DuckDB file of views over the lake's Parquet, built beside and swapped in.

Parquet is the truth. The views are those that the assets declare; they name the files of live versions, and
of older ones that a live version pins, as the manifests do. Each row gets its partition's shard or recipe and
version from the table lake_files.
"""

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from assets.graph.views import LAKE_FILES, View, no_rows, views
from assets.publish.bounded_query import answer
from assets.publish.damaged_parquet import named_damage
from assets.publish.lake_on_s3 import reach_lake
from guyot.errors import MissingError, SettingError
from resources.lake import workdirs
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.storage import unwritable

if TYPE_CHECKING:
    import duckdb

FILE = "catalogue.duckdb"
MEMORY_LIMIT = "2GB"
TEMPORARY_LIMIT = "10GB"  # on the disk of temporary files, where a query needs more than its memory


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Builds the catalogue's file in a lake and answers queries from it."""

    store: Store

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.store.path(FILE)

    def build(self, live: Sequence[Manifest], pinned: Sequence[Manifest] = ()) -> dict[str, int]:
        """Rebuild the file of these versions beside the old one and swap it in.

        Parameters
        ----------
        live : what the views show
        pinned : older versions that views of recipes show too

        Returns
        -------
        The rows of each table and view.
        """
        import duckdb

        with unwritable.explained(self.store.root):
            folder = workdirs.new_folder(self.store.files)
            try:
                beside = folder / FILE
                with duckdb.connect(beside) as connection:
                    reach_lake(self.store, connection)
                    rows = self._fill(connection, live, pinned)
                self.store.files.replace(self.path, beside.read_bytes(), folder)
            finally:
                shutil.rmtree(folder)
        return rows

    def is_valid(self) -> bool:
        """Return whether the file exists, can be read and was built for the lake's present location."""
        return not self._problem()

    def damage(self) -> str:
        """Say what is wrong with the file where it is there and cannot be read, all of it; else nothing."""
        import duckdb

        if not self.store.files.exists(self.path):
            return ""
        try:
            with self._local_copy() as path, duckdb.connect(path, read_only=True) as connection:
                connection.execute(f"SELECT * FROM {LAKE_FILES.name}").fetchall()
                connection.execute("SELECT sql FROM duckdb_views()").fetchall()
        except duckdb.Error as error:
            return f"cannot be read: {str(error).splitlines()[0]}"
        return ""

    def _problem(self) -> str:
        """Say why the file cannot be asked, if it cannot."""
        import duckdb

        if not self.store.files.exists(self.path):
            return "is not there"
        try:
            with self._local_copy() as path, duckdb.connect(path, read_only=True) as connection:
                row = connection.execute("SELECT path FROM lake_files LIMIT 1").fetchone()
        except duckdb.Error as error:
            return f"cannot be read: {str(error).splitlines()[0]}"
        is_here = row is None or str(row[0]).startswith(self.store.root + "/")
        return "" if is_here else "names files of another place"

    @contextlib.contextmanager
    def connect(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """Open the catalogue read-only, able to read the lake and nothing else, for the block.

        Raises
        ------
        CorruptError : a query in the block reads a file that is not what was written, and DuckDB notices.
        MissingError : there is no catalogue yet, it is damaged, or it was built where the lake was before.
        """
        if problem := self._problem():
            raise MissingError(
                f"the catalogue {self.path} was asked for and {problem}; run `guyot run` on this "
                "lake, or name another with --lake"
            )
        import duckdb

        # not opened by its path: in one process that would give the file that another reader holds
        connection = duckdb.connect()
        reach_lake(self.store, connection)
        lake = _quoted(self.store.root + "/")
        with self._local_copy() as path:
            connection.execute(f"ATTACH {_quoted(path)} AS catalogue (READ_ONLY)")
        for statement in (
            "USE catalogue",
            f"SET memory_limit='{MEMORY_LIMIT}'",
            # a folder of its own, made when it is needed; DuckDB's own choice is .tmp where the process runs
            f"SET temp_directory={_quoted(str(workdirs.spill_folder()))}",
            f"SET max_temp_directory_size='{TEMPORARY_LIMIT}'",
            f"SET allowed_directories=[{lake}]",
            "SET enable_external_access=false",
            "SET lock_configuration=true",
        ):
            connection.execute(statement)
        with connection, named_damage(self.store, connection):
            yield connection

    def query(self, sql: str, *, seconds: float | None = None) -> pa.Table:
        """Answer one SELECT, in memory of MEMORY_LIMIT and the answer, and TEMPORARY_LIMIT on disk.

        Parameters
        ----------
        seconds : what it may take; None: as long as it takes

        Raises
        ------
        SettingError : not exactly one statement, not one that only reads, wrong SQL, or one that takes more.
        CorruptError : as `connect` does.
        """
        import duckdb

        allowed = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        if "analy" in sql.lower():  # EXPLAIN ANALYZE runs what it explains, a COPY over the lake too
            allowed.remove(duckdb.StatementType.EXPLAIN)
        try:
            with self.connect() as connection:
                statements = connection.extract_statements(sql)
                if len(statements) != 1 or statements[0].type not in allowed:
                    found = [str(s.type).rpartition(".")[2] for s in statements]
                    raise SettingError(
                        f"the catalogue answers exactly 1 SELECT; got {', '.join(found) or 'nothing'}"
                    )
                return answer(connection, sql, seconds=seconds)
        except duckdb.OutOfMemoryException as error:
            said = str(error).partition("\n")[0]
            raise SettingError(
                f"the query needs more than {MEMORY_LIMIT} of memory and {TEMPORARY_LIMIT} of temporary "
                f"files ({said}); ask for fewer rows or columns, or sort and join less"
            ) from error
        except duckdb.Error as error:
            raise SettingError(f"the query failed: {error}") from error

    @contextlib.contextmanager
    def _local_copy(self) -> Iterator[str]:
        """Return a path that DuckDB can open: the file's own or, on S3, that of a local copy.

        A database that is attached stays readable when its copy has gone.
        """
        if not self.store.files.remote:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="guyot-") as folder:
            path = Path(folder) / FILE
            path.write_bytes(self.store.files.read(self.path))
            yield str(path)

    def _fill(
        self, connection: "duckdb.DuckDBPyConnection", live: Sequence[Manifest], pinned: Sequence[Manifest]
    ) -> dict[str, int]:
        """Create the table of files and every view."""
        connection.execute(f"CREATE TABLE {LAKE_FILES.name} AS {no_rows(LAKE_FILES.columns)}")
        for manifest in live:
            self._list_files(connection, manifest, is_live=True)
        for manifest in pinned:
            self._list_files(connection, manifest, is_live=False)
        for view in views():
            self._view(connection, view)
        names = [LAKE_FILES.name, *(view.name for view in views())]
        return {n: _one(connection, f'SELECT count(*) FROM "{n}"') for n in names}

    def _list_files(
        self, connection: "duckdb.DuckDBPyConnection", manifest: Manifest, *, is_live: bool
    ) -> None:
        """Note a version's files."""
        connection.executemany(
            "INSERT INTO lake_files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (manifest.table, manifest.key, manifest.version, is_live, name, file.rows,
                 file.bytes, self.store.file(manifest, name))
                for name, file in manifest.files.items()
            ],
        )  # fmt: skip

    def _view(self, connection: "duckdb.DuckDBPyConnection", view: View) -> None:
        """Create one view over its files, or an empty one where there are none yet."""
        rows = connection.execute(
            'SELECT path FROM lake_files WHERE "table" = ? AND file = ? AND (live OR ?) ORDER BY path',
            [view.asset, view.table.file, view.shows_pinned],
        ).fetchall()
        if not rows:
            connection.execute(f"CREATE VIEW {view.name} AS {view.empty()}")
        else:
            files = ", ".join(_quoted(path) for (path,) in rows)
            added = "".join(f", f.{source} AS {column.name}" for column, source in view.added)
            connection.execute(
                f"CREATE VIEW {view.name} AS SELECT t.* EXCLUDE (filename){added} FROM "
                f"read_parquet([{files}], filename=true) t JOIN lake_files f ON f.path = t.filename"
            )
        connection.execute(f"COMMENT ON VIEW {view.name} IS {_quoted(view.comment)}")


def _one(connection: "duckdb.DuckDBPyConnection", sql: str) -> int:
    """Return a query's one number."""
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _quoted(text: str) -> str:
    """Write a string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"

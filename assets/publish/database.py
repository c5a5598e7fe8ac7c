"""The catalogue: a DuckDB file of views over the lake's Parquet, built beside and swapped in.

Parquet is the truth. Views name the files of live versions, as the manifests do, and each row of
them gets its partition's shard or recipe and version from the table lake_files.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from dagster import ConfigurableResource, ResourceDependency

from assets.graph import views as tables
from guyot.errors import MissingError, SettingError
from resources.lake import workdirs
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.settings import Settings
from resources.sources.registry import live_shards
from resources.storage.s3_reader import ObjectReader

if TYPE_CHECKING:
    import duckdb

FILE = "catalogue.duckdb"
MEMORY_LIMIT = "2GB"


class Catalogue(ConfigurableResource[Any]):
    """Builds the catalogue and answers queries from it."""

    settings: ResourceDependency[Settings]
    store: ResourceDependency[Store]

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.store.path(FILE)

    def build(self, live: list[Manifest]) -> dict[str, int]:
        """Rebuild the file of these versions beside the old one and swap it in.

        Returns
        -------
        The rows of each table and view.
        """
        import duckdb

        folder = workdirs.new_folder(self.store.files)
        try:
            beside = folder / FILE
            with duckdb.connect(beside) as connection:
                self._reach_lake(connection)
                rows = self._fill(connection, live)
            self.store.files.replace(self.path, beside.read_bytes(), folder)
        finally:
            shutil.rmtree(folder)
        return rows

    def live(self) -> list[Manifest]:
        """List what the views show: the live version of every partition, of live shards alone."""
        registry = self.store.current("shard_registry")
        shards = set(live_shards(self.store.table(registry))) if registry else set()
        return [
            self.store.required(view.table, key)
            for view in {view.table: view for view in tables.VIEWS}.values()
            for key in self.store.partitions(view.table)
            if not view.of_shards or key in shards
        ]

    def is_valid(self) -> bool:
        """Say whether the file is there and was built where the lake now lies."""
        import duckdb

        if not self.store.files.exists(self.path):
            return False
        with self._local_copy() as path, duckdb.connect(path, read_only=True) as connection:
            row = connection.execute("SELECT path FROM lake_files LIMIT 1").fetchone()
        return row is None or str(row[0]).startswith(self.store.root + "/")

    def connect(self) -> "duckdb.DuckDBPyConnection":
        """Open the catalogue read-only, able to read the lake and nothing else.

        Raises
        ------
        MissingError : there is no catalogue yet, or it was built before the lake was moved here.
        """
        if not self.is_valid():
            there = self.store.files.exists(self.path)
            found = "names files of another place" if there else "is not there"
            raise MissingError(
                f"the catalogue {self.path} was asked for and {found}; run `guyot run` on this "
                "lake, or name another with --lake"
            )
        import duckdb

        # not opened by its path: in one process that would give the file that another reader holds
        connection = duckdb.connect()
        self._reach_lake(connection)
        lake = _quoted(self.store.root + "/")
        with self._local_copy() as path:
            connection.execute(f"ATTACH {_quoted(path)} AS catalogue (READ_ONLY)")
        for statement in (
            "USE catalogue",
            f"SET memory_limit='{MEMORY_LIMIT}'",
            f"SET allowed_directories=[{lake}]",
            "SET enable_external_access=false",
            "SET lock_configuration=true",
        ):
            connection.execute(statement)
        return connection

    def query(self, sql: str) -> pa.Table:
        """Answer one SELECT.

        Raises
        ------
        SettingError : not exactly one statement, not one that only reads, or wrong SQL.
        """
        import duckdb

        allowed = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        if "analy" in sql.lower():  # EXPLAIN ANALYZE runs what it explains, a COPY over the lake too
            allowed.remove(duckdb.StatementType.EXPLAIN)
        with self.connect() as connection:
            try:
                statements = connection.extract_statements(sql)
                if len(statements) != 1 or statements[0].type not in allowed:
                    found = [str(s.type).rpartition(".")[2] for s in statements]
                    raise SettingError(
                        f"the catalogue answers exactly 1 SELECT; got {', '.join(found) or 'nothing'}"
                    )
                answer = connection.sql(sql)
                return answer.to_arrow_table() if answer is not None else pa.table({})
            except duckdb.Error as error:
                raise SettingError(f"the query failed: {error}") from error

    @contextlib.contextmanager
    def _local_copy(self) -> Iterator[str]:
        """Give a path that DuckDB can open the file by: its own or, from S3, that of a copy.

        A database that is attached stays readable when its copy has gone.
        """
        if not self.store.files.remote:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="guyot-") as folder:
            path = Path(folder) / FILE
            path.write_bytes(self.store.files.read(self.path))
            yield str(path)

    def _reach_lake(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """Let DuckDB read a lake on S3, through the same client as everything else."""
        if self.store.files.remote:
            from fsspec.implementations.arrow import ArrowFSWrapper

            class _S3(ArrowFSWrapper):
                protocol = "s3"  # what the paths of the views begin with

                def _open(self, path: str, mode: str = "rb", **_: Any) -> ObjectReader:
                    """Open an object; DuckDB only reads."""
                    return ObjectReader(f"s3://{path}")

            connection.register_filesystem(_S3(self.store.files.filesystem))

    def _fill(self, connection: "duckdb.DuckDBPyConnection", live: list[Manifest]) -> dict[str, int]:
        """Create every table and view."""
        consumed = [m for m in self._consumed(live) if m not in live]
        connection.execute(tables.LAKE_FILES)
        for manifest, is_live in [*((m, True) for m in live), *((m, False) for m in consumed)]:
            self._list_files(connection, manifest, is_live)
        self._mixtures(connection, [*live, *consumed])
        for view in tables.VIEWS:
            self._view(connection, view)
        names = ["lake_files", "mixtures", *(view.name for view in tables.VIEWS)]
        return {n: _one(connection, f'SELECT count(*) FROM "{n}"') for n in names}

    def _consumed(self, live: list[Manifest]) -> list[Manifest]:
        """Find the mixtures and schedules that live runs have consumed, live or not."""
        found: list[Manifest | None] = []
        for run in (m for m in live if m.table == "training_runs"):
            recipe = run.key.partition("/")[0]
            found.append(self.store.manifest("pruned_mixtures", recipe, run.facts["mixture_version"]))
            found.append(self.store.manifest("epoch_schedules", recipe, run.facts["schedule_version"]))
        return [manifest for manifest in found if manifest is not None]

    def _list_files(self, connection: "duckdb.DuckDBPyConnection", manifest: Manifest, is_live: bool) -> None:
        """Note a version's files."""
        connection.executemany(
            "INSERT INTO lake_files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (manifest.table, manifest.key, manifest.version, is_live, name, file.rows,
                 file.bytes, self.store.file(manifest, name))
                for name, file in manifest.files.items()
            ],
        )  # fmt: skip

    def _mixtures(self, connection: "duckdb.DuckDBPyConnection", manifests: list[Manifest]) -> None:
        """Write a row per mixture version: what was asked and what was met."""
        connection.execute(tables.MIXTURES)
        for manifest in manifests:
            if manifest.table == "pruned_mixtures":
                facts = manifest.facts
                values = [facts.get(name) for name in tables.MIXTURE_FACTS]
                connection.execute(
                    f"INSERT INTO mixtures VALUES (?, ?{', ?' * len(values)})",
                    [manifest.key, manifest.version, *values],
                )

    def _view(self, connection: "duckdb.DuckDBPyConnection", view: tables.View) -> None:
        """Create one view over its files, or an empty one where there are none yet."""
        rows = connection.execute(
            'SELECT path FROM lake_files WHERE "table" = ? AND file = ? AND (live OR ?) ORDER BY path',
            [view.table, view.file, view.consumed_too],
        ).fetchall()
        if not rows:
            connection.execute(f"CREATE VIEW {view.name} AS {view.empty()}")
        else:
            files = ", ".join(_quoted(path) for (path,) in rows)
            extra = "".join(f", f.{source} AS {name}" for name, source in view.extra)
            connection.execute(
                f"CREATE VIEW {view.name} AS SELECT t.* EXCLUDE (filename){extra} FROM "
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

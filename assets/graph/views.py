"""The views of the catalogue, derived from what the assets declare."""

import dataclasses
import functools
from collections.abc import Sequence

import pyarrow as pa

from assets.graph import discover
from assets.graph.asset import LakeAsset
from assets.graph.partitions import RECIPE_KEYS, SHARDS
from assets.graph.tables import ColumnSpec, TableSpec

SHARD = ColumnSpec("shard", pa.string(), "the shard that the row belongs to")
RECIPE = ColumnSpec("recipe", pa.string(), "the recipe")
RUN = ColumnSpec("run", pa.string(), "recipe/seed")
POLICY = ColumnSpec("policy", pa.string(), "the policy's name")
VERSION = ColumnSpec("version", pa.string(), "which version of the partition it is")
LIVE = ColumnSpec(
    "live",
    pa.bool_(),
    "whether that version is the newest; older ones stay as long as a run has consumed them",
)
LAKE_FILES = TableSpec(
    "lake_files",
    "a file of the lake that a view may read",
    (
        ColumnSpec("table", pa.string(), "the asset"),
        ColumnSpec("key", pa.string(), "the partition: a shard, a recipe, recipe/seed, or all"),
        VERSION,
        LIVE,
        ColumnSpec("file", pa.string(), "the file's name"),
        ColumnSpec("rows", pa.int64(), "its rows; 0 where rows mean nothing"),
        ColumnSpec("bytes", pa.int64(), "its size"),
        ColumnSpec("path", pa.string(), "where it is"),
    ),
)
_MEANINGS = {column.name: column for column in (SHARD, RECIPE, RUN, POLICY, VERSION, LIVE)}
_DUCKDB = {
    pa.string(): "VARCHAR", pa.large_string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT", pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.uint32(): "UINTEGER",
    pa.uint64(): "UBIGINT", pa.float32(): "FLOAT", pa.float64(): "DOUBLE", pa.binary(): "BLOB",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class View:
    """A view: the table that it shows, the asset whose files it reads, and the columns that it adds.

    added : (column, column of lake_files that it is taken from)
    shows_pinned : whether older versions that a live version, such as a run's, pins are shown too
    """

    asset: str
    table: TableSpec
    added: tuple[tuple[ColumnSpec, str], ...]
    shows_pinned: bool
    of_shards: bool

    @property
    def name(self) -> str:
        """The view's name."""
        return self.table.name

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """All columns of the view, in order."""
        return (*self.table.columns, *(column for column, _ in self.added))

    @property
    def comment(self) -> str:
        """What one row is."""
        return f"one row is {self.table.row}"

    def empty(self) -> str:
        """Return SQL that selects no rows of the right columns."""
        return no_rows(self.columns)


@functools.cache
def views() -> tuple[View, ...]:
    """Return the view of every table that an asset declares, in the order of the assets."""
    return tuple(
        _view(asset, table)
        for asset in discover.assets().values()
        for table in asset.tables
        if asset.group_name != "publish"
    )


def no_rows(columns: Sequence[ColumnSpec]) -> str:
    """Return SQL that selects no rows of some columns.

    Examples
    --------
    >>> no_rows(LAKE_FILES.columns[:1])
    'SELECT NULL::VARCHAR AS "table" WHERE false'
    """
    typed = ", ".join(f'NULL::{duckdb_type(c.type)} AS "{c.name}"' for c in columns)
    return f"SELECT {typed} WHERE false"


def duckdb_type(kind: pa.DataType) -> str:
    """Return DuckDB's name of an Arrow type.

    Examples
    --------
    >>> duckdb_type(pa.list_(pa.uint32(), 4)), duckdb_type(pa.float32())
    ('UINTEGER[]', 'FLOAT')
    """
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"{duckdb_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(f'{field.name} {duckdb_type(field.type)}' for field in kind)})"
    return _DUCKDB[kind]


def _view(asset: LakeAsset, table: TableSpec) -> View:
    """Return the view of one table."""
    added = table.key_columns
    if added is None:
        by_recipe = (("recipe", '"key"'), ("version", "version"), ("live", "live"))
        added = {id(SHARDS): (("shard", '"key"'),), id(RECIPE_KEYS): by_recipe}.get(
            id(asset.partitions_def), ()
        )
    columns = tuple((_MEANINGS[name], source) for name, source in added)
    return View(
        asset.name, table, columns,
        shows_pinned=asset.partitions_def is RECIPE_KEYS, of_shards=asset.is_per_shard,
    )  # fmt: skip

"""A table of the lake, stated once: what one row is, and each column's name, type and meaning."""

import dataclasses

import dagster as dg
import pyarrow as pa

from resources.lake.manifest import ROWS
from resources.setting_groups import KINDS, Documents


@dataclasses.dataclass(frozen=True)
class ColumnSpec:
    """A column of a table.

    source : "table.column" from which the values are carried over unchanged; empty where they are not
    """

    name: str
    type: pa.DataType
    meaning: str
    source: str = ""

    @property
    def described(self) -> str:
        """The meaning, and the column that it is carried over from."""
        return f"{self.meaning} (from {self.source})" if self.source else self.meaning


@dataclasses.dataclass(frozen=True)
class TableSpec:
    """One Parquet file of an asset's versions, and the view of the same name in the catalogue.

    row : what one row is
    file : its name in a version's folder; the first table of an asset is the main file
    key_columns : columns that the catalogue adds, (name, column of lake_files); None: those that all
        assets of the same partitioning have
    documents : in lakes of other documents a version has no such file
    """

    name: str
    row: str
    columns: tuple[ColumnSpec, ...]
    file: str = ROWS
    key_columns: tuple[tuple[str, str], ...] | None = None
    documents: tuple[Documents, ...] = KINDS

    @property
    def schema(self) -> pa.Schema:
        """The columns as Arrow has them."""
        return pa.schema([(column.name, column.type) for column in self.columns])

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]

    def dagster_schema(self) -> dg.TableSchema:
        """Return the columns as Dagster's UI shows them.

        A column that is carried over says from where: the UI draws lineage of columns in Dagster+ alone.
        """
        return dg.TableSchema(
            columns=[dg.TableColumn(c.name, type=str(c.type), description=c.described) for c in self.columns]
        )

    def dagster_lineage(self) -> dg.TableColumnLineage:
        """Return, for each column that is carried over unchanged, the column that it comes from."""
        sources = {column.name: column.source.split(".") for column in self.columns if column.source}
        return dg.TableColumnLineage(
            deps_by_column={
                name: [dg.TableColumnDep(asset_key=dg.AssetKey(table), column_name=column)]
                for name, (table, column) in sources.items()
            }
        )

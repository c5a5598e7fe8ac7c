"""Lets DuckDB read a lake on S3 by the client that the lake itself is read by."""

from typing import TYPE_CHECKING

from resources.lake.store import Store
from resources.storage.s3_reader import ObjectReader

if TYPE_CHECKING:
    import duckdb


def reach_lake(store: Store, connection: "duckdb.DuckDBPyConnection") -> None:
    """Register the S3 client of a lake with DuckDB; of a lake in a folder nothing is to be done."""
    if not store.files.remote:
        return
    from fsspec.implementations.arrow import ArrowFSWrapper

    class _S3(ArrowFSWrapper):
        # fsspec reads it of the class, where it is text or several: what the views' paths begin with
        protocol = "s3"  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

        def _open(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, path: str, mode: str = "rb", **_: object
        ) -> ObjectReader:
            """Open an object; DuckDB only reads."""
            return ObjectReader(f"s3://{path}")

    connection.register_filesystem(_S3(store.files.filesystem))

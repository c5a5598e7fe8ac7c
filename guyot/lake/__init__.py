"""A finished lake, read without Dagster; needs pyarrow, which `guyot[lake]` brings."""

from guyot.lake.lake import Lake, open_lake

__all__ = ["Lake", "open_lake"]

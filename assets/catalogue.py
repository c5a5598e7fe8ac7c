"""The catalogue: one DuckDB file of views over the lake, rebuilt beside and swapped in."""

import os
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.making import Making, make, result
from resources.catalogue import Catalogue
from resources.manifest import Manifest
from resources.store import Store
from resources.writer import Writer

CODE = "1"
CATALOGUE_FILE = "catalogue.duckdb"
TABLES = (
    "shard_registry", "raw_shards", "tokenizer", "quality_signals", "embeddings", "centroids",
    "cluster_assignments", "cluster_scores", "pruned_mixtures", "epoch_schedules",
    "training_runs", "evaluations", "leaderboard",
)  # fmt: skip


def making(store: Store) -> Making:
    """State what the catalogue is made from: the live version of every partition."""
    inputs = {
        f"{table}/{key}": store.required(table, key).version
        for table in TABLES
        for key in store.partitions(table)
    }
    inputs["file"] = "present" if os.path.exists(store.path(CATALOGUE_FILE)) else "absent"
    return Making("catalogue", inputs, {}, CODE)


@dg.asset(
    group_name="train",
    kinds={"duckdb"},
    owners=["team:curation"],
    deps=[*TABLES],
    code_version=CODE,
    pool="catalogue_writer",
)
def catalogue(store: Store, catalogue: Catalogue) -> dg.MaterializeResult[Any]:
    """One row is a table of the catalogue, with its rows; `guyot sql` asks it."""
    return result(build(store, catalogue))


def build(store: Store, catalogue: Catalogue) -> Manifest:
    """Rebuild the file and note what it was built from."""
    rows = catalogue.build()

    def note(writer: Writer) -> None:
        table = {"table": list(rows), "rows": pa.array(list(rows.values()), pa.int64())}
        writer.table(pa.table(table))

    return make(store, making(store), note)

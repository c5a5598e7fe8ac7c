"""Trainings that others did and reported: each a partition of its own, so that writers never meet."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from assets.graph.tables import ColumnSpec, TableSpec
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.lake.manifest import Manifest
from resources.lake.store import Store
from resources.storage.concurrent import concurrent

TABLE = "registered_runs"
TOKENS, DOCUMENTS = "tokens", "documents"
_CODE = "1"
EXTERNAL = TableSpec(
    "external_runs",
    "a training that was done elsewhere and reported",
    (
        ColumnSpec("run_id", pa.string(), "its name"),
        ColumnSpec("recipe", pa.string(), "what it was trained on"),
        ColumnSpec("seed", pa.int64(), "of the order in which it read"),
        ColumnSpec("mixture_version", pa.string(), "exactly which mixture"),
        ColumnSpec(
            "schedule_version", pa.string(),
            "the schedule of the graph that has the same order; empty where none has",
        ),
        ColumnSpec(
            "tokenizer_version", pa.string(), "whose tokens it read; empty where it read texts or the lake "
            "does not hold it any more",
        ),
        ColumnSpec("init", pa.string(), "what it began with, as reported"),
        ColumnSpec("config", pa.string(), "JSON, its hyperparameters as reported"),
        ColumnSpec("code_version", pa.string(), "of its code, as reported"),
        ColumnSpec("tokens", pa.int64(), "positions that it read; documents, where unit says so"),
        ColumnSpec("steps", pa.int64(), "steps of batch_size samples, the last one in part"),
        ColumnSpec("checkpoint", pa.string(), "JSON, a list of its files: path, bytes, digest, tensors"),
        ColumnSpec("unit", pa.string(), "what positions count: tokens, or whole documents"),
        ColumnSpec("first_position", pa.int64(), "the first that it read, in the order"),
        ColumnSpec("end_position", pa.int64(), "the end of what it read, half open"),
        ColumnSpec("batch_size", pa.int64(), "samples of a step, of all ranks together"),
        ColumnSpec("reads", pa.string(), "JSON, the order: `reads` of its dataset's `state_dict()`"),
        ColumnSpec("by", pa.string(), "who reported it"),
        ColumnSpec("at", pa.string(), "UTC time of the report"),
    ),
    key_columns=(),
)  # fmt: skip
METRICS = TableSpec(
    "external_metrics",
    "a metric of a training that was done elsewhere, at a step",
    (
        ColumnSpec("run_id", pa.string(), "the run", "external_runs.run_id"),
        ColumnSpec("step", pa.int64(), "as reported"),
        ColumnSpec("name", pa.string(), "the metric's name"),
        ColumnSpec("value", pa.float64(), "as reported"),
    ),
    file="metrics.parquet",
    key_columns=(),
)
_SAID = ("by", "at")


def write(
    store: Store, record: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]], *, replace: bool = False
) -> bool:
    """Write a report; return whether the lake did not hold it.

    Parameters
    ----------
    record : a row of EXTERNAL
    metrics : rows of METRICS without run_id
    replace : whether another report of that name may be replaced

    Raises
    ------
    SettingError : another run of that name was reported.
    """
    name = record["run_id"]
    plain = {key: value for key, value in record.items() if key not in _SAID}
    settings = {"record": fingerprint(plain), "metrics": fingerprint([dict(row) for row in metrics])}
    before = store.current(TABLE, name)
    if before is not None and before.settings == settings:
        return False
    if before is not None and not replace:
        (known,) = store.table(before).to_pylist()
        changed = [key for key, value in plain.items() if known[key] != value]
        raise SettingError(
            f"run {name} was reported at {known['at']} by {known['by']} with other "
            f"{', '.join(changed) or 'metrics'}; choose another name, or give --replace"
        )
    with store.write(TABLE, name, inputs={}, settings=settings, code=_CODE) as writer:
        writer.table(pa.Table.from_pylist([dict(record)], EXTERNAL.schema))
        rows = [{"run_id": name, **row} for row in metrics]
        writer.table(pa.Table.from_pylist(rows, METRICS.schema), METRICS.file)
    return True


def versions(store: Store) -> dict[str, str]:
    """Return the newest version of each report, by run."""
    found = concurrent(lambda key: store.required(TABLE, key), store.partitions(TABLE))
    return {manifest.key: manifest.version for manifest in found}


def tables(store: Store, found: Sequence[Manifest]) -> tuple[pa.Table, pa.Table]:
    """Read the records and the metrics of some reports."""
    records = [EXTERNAL.schema.empty_table(), *concurrent(store.table, found)]
    metrics = [METRICS.schema.empty_table()]
    metrics += concurrent(lambda manifest: store.table(manifest, METRICS.file), found)
    return pa.concat_tables(records), pa.concat_tables(metrics)

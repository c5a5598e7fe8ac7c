"""Evaluation sets: the records of a user's benchmark files, which documents are compared with.

They are no documents of the lake: no recipe trains on them, and no split has them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.check import lake_check
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.embeddings import encoder_settings
from guyot.errors import SettingError
from guyot.identity import content_digest, doc_id
from guyot.vectors.exact import unit_float16
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT
from resources.sources.evaluation_files import RECORD_SETTINGS, EvaluationFile, evaluation_files, read_records
from resources.sources.records import Document, RejectedRecord
from resources.sources.unpacking import limits_set

_BATCH_RECORDS = 256
RECORDS = TableSpec(
    "evaluation_sets",
    "an evaluation record of a benchmark file; its vector lies beside",
    (
        ColumnSpec("doc_id", pa.string(), "32 hex digits of the file's name, the key and the content"),
        ColumnSpec("evaluation_set", pa.string(), "the file's name without its extension"),
        ColumnSpec(
            "record_key", pa.string(), "the record's id or ordinal; empty for a file that is one text"
        ),
        ColumnSpec("content", pa.string(), "its fields that are text, joined by newlines"),
        ColumnSpec("content_digest", pa.string(), "hash of the text"),
    ),
)
REJECTS = TableSpec(
    "evaluation_rejects",
    "a record of a benchmark file that cannot be read, and is compared with nothing",
    (
        ColumnSpec("evaluation_set", pa.string(), "the file's name without its extension"),
        ColumnSpec("record_key", pa.string(), "the record's id or ordinal, where it was found"),
        ColumnSpec("reason", pa.string(), "one word for what is wrong, as in quarantine"),
        ColumnSpec("detail", pa.string(), "more on it"),
    ),
    file="rejects.parquet",
)


def contents_of_files(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the evaluation sets by the digests of their files.

    Raises
    ------
    SettingError : a file is not there, or its name is taken.
    """
    return dict.fromkeys(keys, {file.name: file.digest for file in evaluation_files(lake.settings)})


def encoder_of_records(lake: LakeResources, key: str) -> dict[str, Any]:
    """Return what identifies the encoder, where there is something to encode, and limits that are set."""
    if not lake.settings.contamination.files:
        return {}
    return {**encoder_settings(lake, key), **limits_set(lake.settings)}


def show(reader: TableReader, manifest: Manifest) -> Mapping[str, Any]:
    """Show how many records each evaluation set has."""
    counts = reader.table(manifest, columns=["evaluation_set"])["evaluation_set"].value_counts().to_pylist()
    lines = ["| evaluation set | records |", "| --- | --- |"]
    lines += [
        f"| {one['values']} | {one['counts']} |" for one in sorted(counts, key=lambda one: one["values"])
    ]
    return {"rejected": manifest.files[REJECTS.file].rows, "records": dg.MetadataValue.md("\n".join(lines))}


@lake_asset(
    group_name="cluster",
    tables=[RECORDS, REJECTS],
    inputs=contents_of_files,
    settings=RECORD_SETTINGS,
    settings_of=encoder_of_records,
    shows=show,
    documents=(TEXT, IMAGE),
    code_version="1",
    kinds=["parquet", "arrow"],
)
def evaluation_sets(build: Build, writer: Writer) -> None:
    """One row is an evaluation record of the files in `contamination.files`; none where it is empty."""
    files = evaluation_files(build.settings)
    for file in files:
        build.require_unchanged(file.name, file.digest)
    encoder = build.lake.encoder.load() if files else None
    blocks: list[NDArray[np.float16]] = []
    rejected: list[dict[str, Any]] = []
    with writer.parquet(RECORDS.schema) as sink:
        for file in files:
            n_before = sum(map(len, blocks))
            for batch in _batches(_documents(file, build, rejected)):
                sink.write_table(_table(file, batch))
                if encoder is not None:
                    blocks.append(unit_float16(encoder.encode([document.content for document in batch])))
            if sum(map(len, blocks)) == n_before:
                raise SettingError(_nothing_read(file, rejected))
    writer.table(pa.Table.from_pylist(rejected, REJECTS.schema), REJECTS.file)
    if blocks:
        writer.vectors(np.concatenate(blocks))
    writer.facts |= {"encoder_id": encoder.id if encoder else "", "sets": [file.name for file in files]}


@lake_check(asset="evaluation_sets")
def evaluation_records_can_be_read(lake: LakeResources, reader: TableReader) -> dg.AssetCheckResult:
    """Every record of the evaluation files can be read; with what was rejected nothing is compared."""
    rejected = reader.table(reader.required("evaluation_sets"), REJECTS.file).to_pylist()
    first = [f"{row['evaluation_set']} {row['record_key']}: {row['reason']}" for row in rejected[:5]]
    return dg.AssetCheckResult(
        passed=not rejected,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(rejected)} records are rejected{': ' + '; '.join(first) if first else ''}",
    )


def _documents(file: EvaluationFile, build: Build, rejected: list[dict[str, Any]]) -> Iterator[Document]:
    """Yield a file's records, and add what is rejected to a list."""
    for found in read_records(file, build.settings):
        if isinstance(found, RejectedRecord):
            row = {name: getattr(found, name) for name in REJECTS.names[1:]}
            rejected.append({"evaluation_set": file.name, **row})
        else:
            yield found


def _batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """Cut a file's records into batches."""
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == _BATCH_RECORDS:
            yield batch
            batch = []
    if batch:
        yield batch


def _table(file: EvaluationFile, batch: list[Document]) -> pa.Table:
    """Lay some records out."""
    digests = [content_digest(document.content.encode()) for document in batch]
    columns = {
        "doc_id": [
            doc_id(document.source_path, document.record_key, digest)
            for document, digest in zip(batch, digests, strict=True)
        ],
        "evaluation_set": [file.name] * len(batch),
        "record_key": [document.record_key for document in batch],
        "content": [document.content for document in batch],
        "content_digest": digests,
    }
    return pa.Table.from_pydict(columns, schema=RECORDS.schema)


def _nothing_read(file: EvaluationFile, rejected: list[dict[str, Any]]) -> str:
    """Return the error for a file none of whose records can be read."""
    own = [row for row in rejected if row["evaluation_set"] == file.name]
    first = f"; the first is {own[0]['reason']}: {own[0]['detail']}" if own else ""
    return (
        f"contamination.files names {file.location}; none of its {len(own)} records can be read{first}; "
        "correct the file, or contamination.fields"
    )

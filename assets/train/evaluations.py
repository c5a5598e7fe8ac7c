"""Evaluations: what each run's model pays for held-out documents, overall and by length."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_column
from assets.graph.partitions import RUNS
from assets.graph.reader import TableReader
from assets.graph.reads import named, one, same
from assets.graph.snapshot import Snapshot, snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.tokenizer import open_tokenizer
from assets.prune import epoch_schedules
from assets.train.inputs.held_out_documents import HeldOutDocuments, held_out_documents
from assets.train.inputs.stored_tokens import stored_tokens
from assets.train.training_runs import CHECKPOINT, trainings_at_once
from guyot.train.metric import bits_per_byte
from resources.lake.manifest import WHOLE
from resources.lake.writer import Writer
from resources.progress import WorkProgress
from resources.setting_groups import TEXT
from resources.settings import Settings

SUITE, METRIC = "held_out", "bits_per_byte"
SHORT_BELOW, LONG_ABOVE = 0.5, 0.9  # quantiles of the held-out documents' bytes
METRICS = TableSpec(
    "evaluations",
    "a metric of a run on a slice",
    (
        ColumnSpec("run_id", pa.string(), "the run", source="training_runs.run_id"),
        ColumnSpec("suite", pa.string(), "held_out"),
        ColumnSpec(
            "slice", pa.string(), "all, short (the shorter half of the files) or long (the longest tenth)"
        ),
        ColumnSpec("metric", pa.string(), "bits_per_byte"),
        ColumnSpec("value", pa.float64(), "bits over bytes, of all the slice's documents; lower is better"),
        ColumnSpec("low", pa.float64(), "lower end of a 95% interval, by a bootstrap over documents"),
        ColumnSpec("high", pa.float64(), "upper end"),
        ColumnSpec("n", pa.int64(), "documents in the slice"),
    ),
    key_columns=(),
)
DOCUMENTS = TableSpec(
    "evaluation_documents",
    "a held-out document that a run was evaluated on",
    (
        ColumnSpec("run_id", pa.string(), "the run", source="training_runs.run_id"),
        ColumnSpec("doc_id", pa.string(), "the document", source="raw_shards.doc_id"),
        ColumnSpec("kind", pa.string(), "its kind, such as python", source="raw_shards.kind"),
        ColumnSpec("held_out_group", pa.string(), "what was held out whole, such as its package"),
        ColumnSpec("bytes", pa.int64(), "its size"),
        ColumnSpec("scored_bytes", pa.int64(), "of its scored tokens: all but the first, up to a limit"),
        ColumnSpec("nats", pa.float64(), "their negative log-likelihood"),
    ),
    file="documents.parquet",
    key_columns=(),
)  # fmt: skip


@lake_asset(
    group_name="train",
    partitions_def=RUNS,
    tables=[METRICS, DOCUMENTS],
    reads=[
        same("training_runs"), named("epoch_schedules"), named("pruned_mixtures"), named("raw_shards"),
        named("quality_signals"), named("tokenizer"), one("shard_registry", is_input=False),
    ],
    settings=("training.evaluation_documents", "training.evaluation_tokens", "audit.bootstrap_draws", "seed"),
    keeps_all_versions=True,
    at_once=trainings_at_once,
    documents=(TEXT,),
    code_version="2",
    kinds=["pytorch"],
    owners=["team:research"],
)  # fmt: skip
def evaluations(build: Build, writer: Writer) -> None:
    """One row is a metric of a run on a slice of the held-out documents; documents.parquet has each."""
    reader, settings = build.reader, build.settings
    run = reader.required("training_runs", build.key)
    (record,) = reader.table(run).to_pylist()
    schedule = reader.pinned("epoch_schedules", record["recipe"], record["schedule_version"])
    mixture = epoch_schedules.mixture_of(reader, schedule)
    snapshot, tokenizer = snapshot_of(mixture), open_tokenizer(reader, record["tokenizer_version"])
    documents = held_out_documents(reader, settings, snapshot)
    tokens = _beginnings(reader, snapshot, record["tokenizer_version"], documents.ids, settings)
    progress = WorkProgress(f"evaluating {build.key}", sum(map(len, tokens)), "tokens")
    weights, config = reader.checked(run, CHECKPOINT), json.loads(record["config"])
    nats = build.lake.trainer.evaluate(weights, config, tokens, progress.at)
    scored = np.array([int(tokenizer.token_bytes[part].sum()) for part in tokens], np.int64)
    rows: list[dict[str, Any]] = []
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    for name, chosen in slices(documents.sizes).items():
        found = bits_per_byte(nats[chosen], scored[chosen], **bootstrap)
        about = {"run_id": record["run_id"], "suite": SUITE, "slice": name, "metric": METRIC}
        rows.append({**about, **vars(found)})
    writer.table(pa.Table.from_pylist(rows, METRICS.schema))
    writer.table(_document_rows(record["run_id"], documents, scored, nats), DOCUMENTS.file)
    facts = mixture.facts
    writer.facts |= {
        "mixture_documents": facts["n_kept"],
        "mixture_tokens": schedule.facts["mixture_tokens"],
        "mixture_kept_fraction": facts["n_kept"] / facts["n_eligible"],
    }


def _document_rows(
    run_id: str, documents: HeldOutDocuments, scored: NDArray[np.int64], nats: NDArray[np.float64]
) -> pa.Table:
    """Lay out what each document cost."""
    columns = [
        pa.array([run_id] * len(documents.ids), pa.string()),
        id_column(documents.ids),
        documents.kinds,
        documents.groups,
        documents.sizes,
        scored,
        nats,
    ]
    return pa.table(columns, schema=DOCUMENTS.schema)


def _beginnings(
    reader: TableReader,
    snapshot: Snapshot,
    tokenizer_version: str,
    ids: NDArray[np.bytes_],
    settings: Settings,
) -> list[NDArray[np.int32]]:
    """Read the first tokens of documents, each cut to those that are scored."""
    tokenizer = reader.pinned("tokenizer", WHOLE, tokenizer_version)
    found = [np.zeros(0, np.int32)] * len(ids)
    for row, tokens in stored_tokens(reader, snapshot, tokenizer, ids):
        found[row] = tokens[: settings.training.evaluation_tokens].copy()
    return found


def slices(sizes: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Divide documents by length: rows of all, of the shorter half, of the longest tenth.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in slices(np.arange(10)).items() if name != "all"}
    {'short': [0, 1, 2, 3, 4], 'long': [9]}
    """
    order = np.argsort(sizes, kind="stable")
    n_short, n_long = round(len(sizes) * SHORT_BELOW), round(len(sizes) * (1 - LONG_ABOVE))
    return {
        "all": np.arange(len(sizes)),
        "short": np.sort(order[: max(1, n_short)]),
        "long": np.sort(order[-max(1, n_long) :]),
    }

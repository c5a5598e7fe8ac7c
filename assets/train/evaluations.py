"""Evaluations: what each run's model pays for held-out documents, overall and by length."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_bits, ids_of, positions
from assets.graph.partitions import RUNS
from assets.graph.reader import TableReader
from assets.graph.reads import named, same
from assets.graph.snapshot import Snapshot, snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.ingest.tokenizer import open_tokenizer
from assets.prune import epoch_schedules
from assets.train.inputs.stored_tokens import stored_tokens
from assets.train.training_runs import CHECKPOINT, trainings_at_once
from guyot.errors import EvaluationError
from guyot.seeds import uniforms_of_bits
from guyot.train.metric import bits_per_byte
from resources.lake.manifest import WHOLE
from resources.lake.writer import Writer
from resources.progress import WorkProgress
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


@lake_asset(
    group_name="train",
    partitions_def=RUNS,
    tables=[METRICS],
    reads=[
        same("training_runs"), named("epoch_schedules"), named("pruned_mixtures"), named("raw_shards"),
        named("quality_signals"), named("tokenizer"),
    ],
    settings=("training.evaluation_documents", "training.evaluation_tokens", "audit.bootstrap_draws", "seed"),
    keeps_all_versions=True,
    at_once=trainings_at_once,
    code_version="1",
    kinds=["pytorch"],
    owners=["team:research"],
)  # fmt: skip
def evaluations(build: Build, writer: Writer) -> None:
    """One row is a metric of a run on a slice of the held-out documents."""
    reader, settings = build.reader, build.settings
    run = reader.required("training_runs", build.key)
    (record,) = reader.table(run).to_pylist()
    schedule = reader.pinned("epoch_schedules", record["recipe"], record["schedule_version"])
    mixture = epoch_schedules.mixture_of(reader, schedule)
    snapshot, tokenizer = snapshot_of(mixture), open_tokenizer(reader, record["tokenizer_version"])
    ids, sizes = held_out(reader, settings, snapshot)
    tokens = _beginnings(reader, snapshot, record["tokenizer_version"], ids, settings)
    progress = WorkProgress(f"evaluating {build.key}", sum(map(len, tokens)), "tokens")
    weights, config = reader.checked(run, CHECKPOINT), json.loads(record["config"])
    nats = build.lake.trainer.evaluate(weights, config, tokens, progress.at)
    scored = np.array([int(tokenizer.token_bytes[ids].sum()) for ids in tokens], np.int64)
    rows: list[dict[str, Any]] = []
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    for name, chosen in slices(sizes).items():
        found = bits_per_byte(nats[chosen], scored[chosen], **bootstrap)
        about = {"run_id": record["run_id"], "suite": SUITE, "slice": name, "metric": METRIC}
        rows.append({**about, **vars(found)})
    writer.table(pa.Table.from_pylist(rows, METRICS.schema))
    facts = mixture.facts
    writer.facts |= {
        "mixture_documents": facts["n_kept"],
        "mixture_tokens": schedule.facts["mixture_tokens"],
        "mixture_kept_fraction": facts["n_kept"] / facts["n_eligible"],
    }


def held_out(
    reader: TableReader, settings: Settings, snapshot: Snapshot
) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Draw held-out documents at random: their doc_ids, S32[n] sorted, and sizes in bytes, int64[n].

    Raises
    ------
    EvaluationError : the snapshot has none.
    """
    table = snapshot.table(reader, "raw_shards", ["doc_id", "split"])
    ids = ids_of(table.filter(pc.equal(table["split"], "held_out"))["doc_id"])
    if not len(ids):
        raise EvaluationError(
            f"reading.held_out_fraction={settings.reading.held_out_fraction} held out 0 of "
            f"{table.num_rows} documents; "
            "raise it, or set reading.held_out_unit=record, before the first scan of a lake"
        )
    uniform = uniforms_of_bits(settings.seed, "evaluation", id_bits(ids))
    wanted = np.sort(ids[np.lexsort((ids, uniform))[: settings.training.evaluation_documents]])
    signals = snapshot.table(reader, "quality_signals", ["doc_id", "bytes"])
    rows = positions(wanted, ids_of(signals["doc_id"]))
    sizes = np.zeros(len(wanted), np.int64)
    sizes[rows[rows >= 0]] = signals["bytes"].to_numpy()[rows >= 0]
    return wanted, sizes


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

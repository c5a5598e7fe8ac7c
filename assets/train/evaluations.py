"""Evaluations: what each run's model pays for held-out documents, overall and by length.

Of images, overall and by the split that their source states; and how often the model is right.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import id_column
from assets.graph.documents import settings_by_documents
from assets.graph.partitions import RUNS
from assets.graph.reads import named, one, same
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune import epoch_schedules
from assets.train.inputs.held_out_documents import held_out_documents
from assets.train.inputs.scored_documents import ScoredDocuments, score_images, score_texts
from assets.train.training_runs import CHECKPOINT, trainings_at_once
from guyot.stats import wilson
from guyot.train.metric import bits_per_byte
from resources.lake.manifest import WHOLE
from resources.lake.writer import Writer
from resources.setting_groups import IMAGE, TEXT

SUITE, METRIC = "held_out", "bits_per_byte"
IMAGE_METRIC, ACCURACY = "bits_per_image", "accuracy"
SPLIT_SLICE, MAX_SPLITS = "split {}", 16
SHORT_BELOW, LONG_ABOVE = 0.5, 0.9  # quantiles of the held-out documents' bytes
METRICS = TableSpec(
    "evaluations",
    "a metric of a run on a slice",
    (
        ColumnSpec("run_id", pa.string(), "the run", source="training_runs.run_id"),
        ColumnSpec("suite", pa.string(), "held_out"),
        ColumnSpec(
            "slice",
            pa.string(),
            "all, short (the shorter half of the files) or long (the longest tenth); of images all, and "
            "split with each name that their source states",
        ),
        ColumnSpec("metric", pa.string(), "bits_per_byte; of images bits_per_image, and accuracy"),
        ColumnSpec(
            "value",
            pa.float64(),
            "bits over bytes, of all the slice's documents; lower is better. Of images bits over images, of "
            "the class, or of the own caption among all different ones that are evaluated; and the share of "
            "images of which that is the likeliest",
        ),
        ColumnSpec(
            "low",
            pa.float64(),
            "lower end of a 95% interval, by a bootstrap over documents; of accuracy Wilson's",
        ),
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
        ColumnSpec("scored_bytes", pa.int64(), "of its scored tokens: all but the first; of an image 1"),
        ColumnSpec("nats", pa.float64(), "their negative log-likelihood; of an image that of its target"),
    ),
    file="documents.parquet",
    key_columns=(),
)  # fmt: skip
IMAGES = TableSpec(
    "evaluation_images",
    "a held-out image that a run was evaluated on, in the order of evaluation_documents",
    (
        ColumnSpec("run_id", pa.string(), "the run", source="training_runs.run_id"),
        ColumnSpec("doc_id", pa.string(), "the image", source="raw_shards.doc_id"),
        ColumnSpec(
            "stated_split", pa.string(), "what reading.split_column says of it, such as ood; empty without it"
        ),
        ColumnSpec("is_right", pa.bool_(), "whether its own class, or caption, is the likeliest"),
    ),
    file="images.parquet",
    key_columns=(),
    documents=(IMAGE,),
)


@lake_asset(
    group_name="train",
    partitions_def=RUNS,
    tables=[METRICS, DOCUMENTS, IMAGES],
    reads=[
        same("training_runs"), named("epoch_schedules"), named("pruned_mixtures"), named("raw_shards"),
        named("quality_signals"), named("tokenizer"), one("shard_registry", is_input=False),
    ],
    settings_of=settings_by_documents(
        text=(
            "training.evaluation_documents", "training.evaluation_tokens", "audit.bootstrap_draws", "seed",
        ),
        image=(
            "training.evaluation_documents", "reading.split_column", "audit.bootstrap_draws", "seed",
        ),
    ),
    keeps_all_versions=True,
    at_once=trainings_at_once,
    documents=(TEXT, IMAGE),
    code_version="2",
    kinds=["pytorch"],
    owners=["team:research"],
)  # fmt: skip
def evaluations(build: Build, writer: Writer) -> None:
    """One row is a metric of a run on a slice of the held-out documents; documents.parquet has each.

    In a lake of images images.parquet has what else there is to say of each.
    """
    reader, settings = build.reader, build.settings
    run = reader.required("training_runs", build.key)
    (record,) = reader.table(run).to_pylist()
    schedule = reader.pinned("epoch_schedules", record["recipe"], record["schedule_version"])
    mixture = epoch_schedules.mixture_of(reader, schedule)
    snapshot, tokenizer = snapshot_of(mixture), reader.pinned("tokenizer", WHOLE, record["tokenizer_version"])
    documents = held_out_documents(reader, settings, snapshot)
    weights, config = reader.checked(run, CHECKPOINT), json.loads(record["config"])
    scored = (
        score_images(build, weights, config, schedule, snapshot, tokenizer, documents)
        if settings.reading.documents == IMAGE
        else score_texts(build, weights, config, snapshot, tokenizer, documents)
    )
    bootstrap = {"draws": settings.audit.bootstrap_draws, "seed": settings.seed}
    writer.table(pa.Table.from_pylist(_metric_rows(record["run_id"], scored, bootstrap), METRICS.schema))
    writer.table(_document_rows(record["run_id"], scored), DOCUMENTS.file)
    facts = mixture.facts
    writer.facts |= {
        "mixture_documents": facts["n_kept"],
        "mixture_tokens": schedule.facts["mixture_tokens"],
        "mixture_kept_fraction": facts["n_kept"] / facts["n_eligible"],
    }
    if scored.is_right is not None:
        writer.table(_image_rows(record["run_id"], scored), IMAGES.file)
        writer.facts["without_target"] = scored.n_without_target


def _metric_rows(run_id: str, scored: ScoredDocuments, bootstrap: dict[str, int]) -> list[dict[str, Any]]:
    """Measure every slice."""
    rows: list[dict[str, Any]] = []
    is_right = scored.is_right
    chosen = slices(scored.documents.sizes) if is_right is None else splits(scored.stated_splits)
    for name, of_slice in chosen.items():
        about = {"run_id": run_id, "suite": SUITE, "slice": name}
        found = bits_per_byte(scored.nats[of_slice], scored.scored_bytes[of_slice], **bootstrap)
        rows.append({**about, "metric": METRIC if is_right is None else IMAGE_METRIC, **vars(found)})
        if is_right is not None:
            accuracy = wilson(int(is_right[of_slice].sum()), len(of_slice))
            rows.append({**about, "metric": ACCURACY, **vars(accuracy)})
    return rows


def _document_rows(run_id: str, scored: ScoredDocuments) -> pa.Table:
    """Lay out what each document cost."""
    documents = scored.documents
    columns = [
        pa.array([run_id] * len(documents.ids), pa.string()),
        id_column(documents.ids),
        documents.kinds,
        documents.groups,
        documents.sizes,
        scored.scored_bytes,
        scored.nats,
    ]
    return pa.table(columns, schema=DOCUMENTS.schema)


def _image_rows(run_id: str, scored: ScoredDocuments) -> pa.Table:
    """Lay out what else there is to say of images."""
    ids = scored.documents.ids
    columns = [
        pa.array([run_id] * len(ids), pa.string()), id_column(ids), list(scored.stated_splits),
        scored.is_right,
    ]  # fmt: skip
    return pa.table(columns, schema=IMAGES.schema)


def splits(stated: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Divide images by the split that their source states: rows of all, and of each name.

    Not by more than 16 names: that column says something else.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in splits(["ood", "", "dev", "ood"]).items()}
    {'all': [0, 1, 2, 3], 'split dev': [2], 'split ood': [0, 3]}
    """
    names, found = np.array(stated, object), {"all": np.arange(len(stated))}
    different = sorted(set(stated) - {""})
    if len(different) <= MAX_SPLITS:
        found |= {SPLIT_SLICE.format(name): np.flatnonzero(names == name) for name in different}
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

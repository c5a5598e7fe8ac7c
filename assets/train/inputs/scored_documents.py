"""What a run's model pays for held-out documents: the same columns for texts and for images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.build import Build
from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.held_out_documents import HeldOutDocuments
from assets.train.inputs.image_tasks import read_examples, target_arrays, task_of_run, with_targets
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.errors import EvaluationError
from guyot.meta import meta_value
from resources.lake.manifest import Manifest
from resources.models import image_evaluator
from resources.progress import WorkProgress


@dataclass(frozen=True)
class ScoredDocuments:
    """Held-out documents, by doc_id, and what a model pays for them.

    documents : those that are scored: of images, those that have a target
    scored_bytes : int64[n], the bytes that are scored; of an image 1
    nats : float64[n]
    is_right : bool[n], of images: whether their own caption, or class, is the likeliest; None of texts
    stated_splits : n names, of images: the split that the source states, empty where it states none
    n_without_target : images that were drawn and have no target
    """

    documents: HeldOutDocuments
    scored_bytes: NDArray[np.int64]
    nats: NDArray[np.float64]
    is_right: NDArray[np.bool_] | None = None
    stated_splits: tuple[str, ...] = ()
    n_without_target: int = 0


def score_texts(
    build: Build, weights: bytes, config: dict[str, Any], snapshot: Snapshot, tokenizer: Manifest,
    documents: HeldOutDocuments,
) -> ScoredDocuments:  # fmt: skip
    """Score the beginnings of texts by a language model."""
    reader, limit = build.reader, build.settings.training.evaluation_tokens
    tokens = [np.zeros(0, np.int32)] * len(documents.ids)
    for row, found in stored_tokens(reader, snapshot, tokenizer, documents.ids):
        tokens[row] = found[:limit].copy()
    progress = WorkProgress(f"evaluating {build.key}", sum(map(len, tokens)), "tokens")
    nats = build.lake.trainer.evaluate(weights, config, tokens, progress.at)
    token_bytes = open_tokenizer(reader, tokenizer.version).token_bytes
    scored = np.array([int(token_bytes[part].sum()) for part in tokens], np.int64)
    return ScoredDocuments(documents, scored, nats)


def score_images(
    build: Build, weights: bytes, config: dict[str, Any], schedule: Manifest, snapshot: Snapshot,
    tokenizer: Manifest, documents: HeldOutDocuments,
) -> ScoredDocuments:  # fmt: skip
    """Score images by a model of images, those that have no target left out.

    Raises
    ------
    EvaluationError : none has one.
    """
    reader, settings = build.reader, build.settings
    task = task_of_run(config, schedule, tokenizer)
    ids, targets = with_targets(documents.ids, target_arrays(reader, snapshot, task, documents.ids))
    if not len(ids):
        raise EvaluationError(
            f"0 of {len(documents.ids)} held-out images have a target for "
            f"{task.targets.objective} {task.targets.label_column}".rstrip()
            + "; give them captions, or labels that training images have too"
        )
    with reader.scratch_folder() as folder:
        examples = read_examples(reader, snapshot, ids, targets, settings, folder)
        found = image_evaluator.evaluate(weights, config, examples, threads=settings.training.threads)
    stated = _stated_splits(reader, snapshot, ids, settings.reading.split_column)
    return ScoredDocuments(
        documents.take(SortedIds.of(documents.ids).positions(ids)),
        np.ones(len(ids), np.int64), found.nats, found.is_right,
        tuple(stated.get(one, "") for one in ids.tolist()), len(documents.ids) - len(ids),
    )  # fmt: skip


def _stated_splits(
    reader: TableReader, snapshot: Snapshot, ids: NDArray[np.bytes_], column: str
) -> Mapping[bytes, str]:
    """Read the splits that the source states of some documents, by doc_id."""
    if not column:
        return {}
    table = snapshot.table(reader, "raw_shards", ["doc_id", "meta"])
    rows = np.flatnonzero(SortedIds.of(ids).positions(ids_of(table["doc_id"])) >= 0)
    chosen = table.take(pa.array(rows))
    metas = chosen["meta"].to_pylist()
    return {
        one: meta_value(meta, column)
        for one, meta in zip(ids_of(chosen["doc_id"]).tolist(), metas, strict=True)
    }

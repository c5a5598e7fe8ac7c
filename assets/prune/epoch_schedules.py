"""Epoch schedules: how often and in which order training visits a mixture, for one budget.

The budget of texts is tokens, that of episodes actions, which are their tokens. An image is one, whatever its
caption; images without a target, that is a caption or a label, are passed over.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from assets.graph.asset import Inputs, lake_asset
from assets.graph.build import Build
from assets.graph.doc_ids import SortedIds, ids_of
from assets.graph.documents import settings_by_documents
from assets.graph.lake import LakeResources
from assets.graph.partitions import RECIPE_KEYS
from assets.graph.reader import TableReader
from assets.graph.reads import named, same
from assets.graph.snapshot import snapshot_of
from assets.graph.tables import ColumnSpec, TableSpec
from assets.prune.cutting.target_texts import target_texts, targets_of
from guyot.errors import SettingError
from guyot.train.epoch_order import Shuffle, shard_begins
from guyot.train.exposure import Epoch, epochs, exposures
from guyot.train.image_targets import FACT, ImageTargets
from guyot.train.plan import plan
from guyot.train.schedule import ORDER, Schedule, require_order
from resources.lake.manifest import Manifest
from resources.lake.writer import Writer

EPOCHS = TableSpec(
    "epoch_schedules",
    "an epoch of a schedule version",
    (
        ColumnSpec("epoch", pa.int32(), "number of the epoch, from 0"),
        ColumnSpec("seed", pa.int64(), "seed of its order"),
        ColumnSpec(
            "segment_tokens",
            pa.int64(),
            "the longest segment; a longer document is read in pieces; null of images",
        ),
        ColumnSpec("n_documents", pa.int64(), "documents that it reads, wholly or in part"),
        ColumnSpec("n_tokens", pa.int64(), "tokens that it reads of them; of images the images"),
        ColumnSpec(
            "exposure_histogram",
            pa.string(),
            "JSON, kept documents by how often they were read, wholly or in part, up to its end",
        ),
    ),
)  # fmt: skip


def signals_of_mixture(lake: LakeResources, reader: TableReader, keys: Sequence[str]) -> Mapping[str, Inputs]:
    """State the versions of the signals whose tokens count: those of each mixture's snapshot."""
    shards = {key: snapshot_of(reader.required("pruned_mixtures", key)).shards for key in keys}
    return {
        key: {f"quality_signals/{shard}": versions["quality_signals"] for shard, versions in found.items()}
        for key, found in shards.items()
    }


@lake_asset(
    group_name="prune",
    partitions_def=RECIPE_KEYS,
    tables=[EPOCHS],
    reads=[same("pruned_mixtures"), named("quality_signals"), named("raw_shards")],
    inputs=signals_of_mixture,
    settings_of=settings_by_documents(
        text=("training.tokens", "training.segment_tokens", "seed"),
        episode=("training.tokens", "training.segment_tokens", "seed"),
        image=("training.images", "training.image_objective", "training.label_column", "seed"),
    ),
    code_version="3",
)
def epoch_schedules(build: Build, writer: Writer) -> None:
    """One row is an epoch; the order itself is computed from the seed, not stored."""
    settings = build.settings
    mixture = build.reader.required("pruned_mixtures", build.key)
    targets = targets_of(settings)
    documents, shuffle = scheduled_documents(build.reader, mixture, targets), Shuffle()
    budget = settings.training.tokens if targets is None else settings.training.images
    segment_tokens = settings.training.segment_tokens if targets is None else None
    schedule = plan(
        documents.tokens, budget, settings.seed, repeats=documents.repeats,
        segment_tokens=segment_tokens, shuffle=shuffle,
    )  # fmt: skip
    listed = epochs(schedule)
    columns = [
        [e.epoch for e in listed],
        [e.seed for e in listed],
        [segment_tokens] * len(listed),
        [e.n_documents for e in listed],
        [e.n_tokens for e in listed],
        _histograms(schedule, listed),
    ]
    writer.table(pa.table(columns, schema=EPOCHS.schema))
    writer.facts |= {
        "order": ORDER,
        "train_tokens": budget,
        "seed": settings.seed,
        "segment_tokens": segment_tokens,
        "block_documents": shuffle.block_documents,
        "group_blocks": shuffle.group_blocks,
        "mixture_version": mixture.version,
        "mixture_tokens": schedule.epoch_tokens,
    }
    if targets is not None:
        writer.facts |= {FACT: dataclasses.asdict(targets), "without_target": documents.n_without_target}


@dataclasses.dataclass(frozen=True)
class ScheduledDocuments:
    """The documents of a mixture's snapshot, in the order in which they are stored.

    A schedule's rows: shard by shard, each beginning at a multiple of 512 (`shard_begins`).

    ids : S32[n]; empty where no document is
    tokens : int64[n]; of an image 1
    repeats : int64[n], 1 where the mixture keeps the document, and of an image there is a target; else 0
    n_without_target : images that the mixture keeps and that have none
    """

    ids: NDArray[np.bytes_]
    tokens: NDArray[np.int64]
    repeats: NDArray[np.int64]
    n_without_target: int = 0


def scheduled_documents(
    reader: TableReader, mixture: Manifest, targets: ImageTargets | None = None
) -> ScheduledDocuments:
    """List the documents that a schedule of a mixture is over.

    Parameters
    ----------
    targets : of images; None of texts

    Raises
    ------
    SettingError : no image of the mixture has a target.
    """
    rows = reader.table(mixture, columns=["doc_id", "kept"])
    kept = SortedIds.of(ids_of(rows.filter(rows["kept"])["doc_id"]))
    snapshot = snapshot_of(mixture)
    manifests = snapshot.manifests(reader, "quality_signals")
    begins = shard_begins(np.array([manifest.rows for manifest in manifests], np.int64))
    found = ScheduledDocuments(
        np.zeros(begins[-1], "S32"), np.zeros(begins[-1], np.int64), np.zeros(begins[-1], np.int64)
    )
    for begin, manifest in zip(begins.tolist(), manifests, strict=False):
        signals = reader.table(manifest, columns=["doc_id", "tokens"])
        place = slice(begin, begin + signals.num_rows)
        found.ids[place] = ids_of(signals["doc_id"])
        found.tokens[place] = signals["tokens"].to_numpy()
        found.repeats[place] = kept.positions(found.ids[place]) >= 0
    return found if targets is None else _as_images(found, target_texts(reader, snapshot, targets))


def _as_images(found: ScheduledDocuments, targets: Mapping[bytes, str]) -> ScheduledDocuments:
    """Count each image as one, and pass over those without a target."""
    has_target = np.array([bool(targets.get(one)) for one in found.ids.tolist()], np.bool_)
    n_kept, repeats = int(found.repeats.sum()), found.repeats * has_target
    if n_kept and not repeats.any():
        raise SettingError(
            f"0 of {n_kept:,} images of the mixture have a target; give them captions, or set "
            "training.image_objective=label and training.label_column to a key of their other columns"
        )
    images = (found.ids != b"").astype(np.int64)
    return ScheduledDocuments(found.ids, images, repeats, n_kept - int(repeats.sum()))


def mixture_of(reader: TableReader, schedule: Manifest) -> Manifest:
    """Return the mixture that a schedule pins, live or not.

    Raises
    ------
    MissingError : the lake does not hold that version.
    """
    return reader.pinned("pruned_mixtures", schedule.key, schedule.facts["mixture_version"])


def schedule_of(
    reader: TableReader, schedule: Manifest, seed: int | None = None
) -> tuple[NDArray[np.bytes_], Schedule]:
    """Compute the schedule of a version: (doc_ids S32[n] of its rows, schedule).

    Parameters
    ----------
    seed : of the order, for a run that has one of its own; None: the version's

    Raises
    ------
    MissingError : its order is one that this version does not compute, or its mixture is gone.
    """
    facts = schedule.facts
    require_order(facts.get("order"), f"epoch_schedules/{schedule.key} version {schedule.version}")
    targets = ImageTargets.from_facts(facts)
    documents = scheduled_documents(reader, mixture_of(reader, schedule), targets)
    planned = plan(
        documents.tokens, facts["train_tokens"], facts["seed"] if seed is None else seed,
        repeats=documents.repeats, segment_tokens=facts["segment_tokens"],
        shuffle=Shuffle(facts["block_documents"], facts["group_blocks"]),
    )  # fmt: skip
    return documents.ids, planned


def _histograms(schedule: Schedule, listed: Sequence[Epoch]) -> list[str]:
    """Count kept documents by how often they were read up to the end of each epoch, as JSON."""
    repeats = schedule.repeats.astype(np.int64)
    counted = [repeats * (epoch.epoch + 1) for epoch in listed[:-1]] + [exposures(schedule)]
    return [_histogram(counts[repeats > 0]) for counts in counted]


def _histogram(counts: NDArray[np.int64]) -> str:
    """Count equal numbers, as JSON."""
    times, documents = np.unique(counts, return_counts=True)
    return json.dumps(dict(zip(map(str, times.tolist()), documents.tolist(), strict=True)))

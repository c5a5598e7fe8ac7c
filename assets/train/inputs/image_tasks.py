"""What models of images are to tell of each, alike for all runs of a snapshot, and images with targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.graph.doc_ids import SortedIds
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.ingest.inputs.shard_images import decoded, image_batches
from assets.ingest.tokenizer import open_tokenizer
from assets.prune.cutting.target_texts import target_texts
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.errors import SettingError
from guyot.images.square import square_pixels
from guyot.split import TRAIN
from guyot.train.image_targets import LABEL, ImageTargets
from resources.lake.manifest import Manifest
from resources.models.image_examples import ImageExamples
from resources.settings import Settings

CLASSES = "classes"  # in the config of a run
_MAX_CLASSES = 1000


@dataclass(frozen=True)
class ImageTask:
    """What models of images are to tell.

    targets : where it is
    classes : the labels, in order; none of captions
    n_outputs : classes, or the tokenizer's vocabulary
    tokenizer : whose tokens captions are read in
    """

    targets: ImageTargets
    classes: tuple[str, ...]
    n_outputs: int
    tokenizer: Manifest


def image_task(
    reader: TableReader, snapshot: Snapshot, targets: ImageTargets, tokenizer: Manifest
) -> ImageTask:
    """Return the task of a snapshot; its classes are those of all images that may be trained on, kept or not.

    Raises
    ------
    SettingError : fewer than two classes, or more than a thousand.
    """
    if targets.objective != LABEL:
        return ImageTask(targets, (), open_tokenizer(reader, tokenizer.version).vocabulary_size, tokenizer)
    found = target_texts(reader, snapshot, targets, TRAIN)
    classes = tuple(sorted(set(found.values()) - {""}))
    if not 1 < len(classes) <= _MAX_CLASSES:
        raise SettingError(
            f"training.label_column={targets.label_column} has {len(classes):,} values in {len(found):,} "
            f"training images; name a key of their other columns that has 2 to {_MAX_CLASSES:,}"
        )
    return ImageTask(targets, classes, len(classes), tokenizer)


def target_arrays(
    reader: TableReader, snapshot: Snapshot, task: ImageTask, ids: NDArray[np.bytes_]
) -> list[NDArray[np.int32]]:
    """Read the target of some images: n arrays, of which one is empty where there is none.

    Parameters
    ----------
    ids : S32[n], sorted doc_ids

    Notes
    -----
    A label that no training image has is no target: a model cannot tell it.
    """
    texts = target_texts(reader, snapshot, task.targets)
    if task.targets.objective == LABEL:
        numbers = {name: np.array([number], np.int32) for number, name in enumerate(task.classes)}
        return [numbers.get(texts[one], np.zeros(0, np.int32)) for one in ids.tolist()]
    found = [np.zeros(0, np.int32)] * len(ids)
    for row, tokens in stored_tokens(reader, snapshot, task.tokenizer, ids):
        if texts[bytes(ids[row])]:
            found[row] = tokens[1:].copy()  # without the first mark
    return found


def read_examples(
    reader: TableReader,
    snapshot: Snapshot,
    ids: NDArray[np.bytes_],
    targets: Sequence[NDArray[np.int32]],
    settings: Settings,
    folder: Path,
) -> ImageExamples:
    """Decode some images once, and put their pixels into a file that is mapped.

    Parameters
    ----------
    ids : S32[n], sorted doc_ids
    targets : of each, see `target_arrays`
    folder : where the file goes, for as long as the examples are used

    Raises
    ------
    CorruptError : an image cannot be decoded any more.

    Notes
    -----
    Memory: one image as it is decoded. Disk: 3 x side x side bytes for each image.
    """
    side, reading = settings.training.image_side, SortedIds.of(ids)
    shape = (len(ids), side, side, 3)
    if not len(ids):
        return ImageExamples(np.zeros(shape, np.uint8), [])
    pixels = np.memmap(folder / f"pixels{len(list(folder.iterdir()))}", np.uint8, "w+", shape=shape)
    for manifest in snapshot.manifests(reader, "raw_shards"):
        for batch in image_batches(reader, manifest):
            rows = reading.positions(np.array(batch.ids, "S32"))
            for place in np.flatnonzero(rows >= 0).tolist():
                found = decoded(batch.images[place], batch.ids[place], settings)
                pixels[rows[place]] = square_pixels(found.pixels, side)
    return ImageExamples(pixels, list(targets))


def with_targets(
    ids: NDArray[np.bytes_], targets: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.bytes_], list[NDArray[np.int32]]]:
    """Leave out images that have no target."""
    rows = np.array([row for row, target in enumerate(targets) if len(target)], np.int64)
    return ids[rows], [targets[row] for row in rows]


def task_of_run(config: Mapping[str, Any], schedule: Manifest, tokenizer: Manifest) -> ImageTask:
    """Return the task that a run was trained for.

    Parameters
    ----------
    config : of its record
    schedule : the version of epoch_schedules that it read
    """
    targets = ImageTargets.from_facts(schedule.facts) or ImageTargets()
    return ImageTask(targets, tuple(config.get(CLASSES, ())), config["model"]["outputs"], tokenizer)

"""Tasks and examples of images: classes of the training split, captions in tokens, pixels decoded once."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.labelled_images import COLOURS, scheduled_lake
from support.lake import reader_of

from assets.graph.lake import LakeResources
from assets.graph.snapshot import Snapshot, snapshot_of
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.image_tasks import (
    image_task,
    read_examples,
    target_arrays,
    task_of_run,
    with_targets,
)
from guyot.errors import SettingError
from guyot.images.decode import decode
from guyot.images.square import square_pixels
from guyot.train.image_targets import ImageTargets

LABELS = ImageTargets("label", "colour")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return scheduled_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def snapshot(lake: LakeResources) -> Snapshot:
    return snapshot_of(lake.store.required("pruned_mixtures", "random"))


def documents(lake: LakeResources) -> dict[bytes, dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {}
    for shard in lake.shards():
        manifest = lake.store.required("raw_shards", shard)
        images = lake.store.table(manifest, "images.parquet")["image"].to_pylist()
        for row, image in zip(lake.store.table(manifest).to_pylist(), images, strict=True):
            found[row["doc_id"].encode()] = {**row, "image": image}
    return found


def test_classes_are_the_labels_in_order_and_targets_their_numbers(
    lake: LakeResources, snapshot: Snapshot
) -> None:
    reader, known = reader_of(lake), documents(lake)
    task = image_task(reader, snapshot, LABELS, reader.required("tokenizer"))
    assert (task.classes, task.n_outputs) == (tuple(sorted(COLOURS)), 3)
    ids = np.array(sorted(known), "S32")
    targets = target_arrays(reader, snapshot, task, ids)
    colours = [json.loads(known[one]["meta"])["colour"] for one in ids.tolist()]
    assert [target.tolist() for target in targets] == [
        [] if colour is None else [task.classes.index(colour)] for colour in colours
    ]
    kept, found = with_targets(ids, targets)
    assert len(kept) == len(found) == 59
    config = {"classes": ["blue", "red"], "model": {"outputs": 2}}
    fewer = task_of_run(config, reader.required("epoch_schedules", "random"), reader.required("tokenizer"))
    without = target_arrays(reader, snapshot, fewer, ids)
    assert [len(target) for target in without] == [colour in ("blue", "red") for colour in colours], (
        "a label that the run's model does not have is no target"
    )


def test_captions_are_the_tokens_that_the_lake_has_of_them_without_the_first_mark(
    lake: LakeResources, snapshot: Snapshot
) -> None:
    reader, known = reader_of(lake), documents(lake)
    tokenizer = open_tokenizer(reader)
    task = image_task(reader, snapshot, ImageTargets(), reader.required("tokenizer"))
    assert (task.classes, task.n_outputs) == ((), tokenizer.vocabulary_size)
    ids = np.array(sorted(known)[:9], "S32")
    found = target_arrays(reader, snapshot, task, ids)
    expected = tokenizer.encode([known[one]["content"] for one in ids.tolist()])
    assert [target.tolist() for target in found] == [tokens[1:].tolist() for tokens in expected]


def test_pixels_are_those_of_the_images_in_the_order_of_their_ids(
    lake: LakeResources, snapshot: Snapshot, tmp_path: Path
) -> None:
    known = documents(lake)
    ids = np.array(sorted(known)[5:25], "S32")
    targets = [np.array([row], np.int32) for row in range(20)]
    found = read_examples(reader_of(lake), snapshot, ids, targets, lake.settings, tmp_path)
    expected = [
        square_pixels(decode(known[one]["image"], max_pixels=10**6).pixels, 8) for one in ids.tolist()
    ]
    assert np.array_equal(found.pixels, expected)
    assert isinstance(found.pixels, np.memmap)
    assert (tmp_path / "pixels0").stat().st_size == 20 * 8 * 8 * 3
    assert len(read_examples(reader_of(lake), snapshot, ids[:0], [], lake.settings, tmp_path)) == 0


@pytest.mark.parametrize(("column", "values"), [("split", "1 values"), ("size", "0 values")])
def test_labels_that_are_no_classes_are_refused(
    lake: LakeResources, snapshot: Snapshot, column: str, values: str
) -> None:
    reader = reader_of(lake)
    with pytest.raises(SettingError, match=f"label_column={column} has {values} in 40 training images"):
        image_task(reader, snapshot, ImageTargets("label", column), reader.required("tokenizer"))

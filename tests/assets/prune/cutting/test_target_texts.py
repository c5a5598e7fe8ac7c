"""The targets of a snapshot's images, and where settings say that they are."""

import json

import pytest
from support.labelled_images import scheduled_lake
from support.lake import reader_of

from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.prune.cutting.target_texts import target_texts, targets_of
from guyot.errors import SettingError
from guyot.train.image_targets import ImageTargets
from resources.settings import Settings


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return scheduled_lake(tmp_path_factory)


def test_every_image_has_its_target_or_none(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot = snapshot_of(reader.required("pruned_mixtures", "random"))
    rows = [
        row
        for s in lake.shards()
        for row in lake.store.table(lake.store.required("raw_shards", s)).to_pylist()
    ]
    labels = target_texts(reader, snapshot, ImageTargets("label", "colour"))
    assert labels == {row["doc_id"].encode(): json.loads(row["meta"])["colour"] or "" for row in rows}
    assert list(labels.values()).count("") == 1
    captions = target_texts(reader, snapshot, ImageTargets(), "held_out")
    assert captions == {r["doc_id"].encode(): r["content"] for r in rows if r["split"] == "held_out"}
    assert list(captions.values()).count("") == 2


def test_settings_say_where_targets_are_and_texts_have_none() -> None:
    assert targets_of(Settings.of()) is None
    images = {"reading.documents": "image", "training.label_column": "shape"}
    assert targets_of(Settings.of(**images)) == ImageTargets()
    assert targets_of(Settings.of(**images, training__image_objective="label")) == ImageTargets(
        "label", "shape"
    )
    with pytest.raises(SettingError, match=r"training\.label_column"):
        targets_of(Settings.of(reading__documents="image", training__image_objective="label"))

"""What a model of images is trained to tell."""

import pytest

from guyot.errors import SettingError
from guyot.train.image_targets import FACT, ImageTargets

METAS = ['{"shape": "mug"}', '{"shape": null}', "{}"]


def test_a_target_is_the_caption_or_a_value_of_the_meta() -> None:
    captions = ["a mug", "", " a cube "]
    assert ImageTargets().of(captions, METAS) == ["a mug", "", "a cube"]
    assert ImageTargets("label", "shape").of(captions, METAS) == ["mug", "", ""]


def test_labels_need_a_column_and_captions_have_none() -> None:
    with pytest.raises(SettingError, match=r"set training\.label_column"):
        ImageTargets("label")
    assert ImageTargets("contrastive", "shape") == ImageTargets()


def test_they_come_back_from_the_facts_of_a_schedule_and_of_texts_there_are_none() -> None:
    facts = {FACT: {"objective": "label", "label_column": "shape"}}
    assert ImageTargets.from_facts(facts) == ImageTargets("label", "shape")
    assert ImageTargets.from_facts({"train_tokens": 5}) is None

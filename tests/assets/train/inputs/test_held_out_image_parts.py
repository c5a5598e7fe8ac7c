"""The two parts of the held-out images share none, and each is scored as its images are."""

import numpy as np
import pytest
from support.labelled_images import scheduled_lake
from support.lake import reader_of

from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.train.inputs.held_out_image_parts import ImagePart, held_out_image_parts
from assets.train.inputs.image_tasks import image_task
from guyot.train.image_targets import ImageTargets
from resources.models import image_evaluator, image_network
from resources.models.image_trainer import ImageTrainer


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return scheduled_lake(tmp_path_factory)


def test_images_with_a_target_are_in_one_part_each(lake: LakeResources) -> None:
    reader = reader_of(lake)
    snapshot = snapshot_of(reader.required("pruned_mixtures", "random"))
    sizes = {}
    for targets in (ImageTargets("label", "colour"), ImageTargets()):
        task = image_task(reader, snapshot, targets, reader.required("tokenizer"))
        parts = held_out_image_parts(reader, lake.settings, snapshot, task)
        seen = [pixels.tobytes() for part in parts for pixels in part.examples.pixels]
        assert len(set(seen)) == len(seen)
        assert min(len(part.examples) for part in parts) > 5
        sizes[targets.objective] = len(seen)
        config = ImageTrainer(settings=lake.settings).config(targets.objective, task.n_outputs)
        weights = [
            image_network.weights_of(image_network.new_model(config["model"], seed)) for seed in (0, 1)
        ]
        for part in parts:
            scored = image_evaluator.evaluate(weights[0], config, part.examples).nats
            assert np.array_equal(part.nats(weights[0], config), scored)
            assert part.scored_bytes.tolist() == [1] * len(part.examples)
            assert part.ensemble_nats(weights[:1] * 2, config) == pytest.approx(scored)
            assert part.mixture_loss(weights[0], config)[1] == -(-len(part.examples) // 8)
    assert sizes == {"label": 20, "contrastive": 18}


def test_a_sample_is_the_first_images(lake: LakeResources) -> None:
    from support.image_examples import examples

    part = ImagePart(examples(300, "label"), 1)
    assert len(part.sample().examples) == 256
    assert np.array_equal(part.sample().examples.pixels, part.examples.pixels[:256])

"""The network of images: its loss worked out by hand, and weights that come back as they were."""

import math

import numpy as np
import pytest
import torch
from support.image_examples import examples, outputs, settings

from guyot.errors import CorruptError
from resources.models import image_network
from resources.models.image_examples import ImageExamples

each_objective = pytest.mark.parametrize("objective", ["contrastive", "label"])


def model_of(objective: str, seed: int = 0) -> torch.nn.Module:
    return image_network.new_model(image_network.shape(settings(), objective, outputs(objective)), seed)


def test_the_contrastive_loss_of_two_pairs_is_the_one_worked_out_by_hand() -> None:
    images = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    captions = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # cosines 1, 0 and .6, .8; times 2: 2, 0 and 1.2, 1.6
    by_image = [math.log1p(math.exp(-2)), math.log1p(math.exp(-0.4))]
    by_caption = [math.log1p(math.exp(-0.8)), math.log1p(math.exp(-1.6))]
    expected = (sum(by_image) / 2 + sum(by_caption) / 2) / 2
    found = image_network.info_nce(images, captions, torch.tensor(2.0))
    assert found.item() == pytest.approx(expected, rel=1e-6)


def test_a_batch_loss_is_the_naive_one_in_float64() -> None:
    model, batch = model_of("contrastive"), examples(5, "contrastive")
    with torch.inference_mode():
        images = image_network.image_outputs(model, batch, "float32").double().numpy()
        captions = image_network.caption_vectors(model, batch.targets).double().numpy()
        found = image_network.batch_loss(model, batch, "float32").item()
    assert np.allclose(np.linalg.norm(images, axis=1), 1)
    assert np.allclose(np.linalg.norm(captions, axis=1), 1)
    logits = images @ captions.T / 0.07
    own = np.arange(5)
    rows = -np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))[own, own].mean()
    columns = -np.log(np.exp(logits) / np.exp(logits).sum(axis=0, keepdims=True))[own, own].mean()
    assert found == pytest.approx((rows + columns) / 2, rel=1e-5)


@each_objective
def test_an_image_costs_the_same_in_any_company(objective: str) -> None:
    model, every = model_of(objective), examples(9, objective)
    with torch.inference_mode():
        together = image_network.image_outputs(model, every, "float32")
        alone = image_network.image_outputs(model, every.take(slice(4, 5)), "float32")
    assert torch.allclose(together[4:5], alone, atol=1e-6)


def test_a_caption_is_the_bag_of_its_tokens_and_padding_counts_for_nothing() -> None:
    model = model_of("contrastive")
    one, same, longer = (np.array(ids, np.int32) for ids in ([5, 7], [7, 5], [5, 7, 8, 9]))
    with torch.inference_mode():
        padded = image_network.caption_vectors(model, [one, longer])
        alone = image_network.caption_vectors(model, [same])
    assert torch.allclose(padded[0], alone[0], atol=1e-6)
    assert not torch.allclose(padded[1], alone[0], atol=1e-2)


@each_objective
def test_weights_come_back_and_seeds_tell_models_apart(objective: str) -> None:
    model = model_of(objective)
    weights = image_network.weights_of(model)
    assert weights == image_network.weights_of(model_of(objective))
    assert weights != image_network.weights_of(model_of(objective, 1))
    shape = image_network.shape(settings(), objective, outputs(objective))
    again = image_network.load_model(shape, weights)
    assert image_network.weights_of(again) == weights
    assert not list(again.buffers()), "all that is learned is averaged in a soup"


def test_weights_of_another_shape_are_refused() -> None:
    weights = image_network.weights_of(model_of("label"))
    shape = image_network.shape(settings(), "label", 4)
    for wrong in (weights, weights[:100]):
        with pytest.raises(CorruptError, match="are not the weights of a model of"):
            image_network.load_model(shape, wrong)


def test_the_scale_of_cosines_has_a_limit() -> None:
    model = model_of("contrastive")
    assert image_network.scale_of(model).item() == pytest.approx(1 / 0.07)
    model.log_scale.data.fill_(9.0)
    assert image_network.scale_of(model).item() == pytest.approx(100)


def test_a_batch_of_one_pair_costs_nothing() -> None:
    one = examples(1, "contrastive")
    batch = ImageExamples(one.pixels, one.targets)
    assert image_network.batch_loss(model_of("contrastive"), batch, "float32").item() == 0

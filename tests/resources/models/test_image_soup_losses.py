"""The loss that shares of models of images are learned from."""

import numpy as np
import pytest
import safetensors.numpy
import torch
from support.image_examples import examples, outputs, settings

from guyot.train.soups import learned
from resources.models import image_network
from resources.models.image_soup_losses import mixture_loss
from resources.models.image_trainer import ImageTrainer


@pytest.mark.parametrize("objective", ["contrastive", "label"])
def test_it_is_the_loss_of_the_batch_by_the_tensors_given(objective: str) -> None:
    config = ImageTrainer(settings=settings()).config(objective, outputs(objective))
    first, other = (image_network.new_model(config["model"], seed) for seed in (0, 1))
    every = examples(11, objective)
    loss, n_batches = mixture_loss(image_network.weights_of(first), config, every)
    assert n_batches == 2
    tensors = {name: tensor.detach() for name, tensor in other.named_parameters()}
    with torch.no_grad():
        expected = image_network.batch_loss(other, every.take(slice(8, 11)), "float32").item()
        assert loss(tensors, 1).item() == pytest.approx(expected)
    weights = [safetensors.numpy.load(image_network.weights_of(model)) for model in (first, other)]
    soup = learned(weights, loss, n_batches, epochs=3)
    assert sum(soup.shares["all"]) == pytest.approx(1)
    assert np.isfinite(soup.losses).all()

"""Models of images from a directory: tiny random ones of three kinds, prepared as their directory says."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.image_models import write_tiny_clip, write_tiny_convnet, write_tiny_vit
from support.images import picture

from guyot.encoders import image_encoder as module
from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder
from guyot.errors import SettingError

WRITE = {"clip": write_tiny_clip, "vit": write_tiny_vit, "convnet": write_tiny_convnet}


@pytest.fixture(scope="module", params=list(WRITE))
def encoder(request, tmp_path_factory):
    return TransformerImageEncoder(
        ImageModel(WRITE[request.param](tmp_path_factory.mktemp(request.param))), "id"
    )


def test_rows_are_unit_vectors_that_do_not_depend_on_the_batch(encoder, monkeypatch):
    images = [picture(n, 40 + n, 60 - n) for n in range(37)]
    rows = encoder.encode(iter(images))
    assert rows.shape == (37, encoder.width)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows.astype(np.float64), axis=1), 1, atol=1e-6)
    some = np.concatenate([encoder.encode(images[begin : begin + 5]) for begin in range(0, 37, 5)])
    assert some.tobytes() == rows.tobytes()
    assert encoder.encode([]).shape == (0, encoder.width)
    assert encoder.id == "id"
    assert len(np.unique(rows.round(5), axis=0)) == 37


def test_images_are_prepared_as_the_directory_says(tmp_path):
    import torch
    from PIL import Image
    from transformers import CLIPModel

    folder = write_tiny_clip(tmp_path)
    pixels = picture(3, 64, 64)
    encoder = TransformerImageEncoder(ImageModel(folder))
    small = np.asarray(Image.fromarray(pixels).resize((32, 32), Image.Resampling.BICUBIC), np.float64) / 255
    says = json.loads((folder / "preprocessor_config.json").read_text())
    wanted = (small - says["image_mean"]) / says["image_std"]
    values = torch.tensor(wanted.transpose(2, 0, 1)[None], dtype=torch.float32)
    with torch.inference_mode():
        features = (
            CLIPModel.from_pretrained(folder).eval().get_image_features(pixel_values=values).pooler_output
        )
    expected = features[0].numpy() / np.linalg.norm(features[0].numpy())
    assert np.allclose(encoder.encode([pixels])[0], expected, atol=1e-5)


def test_a_pooling_that_has_no_weights_is_not_used(tmp_path):
    import torch
    from transformers import ViTModel

    folder = write_tiny_vit(tmp_path)  # a classifier's: without a pooler
    first, second = (TransformerImageEncoder(ImageModel(folder)).encode([picture(1)]) for _ in range(2))
    assert first.tobytes() == second.tobytes(), "nothing in it is random"
    encoder = TransformerImageEncoder(ImageModel(folder))
    with torch.inference_mode():
        prepared = encoder._prepared(picture(1))[None]
        hidden = ViTModel.from_pretrained(folder).eval()(pixel_values=prepared).last_hidden_state[0]
    mean = hidden.mean(dim=0).numpy()
    assert np.allclose(first[0], mean / np.linalg.norm(mean), atol=1e-5)


def test_missing_weights_and_directories_that_are_none_are_refused(tmp_path):
    import safetensors.torch

    folder = write_tiny_convnet(tmp_path / "half")
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    gone = next(name for name in sorted(weights) if name.endswith("weight"))
    del weights[gone]
    safetensors.torch.save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(SettingError, match="lacks 1 weights of its model, such as .*, which would be random"):
        TransformerImageEncoder(ImageModel(folder))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SettingError, match="transformers cannot load the image encoder in .*empty without"):
        TransformerImageEncoder(ImageModel(empty))


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_vectors_of_no_length_or_that_are_not_finite_are_refused(tmp_path, monkeypatch, value):
    encoder = TransformerImageEncoder(ImageModel(write_tiny_convnet(tmp_path)))
    pooled = encoder._pooled

    def broken(values):
        found = pooled(values)
        found[4] = value
        return found

    monkeypatch.setattr(encoder, "_pooled", broken)
    images = [picture(n) for n in range(40)]
    with pytest.raises(
        SettingError, match=r"gives image 4 a vector of length .*; it must be finite and above"
    ):
        encoder.encode(images)
    assert encoder.encode(images[:4]).shape == (4, encoder.width)


def test_it_holds_a_batch_of_prepared_images_and_no_more(tmp_path, monkeypatch):
    encoder = TransformerImageEncoder(ImageModel(write_tiny_convnet(tmp_path)))
    batches: list[int] = []
    batch = encoder._batch
    monkeypatch.setattr(
        encoder, "_batch", lambda some, begin: batches.append(len(some)) or batch(some, begin)
    )
    assert len(encoder.encode(picture(n) for n in range(70))) == 70
    assert batches == [32, 32, 6]
    assert module.BATCH_IMAGES == 32


def test_folders_are_paths(tmp_path: Path):
    assert ImageModel(tmp_path) == ImageModel(Path(str(tmp_path)), "cpu", "float32")


def test_untrained_weights_are_others_alive_and_the_same_for_a_seed(encoder):
    images = [picture(n) for n in range(6)]
    own = encoder.encode(images)
    fresh, again, other = (encoder.untrained(seed, images) for seed in (1, 1, 2))
    assert fresh.encode(images).tobytes() == again.encode(images).tobytes()
    for one in (fresh, other):
        rows = one.encode(images)
        assert not np.allclose(rows, own, atol=0.01)
        assert (rows @ rows.T)[~np.eye(6, dtype=bool)].max() < 0.999999, "it tells images apart"
    assert not np.allclose(fresh.encode(images), other.encode(images), atol=0.01)
    assert encoder.encode(images).tobytes() == own.tobytes(), "the encoder itself is left as it is"
    assert (encoder.id, fresh.id) == ("id", "id-untrained-1")


def test_batch_normalisation_that_passes_nothing_on_is_put_right():
    import torch

    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 8, 3, bias=False), torch.nn.BatchNorm2d(8), torch.nn.Conv2d(8, 4, 1)]
    network = torch.nn.Sequential(*layers)
    with torch.no_grad():
        layers[1].weight.fill_(1e-3)
        layers[1].running_mean.fill_(5)
    gates = layers[2].weight.clone()
    (found,) = module.revive(network)
    assert found is layers[1]
    assert torch.equal(layers[2].weight, gates), "a convolution with a bias is left as it is"
    assert layers[0].weight.std().item() == pytest.approx((2 / (8 * 9)) ** 0.5, rel=0.15)
    values = torch.randn(64, 3, 8, 8) * 3 + 1
    found.train()
    before = layers[0](values)
    network(values)
    found.eval()
    assert torch.allclose(found.running_mean, before.mean(dim=(0, 2, 3)), atol=1e-5)
    after = found(before)
    assert after.mean().abs() < 0.01
    assert after.std().item() == pytest.approx(1, abs=0.02)
    assert module.revive(torch.nn.Linear(2, 2)) == []

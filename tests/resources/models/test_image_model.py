"""The encoder of images that a setting names: defaults, ids, and encoders of the other documents refused."""

from pathlib import Path

import pytest
from support.image_models import write_tiny_clip, write_tiny_convnet
from support.images import picture
from support.tiny_bert import write_tiny_bert

from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.errors import SettingError
from resources.encoder import EncoderResource
from resources.models.image_model import encodes_images, id_of, image_model
from resources.settings import Settings


def resource(encoder: str | Path = "", documents: str = "image") -> EncoderResource:
    return EncoderResource(settings=Settings.of(encoder=str(encoder), reading__documents=documents))


@pytest.fixture(scope="module")
def convnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_convnet(tmp_path_factory.mktemp("convnet"))


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bert(tmp_path_factory.mktemp("bert"))


def test_the_default_is_that_of_the_documents() -> None:
    assert resource().name == "pixels"
    assert resource(documents="text").name == "minilm"
    assert isinstance(resource().load_of_images(), PixelEncoder)
    assert resource().id == PixelEncoder().id


def test_a_directory_is_loaded_once_and_its_id_is_the_encoders(convnet: Path) -> None:
    one = resource(convnet)
    encoder = one.load_of_images()
    assert encoder.id == one.id
    assert one.load_of_images() is encoder
    one.unload()
    assert one.load_of_images() is not encoder
    one.unload()
    assert encoder.encode([picture(1)]).shape == (1, 16)


def test_an_id_is_of_the_files_and_not_of_the_place(convnet: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in convnet.iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    before = id_of(image_model(convnet, "x"))
    assert id_of(image_model(moved, "y")) == before
    for name in ("preprocessor_config.json", "config.json", "model.safetensors"):
        content = (moved / name).read_bytes()
        (moved / name).write_bytes(content + b" ")
        assert id_of(image_model(moved, "y")) != before, name
        (moved / name).write_bytes(content)
    assert id_of(image_model(moved, "y")) == before


@pytest.mark.parametrize("name", ["hashing", "minilm", "static"])
def test_encoders_of_texts_are_refused_for_images(name: str) -> None:
    for ask in (resource(name).load_of_images, lambda: resource(name).id):
        with pytest.raises(
            SettingError, match=f"encoder='{name}' encodes texts, and .* choose pixels, efficient"
        ):
            ask()


@pytest.mark.parametrize("name", ["pixels", "efficientnet-lite0"])
def test_encoders_of_images_are_refused_for_texts(name: str) -> None:
    for ask in (resource(name, "text").load, lambda: resource(name, "text").id):
        with pytest.raises(
            SettingError, match=f"encoder='{name}' encodes images, and texts .* choose hashing"
        ):
            ask()


def test_directories_are_told_by_their_files(convnet: Path, bert: Path, tmp_path: Path) -> None:
    clip = write_tiny_clip(tmp_path / "clip")
    assert [encodes_images(folder) for folder in (convnet, bert, clip)] == [True, False, True]
    with pytest.raises(SettingError, match="has no preprocessor_config.json .* and does not encode images"):
        _ = resource(bert).id
    with pytest.raises(
        SettingError, match="has no tokenizer and does not encode texts, which are to be encoded"
    ):
        _ = resource(convnet, "text").id

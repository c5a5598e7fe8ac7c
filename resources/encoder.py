"""The encoder that the settings name, for the lake's documents: identified, and loaded when it is used."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from dagster import ConfigurableResource, ResourceDependency
from numpy.typing import NDArray

from guyot.encoders.hashing import Encoder
from guyot.encoders.image_encoder import ImageModel, TransformerImageEncoder
from guyot.encoders.pixel_encoder import ImageEncoder, PixelEncoder
from guyot.encoders.static_encoder import StaticEncoder
from guyot.encoders.transformer_encoder import TransformerEncoder
from guyot.errors import SettingError
from resources.models import image_model, lite0, text_encoder
from resources.models.image_model import IMAGE_CHOICES, LITE0, PIXELS
from resources.models.model_folder import find_model
from resources.models.reproducibility import DRAWING
from resources.models.text_encoder import CHOICES, HASHING, MINILM, STATIC
from resources.navigation import episode_encoder
from resources.navigation.episode_encoder import EPISODE_CHOICES, PATH
from resources.setting_groups import EPISODE, IMAGE, TEXT, Documents
from resources.settings import Settings

DEFAULTS: dict[Documents, str] = {TEXT: MINILM, IMAGE: PIXELS, EPISODE: PATH}
_CHOICES: dict[Documents, str] = {TEXT: CHOICES, IMAGE: IMAGE_CHOICES, EPISODE: EPISODE_CHOICES}
_ENCODES: dict[str, Documents] = {
    HASHING: TEXT, MINILM: TEXT, STATIC: TEXT, PIXELS: IMAGE, LITE0: IMAGE, PATH: EPISODE,
}  # fmt: skip


class EncoderResource(ConfigurableResource[Any]):
    """Finds the encoder that the settings name."""

    settings: ResourceDependency[Settings]

    @property
    def name(self) -> str:
        """The setting `encoder`, or the default for the lake's documents."""
        return self.settings.encoder or DEFAULTS[self.settings.reading.documents]

    @property
    def id(self) -> str:
        """Return a hash that identifies the encoder, without loading it (about 0.1 s per 100 MB, once).

        Where `static` was not distilled yet, it is now, which takes minutes.

        Raises
        ------
        SettingError, CorruptError : as `load`.
        """
        name = self._name_of(self.settings.reading.documents)
        if self.settings.reading.documents == IMAGE:
            return PixelEncoder().id if name == PIXELS else image_model.id_of(_image_model(name))
        if self.settings.reading.documents == EPISODE:
            return episode_encoder.id_of_encoder(name)
        return text_encoder.id_of_encoder(name, self.settings.encoding)

    def load(self) -> Encoder:
        """Load the encoder of texts, in a lake of episodes that of walks; cached until `unload`.

        Raises
        ------
        SettingError : no such model, or settings that it does not support.
        CorruptError : the packaged MiniLM's weights do not have the expected SHA-256.
        """
        if self.settings.reading.documents == EPISODE:
            return episode_encoder.load(self._name_of(EPISODE))
        return text_encoder.load(self._name_of(TEXT), self.settings.encoding)

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
        SettingError : no such model, or one of other documents.
        CorruptError : the weights of a packaged model do not have the expected SHA-256.
        """
        name = self._name_of(IMAGE)
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
        text_encoder.unload()
        _loaded_of_images.cache_clear()
        episode_encoder.unload()

    def _name_of(self, documents: Documents) -> str:
        """Return the name, and refuse that of an encoder of other documents."""
        encodes = _ENCODES.get(self.name, documents)
        if encodes != documents:
            raise SettingError(
                f"encoder={self.name!r} encodes {encodes}s, and {documents}s are to be encoded here (see "
                f"reading.documents); choose {_CHOICES[documents]}"
            )
        return self.name


@lru_cache(maxsize=1)
def _loaded_of_images(model: ImageModel) -> ImageEncoder:
    """Load a model of images from its directory."""
    with DRAWING:
        return TransformerImageEncoder(model, image_model.id_of(model))


def _image_model(name: str) -> ImageModel:
    """Find the model of images of a name."""
    folder = lite0.converted() if name == LITE0 else find_model(name, "encoder", CHOICES)
    return image_model.image_model(folder, name)

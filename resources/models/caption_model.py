"""The model that scores captions, which a setting names: found, identified and loaded."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from guyot.encoders.caption_scorer import TEXT_FILES, CaptionScorer
from guyot.encoders.image_encoder import ImageModel
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.models import image_model
from resources.models.model_folder import find_model
from resources.models.reproducibility import DRAWING
from resources.models.text_model import sha256
from resources.settings import Settings

SETTING = "encoding.caption_model"
_CHOICES = "a local directory or hub id of an image-text model, such as CLIP or SigLIP"


def caption_model_settings(settings: Settings) -> dict[str, Any]:
    """Return what decides the scores of captions; nothing where none are asked for.

    Raises
    ------
    SettingError : no such model.
    """
    name = settings.encoding.caption_model
    return {"caption_model": _id_of(_model(name))} if name else {}


def caption_scorer(settings: Settings) -> CaptionScorer | None:
    """Load the model; None where none is asked for.

    Raises
    ------
    SettingError : no such model, or one that encodes no texts.
    """
    name = settings.encoding.caption_model
    return _loaded(_model(name)) if name else None


def _model(name: str) -> ImageModel:
    """Find the directory, and check that it is of a model of images."""
    return image_model.image_model(find_model(name, SETTING, _CHOICES), name, SETTING)


def _id_of(model: ImageModel) -> str:
    """Hash the model's files, those that decide how texts are read too."""
    paths = (Path(model.folder) / name for name in TEXT_FILES)
    return fingerprint(
        [image_model.id_of(model), {path.name: sha256(path) for path in paths if path.is_file()}]
    )


@lru_cache(maxsize=1)
def _loaded(model: ImageModel) -> CaptionScorer:
    """Load the model from its directory."""
    try:
        with DRAWING:
            return CaptionScorer(model, _id_of(model))
    except SettingError as error:
        raise SettingError(f"{SETTING}={str(model.folder)!r}: {error}") from error

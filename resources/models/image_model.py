"""The encoder of images that a setting names: found, checked and identified."""

from pathlib import Path

from guyot.encoders.image_encoder import ALGORITHM, BATCH_IMAGES, PREPROCESSING, ImageModel
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.models import hardware
from resources.models.text_model import WEIGHTS, sha256

PIXELS, LITE0 = "pixels", "efficientnet-lite0"
IMAGE_CHOICES = (
    "pixels, efficientnet-lite0, or a local directory or hub id of an image or image-text model, such as "
    "CLIP, DINOv2 or SigLIP"
)


def encodes_images(folder: Path) -> bool:
    """Return whether a model's directory says how images are prepared for it."""
    return any((folder / name).is_file() for name in PREPROCESSING)


def image_model(folder: Path, name: str, setting: str = "encoder") -> ImageModel:
    """Return the model in a directory, for this machine; always in float32.

    Parameters
    ----------
    name, setting : what was asked for, and where, for the error

    Raises
    ------
    SettingError : it is none of images.
    """
    if not encodes_images(folder):
        raise SettingError(
            f"{setting}={name!r} has no {' or '.join(PREPROCESSING)} and does not encode images, which this "
            f"lake's documents are (reading.documents); choose {IMAGE_CHOICES}"
        )
    return ImageModel(folder, hardware.device(), "float32")


def id_of(model: ImageModel) -> str:
    """Hash a model's files and everything else that determines a vector, but not their location."""
    names = ("config.json", *PREPROCESSING)
    paths = [*sorted(model.folder.glob(WEIGHTS)), *(model.folder / name for name in names)]
    files = {path.name: sha256(path) for path in paths if path.is_file()}
    return fingerprint(["image", ALGORITHM, files, model.precision, BATCH_IMAGES])

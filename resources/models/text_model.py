"""What identifies a text model: the files of its directory, and how its outputs become a vector."""

import hashlib
from functools import lru_cache
from pathlib import Path

from guyot.encoders.static_encoder import ALGORITHM, TOKENIZER
from guyot.encoders.static_encoder import WEIGHTS as STATIC_WEIGHTS
from guyot.encoders.transformer_encoder import TextModel
from guyot.identity import fingerprint

WEIGHTS = "*.safetensors"
# what decides a vector besides the weights
DECIDING = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
             "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model",
             "spiece.model", "sentencepiece.bpe.model")  # fmt: skip


def id_of(model: TextModel) -> str:
    """Hash a model's files and everything else that determines a vector, but not their location."""
    files = {path.name: sha256(path) for path in files_of(model.folder)}
    return fingerprint([files, model.pooling, model.max_tokens, model.windows, model.precision])


def files_of(folder: Path) -> list[Path]:
    """List the files of a model that determine its vectors."""
    named = [folder / name for name in DECIDING if (folder / name).is_file()]
    return [*sorted(folder.glob(WEIGHTS)), *named]


def static_id_of(folder: Path) -> str:
    """Hash the files of a static model that determine its vectors, but not their location."""
    return fingerprint(["static", ALGORITHM, sha256(folder / STATIC_WEIGHTS), sha256(folder / TOKENIZER)])


def sha256(path: Path) -> str:
    """Hash a file; cached as long as it does not change."""
    state = path.stat()
    return _sha256_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size: int, modified: int) -> str:  # size and time are the key
    """Hash a file's bytes to 64 hex digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()

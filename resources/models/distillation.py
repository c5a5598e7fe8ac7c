"""A static model distilled from a transformer's directory, once per machine, and kept in a cache folder."""

import contextlib
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guyot.encoders.static_encoder import CONFIG, MODEL_TYPE, TOKENIZER, WEIGHTS
from guyot.encoders.transformer_encoder import TextModel, load_model
from guyot.errors import SettingError
from guyot.identity import fingerprint
from resources.models.model_cache import made_once
from resources.models.text_model import files_of, sha256
from resources.progress import WorkProgress

WIDTH = 256
FREQUENCY_WEIGHT = 1e-4
_UNUSED_TOKENS = r"\[unused\d+\]"
_VERSION = 1  # raise it when the same model would be distilled otherwise


def distilled(source: Path) -> Path:
    """Return the directory of the static model distilled from a transformer, distilling it if there is none.

    Parameters
    ----------
    source : a directory with config.json, a tokenizer and safetensors

    Returns
    -------
    A directory with config.json, model.safetensors and tokenizer.json, in model2vec's form.

    Raises
    ------
    SettingError : model2vec is not installed, or cannot distil the model.
    CorruptError : the files in the cache are not those that were written.

    Notes
    -----
    Each token's vector is the mean of the model's last hidden states for that token alone, projected to the
    256 principal components of all tokens and weighted by its rank in the vocabulary: model2vec's
    defaults. Minutes of one machine's time, once; another process that asks meanwhile waits.
    Other processors may give other last bits: what uses the model identifies it by its files.
    """
    digests = {path.name: sha256(path) for path in files_of(source)}
    identity = fingerprint([digests, WIDTH, FREQUENCY_WEIGHT, _VERSION])
    return made_once("static", identity, (WEIGHTS, TOKENIZER), lambda folder: _distil(source, folder))


def _distil(source: Path, target: Path) -> None:
    """Distil a model with model2vec, and write the three files of a static model."""
    try:
        from model2vec.distill import distill_from_model, inference
    except ImportError as error:
        raise SettingError(
            f"the encoder static needs {error.name} to distil a model, which is not installed; run "
            "`pip install 'guyot[graph]'`, or give the directory of a static model"
        ) from error
    tokenizer, model = load_model(TextModel(source, "mean", 1, 1, 1, "cpu", "float32"))
    with _reported(inference, "distilling a static model"):
        made = distill_from_model(
            model, tokenizer, device="cpu", pca_dims=WIDTH, sif_coefficient=FREQUENCY_WEIGHT,
            token_remove_pattern=_UNUSED_TOKENS, quantize_to="float16",
        )  # fmt: skip
    made.save_pretrained(target)
    # model2vec writes the source's path here, and a page about the model beside it
    config = {"model_type": MODEL_TYPE, "normalize": True, "max_length": None, "hidden_dim": made.dim}
    (target / CONFIG).write_text(json.dumps(config))
    for extra in ("README.md", "modules.json"):
        (target / extra).unlink(missing_ok=True)


@contextlib.contextmanager
def _reported(inference: Any, work: str) -> Iterator[None]:
    """Report the progress of model2vec, which would draw a bar on stderr, as that of other work."""
    before = inference.tqdm
    inference.tqdm = functools.partial(_Bar, work)
    try:
        yield
    finally:
        inference.tqdm = before


class _Bar:
    """What model2vec uses of a bar of tqdm."""

    def __init__(self, work: str, total: int, **_: str) -> None:
        self._progress = WorkProgress(work, total, "tokens")

    def update(self, amount: int) -> None:
        """Count tokens."""
        self._progress.advance(amount)

"""A transformers model, read from a directory, as an encoder; needs `guyot[encoders]`."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from guyot.errors import SettingError

if TYPE_CHECKING:
    import torch

Pooling = Literal["mean", "cls", "last"]
Device = Literal["cpu", "cuda"]
Precision = Literal["bfloat16", "float32"]
CHARS_PER_TOKEN = 32
CHARS_APART_PER_TOKEN = 5
_PAD_TO_TOKENS = 16


@dataclass(frozen=True)
class TextModel:
    """A model directory, and how its outputs become a vector."""

    folder: Path
    pooling: str
    max_tokens: int
    windows: int
    batch_windows: int
    device: Device
    precision: Precision


class TransformerEncoder:
    """Encodes texts by the pooled last hidden state of a transformers model.

    Reads `max_tokens` tokens at each of `windows` places, spread evenly from a text's start to its end,
    and averages their vectors: files that share no more than a licence and imports at their head are
    not mistaken for near-duplicates. Windows of like length share
    a batch; which do is fixed by the list of texts, and so are the bytes that come
    out, on the same machine. A row's last bits may depend on its batch.
    """

    def __init__(self, model: TextModel, identity: str = "") -> None:
        """Load the model.

        Parameters
        ----------
        identity : a hash of all that decides the vectors, for those that keep them

        Raises
        ------
        SettingError : the directory holds no model that transformers can load by itself, or the model
            reads fewer tokens than asked.
        """
        self.id = identity
        self._settings = model
        self._tokenizer, self._model = load_model(model)
        self.width = int(self._model.config.hidden_size)
        _check_length(model, self._tokenizer, self._model)

    def untrained(self, seed: int) -> "TransformerEncoder":
        """Return the same network with weights drawn anew, as transformers initialises them."""
        import torch
        import transformers

        auto: Any = transformers
        other = copy.copy(self)
        with torch.random.fork_rng(devices=[]):  # pyright: ignore[reportUnknownMemberType]
            torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
            fresh = auto.AutoModel.from_config(self._model.config, trust_remote_code=False)
        other.id = f"{self.id}-untrained-{seed}"
        other._model = fresh.to(self._settings.device, getattr(torch, self._settings.precision)).eval()
        return other

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32[n, width], unit rows."""
        spans = [windows(text, self._settings.windows, self._settings.max_tokens) for text in texts]
        rows = self._encode_windows([window for span in spans for window in span])
        begins = np.cumsum([0, *(len(span) for span in spans)])[:-1]
        sums = np.add.reduceat(rows, begins) if len(texts) else rows
        return sums / np.linalg.norm(sums, axis=1, keepdims=True).clip(1e-12)

    def _encode_windows(self, texts: list[str]) -> NDArray[np.float32]:
        """Encode windows, those of like length together."""
        rows = np.zeros((len(texts), self.width), np.float32)
        tokens = self._tokens(texts)
        for batch in _batches([len(ids) for ids in tokens], self._settings.batch_windows):
            rows[batch] = self._pooled([tokens[position] for position in batch])
        return rows

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        """Tokenize the beginnings of texts; a text without tokens gets token 0."""
        if not texts:
            return []
        max_tokens = self._settings.max_tokens
        beginnings = [text[: max_tokens * CHARS_PER_TOKEN] for text in texts]
        found = self._tokenizer(
            beginnings, truncation=True, max_length=max_tokens, padding=False,
            return_attention_mask=False, return_token_type_ids=False,
        )["input_ids"]  # fmt: skip
        return [ids or [0] for ids in found]

    def _pooled(self, batch: list[list[int]]) -> NDArray[np.float32]:
        """Run one batch, padded on the right, and pool it to unit rows."""
        import torch

        longest = max(len(ids) for ids in batch)
        # few shapes, so that kernels are prepared once
        padded = min(-(-longest // _PAD_TO_TOKENS) * _PAD_TO_TOKENS, self._settings.max_tokens)
        ids = torch.zeros((len(batch), padded), dtype=torch.long)
        mask = torch.zeros((len(batch), padded), dtype=torch.long)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        mask = mask.to(self._settings.device)
        with torch.inference_mode():
            hidden = self._model(
                input_ids=ids.to(self._settings.device), attention_mask=mask
            ).last_hidden_state.float()
            pooled = _pool(hidden, mask, self._settings.pooling)
            return torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()


def load(
    folder: str | Path, *, pooling: Pooling = "mean", max_tokens: int = 64, n_windows: int = 4
) -> TransformerEncoder:
    """Load a model directory, onto the GPU if torch can use one.

    Parameters
    ----------
    folder : with config.json, a tokenizer and safetensors
    pooling : of the tokens' vectors: their mean, the first (cls) or the last
    max_tokens, n_windows : read at each of so many places of a text

    Raises
    ------
    SettingError : torch and transformers are not installed, or cannot load it.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise SettingError(
            f"encoder {str(folder)!r} is no directory; give one with config.json and safetensors"
        )
    try:
        import torch
        import transformers as _  # noqa: F401
    except ImportError as error:
        raise SettingError(
            f"the encoder in {path} needs torch and transformers, of which {error.name} is not installed; "
            "run `pip install 'guyot[encoders]'`"
        ) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = "bfloat16" if device == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    return TransformerEncoder(TextModel(path, pooling, max_tokens, n_windows, 64, device, precision))


def windows(text: str, n_windows: int, max_tokens: int) -> list[str]:
    """Cut the windows to read out of a text; a text that fits into one window is returned as one.

    Examples
    --------
    >>> [len(window) for window in windows("x" * 100, 4, 5)], windows("short", 4, 5)
    ([25, 25, 25, 25], ['short'])
    """
    chars = max_tokens * CHARS_APART_PER_TOKEN
    if n_windows == 1 or len(text) <= chars:
        return [text]
    if len(text) < n_windows * chars:
        edges = [len(text) * i // n_windows for i in range(n_windows + 1)]
        return [text[begin:end] for begin, end in zip(edges, edges[1:], strict=False)]
    begins = [(len(text) - chars) * i // (n_windows - 1) for i in range(n_windows)]
    return [text[begin : begin + chars] for begin in begins]


def load_model(model: TextModel) -> tuple[Any, Any]:
    """Load the tokenizer and the model of transformers from a directory, quietly.

    Raises
    ------
    SettingError : transformers cannot load it, or not without running code that comes with it.
    """
    import torch
    import transformers

    auto: Any = transformers  # its classes are made when they are asked for
    auto.logging.set_verbosity_error()
    auto.logging.disable_progress_bar()
    try:
        tokenizer = auto.AutoTokenizer.from_pretrained(
            model.folder, local_files_only=True, trust_remote_code=False
        )
        loaded = auto.AutoModel.from_pretrained(
            model.folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
            dtype=getattr(torch, model.precision),
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise SettingError(
            f"transformers cannot load the encoder in {model.folder} without running its own code: "
            f"{error}; choose a directory with config.json, a tokenizer and safetensors"
        ) from error
    return tokenizer, loaded.to(model.device).eval()


def _check_length(model: TextModel, tokenizer: Any, loaded: Any) -> None:
    """Refuse more tokens than the model has positions for."""
    positions = getattr(loaded.config, "max_position_embeddings", None) or tokenizer.model_max_length
    limit = min(positions, tokenizer.model_max_length)
    if model.max_tokens > limit:
        raise SettingError(
            f"encoding.max_tokens={model.max_tokens}, but the model in {model.folder} reads at most "
            f"{limit}; lower it"
        )


def _batches(lengths: list[int], batch_windows: int) -> Iterator[list[int]]:
    """Yield positions of like length together, the longest first, ties in the order given."""
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    for begin in range(0, len(order), batch_windows):
        yield order[begin : begin + batch_windows]


def _pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: str) -> "torch.Tensor":
    """Pool the tokens' vectors [n, tokens, width] into one vector per text."""
    import torch

    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        rows = torch.arange(len(hidden), device=hidden.device)
        return hidden[rows, mask.sum(dim=1) - 1]
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)

"""Scores documents with a trained language model, in nats per document.

A document is read in windows of its own, from its <|bos|> on, as in training: a token is predicted
from the earlier ones of its window, and the first of a later window from the window before it. So
every token but the <|bos|> is scored once, and the bytes of the tokens given are the bytes scored.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import EvaluationError
from resources.models import hardware, language_model, reproducibility
from resources.models.packing import NO_DOCUMENT, WindowBatch, batches

_UNLIMITED = 1 << 40
_WINDOWS_AT_ONCE = 8
_COLUMNS_STEP = 32


def evaluate(
    weights: bytes,
    config: dict[str, Any],
    documents: Iterable[NDArray[np.int32]],
    progress: Callable[[int], None] | None = None,
    *,
    threads: int = 1,
) -> NDArray[np.float64]:
    """Score documents.

    Parameters
    ----------
    weights, config : of a `TrainingResult`
    documents : token ids, <|bos|> first, each cut to the tokens that are to be scored
    progress : called with the total number of tokens done
    threads : that share one operation

    Returns
    -------
    float64[n], nats: minus the log-likelihood of each document's tokens after its <|bos|>

    Raises
    ------
    EvaluationError : a document without tokens, or a score that is not finite.
    CorruptError : weights that are not those of the config.

    Notes
    -----
    In float32 whatever the training multiplied in. The last bits of a score may depend on which
    documents share a batch.
    """
    import torch

    windows, owners = own_windows(list(documents), config["window_tokens"])
    model = language_model.load_model(config["model"], weights).eval()
    with torch.inference_mode(), reproducibility.deterministic(threads):
        return scores(model, windows, owners, progress)


def scores(
    model: Any,
    windows: WindowBatch,
    owners: NDArray[np.int64],
    progress: Callable[[int], None] | None = None,
    *,
    precision: hardware.Precision = "float32",
) -> NDArray[np.float64]:
    """Score documents by a model, in the modes that torch and the model are in.

    Parameters
    ----------
    windows, owners : of `own_windows`
    progress : called with the total number of tokens done
    precision : that it multiplies in

    Returns
    -------
    float64[n], nats

    Raises
    ------
    EvaluationError : a score that is not finite.
    """
    nats, done = np.zeros(owners[-1] + 1), 0
    for chosen, batch in batches_by_length(windows):
        losses = language_model.target_losses(model, batch, precision)
        np.add.at(nats, owners[chosen], losses.double().sum(dim=1).cpu().numpy())
        done += batch.n_tokens
        if progress is not None:
            progress(done)
    bad = np.flatnonzero(~np.isfinite(nats))
    if bad.size:
        raise EvaluationError(
            f"{bad.size} of {len(nats)} documents have no finite score (document {bad[0]} costs "
            f"{nats[bad[0]]} nats): the training diverged; lower training.learning_rate"
        )
    return nats


def batches_by_length(windows: WindowBatch) -> Iterator[tuple[NDArray[np.int64], WindowBatch]]:
    """Yield windows' numbers and windows, some at a time, the fullest first, cut to the columns in use."""
    used = (windows.documents != NO_DOCUMENT).sum(axis=1)
    order = np.argsort(-used, kind="stable")
    for begin in range(0, len(order), _WINDOWS_AT_ONCE):
        chosen = order[begin : begin + _WINDOWS_AT_ONCE]
        n_columns = -(-int(used[chosen].max()) // _COLUMNS_STEP) * _COLUMNS_STEP
        yield chosen, windows.take(chosen, n_columns)


def own_windows(
    documents: list[NDArray[np.int32]], window_tokens: int
) -> tuple[WindowBatch, NDArray[np.int64]]:
    """Cut each document into its own windows; return all windows, and the document of each, int64[w]."""
    empty = [number for number, document in enumerate(documents) if not len(document)]
    if empty or not documents:
        raise EvaluationError(
            f"{len(empty)} of {len(documents)} documents have no tokens, not even <|bos|>; give the "
            "evaluation one or more held-out documents, tokenized by TextTokenizer.encode"
        )
    cut = [next(batches([document], window_tokens, _UNLIMITED)) for document in documents]
    owners = np.repeat(np.arange(len(cut)), [len(batch.inputs) for batch in cut])
    arrays = (
        np.concatenate([getattr(batch, name) for batch in cut])
        for name in ("inputs", "targets", "documents", "positions")
    )
    return WindowBatch(*arrays), owners

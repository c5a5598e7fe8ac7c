"""Cuts a stream of documents' tokens into the windows that a language model reads.

Every token of the stream is read once, in order. Its target is the token after it in its document;
the last token of a document has none, so no <|bos|> is ever a target. A window that begins inside a
document has the context of its own tokens only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_TARGET = -100
NO_DOCUMENT = -1


@dataclass(frozen=True)
class WindowBatch:
    """Windows that are read together.

    inputs, targets : int64[windows, window_tokens], token ids; a target of -100 does not count
    documents : int64[windows, window_tokens], which document a token is of; -1 is padding
    positions : int64[windows, window_tokens], from 0 at each document's first token in the window
    """

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    documents: NDArray[np.int64]
    positions: NDArray[np.int64]

    @property
    def n_tokens(self) -> int:
        """Count the tokens of the stream, padding left out."""
        return int(np.count_nonzero(self.documents != NO_DOCUMENT))

    @property
    def n_targets(self) -> int:
        """Count the tokens that have a target."""
        return int(np.count_nonzero(self.targets != NO_TARGET))

    def take(self, windows: NDArray[np.int64] | slice, n_columns: int | None = None) -> "WindowBatch":
        """Return some windows, and of each its first columns (all: None)."""
        arrays = (self.inputs, self.targets, self.documents, self.positions)
        return WindowBatch(*(array[windows, :n_columns] for array in arrays))


def batches(
    documents: Iterable[NDArray[np.int32]], window_tokens: int, batch_windows: int
) -> Iterator[WindowBatch]:
    """Cut documents' tokens into batches, the last one in part.

    Parameters
    ----------
    documents : the token ids of each document or visit, read once, as a stream
    window_tokens, batch_windows : of a full batch

    Examples
    --------
    >>> stream = [np.array([0, 5, 6]), np.array([0, 7])]
    >>> batch = next(batches(stream, 4, 2))
    >>> batch.targets.tolist()
    [[5, 6, -100, 7], [-100, -100, -100, -100]]
    >>> batch.positions.tolist()
    [[0, 1, 2, 0], [0, 0, 0, 0]]
    """
    size = window_tokens * batch_windows
    ids, owners = np.zeros(0, np.int64), np.zeros(0, np.int64)
    waiting: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    n_waiting = 0
    for number, document in enumerate(documents):
        waiting.append((document.astype(np.int64), np.full(len(document), number, np.int64)))
        n_waiting += len(document)
        # one token beyond the batch is the target of its last
        if len(ids) + n_waiting <= size:
            continue
        ids = np.concatenate([ids, *(found for found, _ in waiting)])
        owners = np.concatenate([owners, *(found for _, found in waiting)])
        waiting, n_waiting = [], 0
        while len(ids) > size:
            yield _batch(ids[: size + 1], owners[: size + 1], size, window_tokens)
            ids, owners = ids[size:], owners[size:]
    ids = np.concatenate([ids, *(found for found, _ in waiting)])
    owners = np.concatenate([owners, *(found for _, found in waiting)])
    if len(ids):
        yield _batch(ids, owners, len(ids), window_tokens)


def _batch(
    ids: NDArray[np.int64], owners: NDArray[np.int64], n_tokens: int, window_tokens: int
) -> WindowBatch:
    """Build the batch of the first n tokens; there may be one more, as the last one's target."""
    n_windows = -(-n_tokens // window_tokens)
    padded = n_windows * window_tokens + 1
    inputs = np.zeros(padded, np.int64)
    documents = np.full(padded, NO_DOCUMENT, np.int64)
    inputs[: len(ids)], documents[: len(owners)] = ids, owners
    goes_on = (documents[1:] == documents[:-1]) & (documents[:-1] != NO_DOCUMENT)
    targets = np.where(goes_on, inputs[1:], NO_TARGET)
    shape = (n_windows, window_tokens)
    documents = documents[:-1].reshape(shape)
    inputs = inputs[:-1].reshape(shape)
    return WindowBatch(inputs, targets.reshape(shape), documents, _positions(documents))


def _positions(documents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count each token's place after its document's first token in the window; padding is at 0."""
    columns = np.broadcast_to(np.arange(documents.shape[1]), documents.shape)
    begins = np.ones(documents.shape, np.bool_)
    begins[:, 1:] = documents[:, 1:] != documents[:, :-1]
    first = np.maximum.accumulate(np.where(begins, columns, 0), axis=1)
    return np.where(documents == NO_DOCUMENT, 0, columns - first)

"""The held-out documents in two parts: one that chooses a soup, and one that its figures are reported of."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot
from assets.ingest.tokenizer import open_tokenizer
from assets.train.inputs.held_out_documents import held_out_documents
from assets.train.inputs.stored_tokens import stored_tokens
from guyot.errors import EvaluationError
from guyot.seeds import uniforms
from guyot.train.soups import Loss
from resources.lake.manifest import Manifest
from resources.models import evaluator, soup_losses
from resources.settings import Settings

SAMPLE_TOKENS = 40_000


class HeldOutPart(Protocol):
    """Held-out documents, and what models pay for them."""

    @property
    def scored_bytes(self) -> NDArray[np.int64]:
        """What costs are over, int64[n]: the bytes of each text's tokens, of an image 1."""
        ...

    def sample(self) -> "HeldOutPart":
        """Return the first documents: what shares are learned from and barriers are measured on."""
        ...

    def nats(self, weights: bytes, config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the documents by a model, float64[n]."""
        ...

    def ensemble_nats(self, models: Sequence[bytes], config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the documents by the mean of several models' probabilities, float64[n]."""
        ...

    def mixture_loss(self, weights: bytes, config: dict[str, Any]) -> tuple[Loss, int]:
        """Return the loss of named tensors on batches, and the number of batches, see `soup_losses`."""
        ...


@dataclass(frozen=True)
class TextPart:
    """Held-out texts.

    tokens : token ids of each one's beginning, <|bos|> first
    scored_bytes : int64[n], the bytes of those tokens
    threads : that share one operation
    """

    tokens: list[NDArray[np.int32]]
    scored_bytes: NDArray[np.int64]
    threads: int = 1

    def sample(self) -> "TextPart":
        """Return the first documents, of about 40,000 tokens."""
        return self.first(SAMPLE_TOKENS)

    def first(self, n_tokens: int) -> "TextPart":
        """Return the first documents, of about so many tokens and at least one."""
        ends = np.cumsum([len(ids) for ids in self.tokens])
        size = max(1, int(np.searchsorted(ends, n_tokens, side="right")))
        return TextPart(self.tokens[:size], self.scored_bytes[:size], self.threads)

    def nats(self, weights: bytes, config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the documents by a language model."""
        return evaluator.evaluate(weights, config, self.tokens, threads=self.threads)

    def ensemble_nats(self, models: Sequence[bytes], config: dict[str, Any]) -> NDArray[np.float64]:
        """Score the documents by the mean of several models' probabilities of each token."""
        return soup_losses.ensemble_nats(models, config, self.tokens, threads=self.threads)

    def mixture_loss(self, weights: bytes, config: dict[str, Any]) -> tuple[Loss, int]:
        """Return the loss of named tensors on batches of them."""
        return soup_losses.mixture_loss(weights, config, self.tokens)


def held_out_parts(
    reader: TableReader, settings: Settings, snapshot: Snapshot, tokenizer: Manifest
) -> tuple[TextPart, TextPart]:
    """Divide the texts that evaluations are made of into (choosing, reported).

    Raises
    ------
    EvaluationError : fewer than two documents are held out.
    """
    documents = held_out_documents(reader, settings, snapshot)
    ids = documents.ids
    chooses = choosing(documents.groups, [one.decode() for one in ids.tolist()], settings.seed)
    tokens = [np.zeros(0, np.int32)] * len(ids)
    for row, found in stored_tokens(reader, snapshot, tokenizer, ids):
        tokens[row] = found[: settings.training.evaluation_tokens].copy()
    token_bytes = open_tokenizer(reader, tokenizer.version).token_bytes
    sizes = np.array([int(token_bytes[one].sum()) for one in tokens], np.int64)
    has_text = sizes > 0
    threads = settings.training.threads
    first, second = (_part(tokens, sizes, wanted & has_text) for wanted in (chooses, ~chooses))
    return dataclasses.replace(first, threads=threads), dataclasses.replace(second, threads=threads)


def choosing(held_out_groups: list[str], ids: list[str], seed: int) -> NDArray[np.bool_]:
    """Say which documents choose, bool[n]: about half, and none of the same group as one that is reported.

    A group is what was held out whole; where all documents are of one, a document.

    Parameters
    ----------
    held_out_groups : n names
    ids : n doc_ids

    Raises
    ------
    EvaluationError : fewer than two documents.

    Examples
    --------
    >>> choosing(["a", "a", "b", "b"], ["1", "2", "3", "4"], 0).tolist() in (
    ...     [True, True, False, False], [False, False, True, True])
    True
    """
    groups = next((g for g in (held_out_groups, ids) if len(set(g)) > 1), None)
    if groups is None:
        raise EvaluationError(
            f"{len(ids)} documents are held out; soups need 2 or more, one to choose by and one to report; "
            "raise reading.held_out_fraction before the first scan of a lake"
        )
    names, group, counts = np.unique(np.array(groups, object), return_inverse=True, return_counts=True)
    order = np.argsort(uniforms(seed, "soup-choosing", [str(name) for name in names]), kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    chooses = np.zeros(len(names), np.bool_)
    chooses[order] = before + counts[order] / 2 < len(ids) / 2  # the nearer to half
    chooses[order[0]], chooses[order[-1]] = True, False
    return chooses[group]


def _part(tokens: list[NDArray[np.int32]], sizes: NDArray[np.int64], wanted: NDArray[np.bool_]) -> TextPart:
    """Select some documents.

    Raises
    ------
    EvaluationError : none of them has text.
    """
    rows = np.flatnonzero(wanted)
    if not len(rows):
        raise EvaluationError("a part of the held-out documents has no text; hold out more of them")
    return TextPart([tokens[row] for row in rows], sizes[rows])

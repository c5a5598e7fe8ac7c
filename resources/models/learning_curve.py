"""What a model pays for held-out documents while it is trained, at points evenly spaced in tokens."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.identity import fingerprint
from resources.models.evaluator import own_windows, scores


def is_due(n_points: int, last: int | None, done: int, budget: int) -> bool:
    """Return whether a point of a learning curve lies between two parts of a budget.

    Parameters
    ----------
    n_points : after that of the initial weights; 0: none at all
    last : what was read up to the last point; None: there is none yet
    done : read so far
    budget : of the whole training; point i of n is due from i / n of it on

    Examples
    --------
    >>> [is_due(2, *place, 10) for place in ((None, 0), (0, 4), (0, 5), (6, 9), (6, 10))]
    [True, False, True, False, True]
    """
    if not n_points:
        return False
    return last is None or done * n_points // budget > last * n_points // budget


@dataclasses.dataclass(frozen=True)
class LearningCurve:
    """What a model is evaluated on while it is trained, and how often.

    documents : token ids of held-out documents, <|bos|> first, each cut to what is scored; none: no curve
    n_points : evaluations after that of the initial weights, the last one of the final weights; 0: no curve
    """

    documents: Sequence[NDArray[np.int32]]
    n_points: int

    @property
    def digest(self) -> str:
        """A hash of both: curves of equal digests and budgets can be laid over one another."""
        return fingerprint([self.n_points, [document.tolist() for document in self.documents]])

    def is_due(self, last: int | None, done: int, budget: int) -> bool:
        """Return whether a point lies between two numbers of tokens read, see `is_due`."""
        return bool(self.documents) and is_due(self.n_points, last, done, budget)

    def nats(self, model: Any, config: dict[str, Any]) -> float:
        """Score all documents by a model that is being trained, and leave it and its training as they are.

        Parameters
        ----------
        config : of the training, whose precision this multiplies in: it costs a third of the training's
            tokens wherever it runs

        Raises
        ------
        EvaluationError : a score that is not finite.
        """
        import torch

        windows, owners = own_windows(list(self.documents), config["window_tokens"])
        model.eval()
        # tensors of inference_mode that a module kept could not be trained with afterwards
        with torch.no_grad():
            found = scores(model, windows, owners, precision=config["precision"])
        model.train()
        return float(found.sum())

"""No pruning: the other control. Everything is kept."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from guyot.cut import Scores


@dataclass(frozen=True)
class Everything:
    """Keep all documents; for a recipe whose target fraction is 1."""

    method: Literal["everything"] = "everything"


def everything_scores(n_documents: int) -> Scores:
    """Score all documents alike; nothing goes for its score.

    Examples
    --------
    >>> everything_scores(2).values.tolist()
    [0.0, 0.0]
    """
    return Scores(np.zeros(n_documents), "everything", unscored=np.ones(n_documents, np.bool_))

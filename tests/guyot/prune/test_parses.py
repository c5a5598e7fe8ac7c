"""What the parser refused goes; what it was not asked stays."""

import numpy as np

from guyot.prune.parses import parses_scores


def test_only_a_refusal_scores_low() -> None:
    assert parses_scores(np.array([1, 0, -1], np.int8)).values.tolist() == [1, 0, 1]

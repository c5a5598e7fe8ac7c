"""Copies go first, each with its original as witness."""

import numpy as np

from guyot.prune.exact import COPY, ORIGINAL, exact_scores


def test_copies_by_hand() -> None:
    scores = exact_scores(np.array([b"b", b"a", b"b", b"a", b"c", b"b"]), np.ones(6, bool))
    assert scores.values.tolist() == [ORIGINAL, ORIGINAL, COPY, COPY, ORIGINAL, COPY]
    assert scores.witness is not None
    assert scores.witness.tolist() == [-1, -1, 0, 1, -1, 0]


def test_no_documents() -> None:
    assert len(exact_scores(np.zeros(0, "S32"), np.zeros(0, bool)).values) == 0


def test_a_copy_of_a_document_that_has_gone_is_the_original_now() -> None:
    scores = exact_scores(np.array([b"a", b"a", b"a"]), np.array([False, True, True]))
    assert scores.values.tolist() == [ORIGINAL, ORIGINAL, COPY]
    assert scores.witness.tolist() == [-1, -1, 1]

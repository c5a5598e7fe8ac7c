"""Charts of the audits are drawn, of every shape of data that the audits write."""

import pytest

from assets.charts.audits import (
    agreement_table,
    kept_by_limit,
    recall_by_limit,
    score_against_length,
    shifts,
    words_against_vectors,
)
from assets.charts.drawing import png

CELLS = [
    {"log10_tokens": 1.0, "score": 0.5, "documents": 3},
    {"log10_tokens": 2.0, "score": 0.2, "documents": 900},
]
PAIRS = [
    {"recipe": a, "other": b, "jaccard": 1.0 if a == b else 0.25, "dropped_both": 1, "dropped_either": 4}
    for a in ("one", "two") for b in ("one", "two")
]  # fmt: skip


@pytest.mark.parametrize("cells", [CELLS, CELLS[:1], []])
def test_hexagons_are_drawn(cells: list) -> None:
    assert png(score_against_length(cells, "distance")).startswith(b"\x89PNG")


def test_agreement_is_drawn() -> None:
    assert png(agreement_table(PAIRS)).startswith(b"\x89PNG")


def test_the_largest_shifts_are_drawn_and_a_group_that_vanished_too() -> None:
    rows = [
        {
            "recipe": "one",
            "group_name": f"g{i:02}",
            "ratio": ratio,
            "share": 0.02,
            "documents": 5,
            "documents_kept": 1,
        }
        for i, ratio in enumerate([0.0, None, *(1 + i / 10 for i in range(40))])
    ]
    chart = shifts(rows, "source")
    assert png(chart).startswith(b"\x89PNG")
    groups = {row["group_name"] for row in chart.to_dict()["data"]["values"]}
    assert len(groups) == 20
    assert "g00" in groups
    assert "g01" not in groups


def test_planted_pairs_are_drawn() -> None:
    pair = {"family": "exact", "doc_id": "a", "jaccard": 1.0, "cosine": 1.0}
    unrelated = {**pair, "family": "unrelated", "jaccard": 0.0}
    assert png(words_against_vectors([pair, unrelated])).startswith(b"\x89PNG")


def test_curves_are_drawn() -> None:
    rows = [
        {"method": "semdedup", "family": family, "threshold": t, "recall": 0.5, "low": 0.4, "high": 0.6, "n": 9,
         "precision": None if family != "every" else 0.9, "found": None}
        for family in ("exact", "every") for t in (0.8, 0.9)
    ]  # fmt: skip
    assert png(recall_by_limit(rows, "semdedup")).startswith(b"\x89PNG")
    assert png(kept_by_limit([{"method": "minhash", "threshold": 0.8, "kept": 0.7}])).startswith(b"\x89PNG")

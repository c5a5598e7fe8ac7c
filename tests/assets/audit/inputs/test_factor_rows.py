"""Rows of the factor audit, of factors and removals made by hand."""

import numpy as np
import pytest

from assets.audit.inputs.factor_rows import _duplicates, agreement_rows, interval_columns, removal_rows
from assets.audit.inputs.factor_tables import AGREEMENT, ASSOCIATION, DUPLICATES, LEVELS
from assets.audit.inputs.known_factors import KnownFactors, Removed
from assets.graph.doc_ids import SortedIds
from assets.graph.snapshot import Snapshot
from guyot.audit.factors.factor import factor_of
from guyot.seeds import generator
from guyot.stats import wilson

FLOOR = factor_of("floor", ["sand", "sand", "grass", "grass"])
OWN = Removed(np.array([True, False, True, False]), np.array([0, 2]), np.array([1, 1]))


def known(group: list[str | float | None]) -> KnownFactors:
    ids = np.array([f"{i:032x}".encode() for i in range(4)])
    label = factor_of("group", group)
    return KnownFactors(SortedIds.of(ids), [FLOOR], {}, label, factor_of("variant", [None] * 4), Snapshot({}))


def test_rows_have_the_columns_of_their_tables() -> None:
    rows, row = removal_rows("half", FLOOR, OWN, 9, generator(0, "p"))
    assert [list(one) for one in rows] == [LEVELS.names] * 2
    assert [(one["level"], one["documents"], one["removed"], one["rate"]) for one in rows] == [
        ("grass", 2, 1, 0.5), ("sand", 2, 1, 0.5),
    ]  # fmt: skip
    assert list(row) == ASSOCIATION.names
    assert (row["cramers_v"], row["p"], row["removed"]) == (0.0, 1.0, 2)


def test_where_nothing_is_removed_the_association_is_null() -> None:
    nothing = Removed(np.zeros(4, np.bool_), OWN.dropped[:0], OWN.witness[:0])
    assert removal_rows("none", FLOOR, nothing, 9, generator(0, "p"))[1]["cramers_v"] is None
    assert agreement_rows(known(["a"] * 4), {"none": nothing}) == []


def test_agreement_is_of_factors_and_of_known_copies() -> None:
    rows = agreement_rows(known(["a", "a", None, "b"]), {"half": OWN})
    assert [list(row) for row in rows] == [AGREEMENT.names] * 2
    assert [(row["factor"], row["pairs"], row["share"], row["chance"]) for row in rows] == [
        ("floor", 2, 0.5, 1 / 3), ("group", 1, 1.0, 0.5),
    ]  # fmt: skip
    assert [row["factor"] for row in agreement_rows(known([None] * 4), {"half": OWN})] == ["floor"]


def test_a_rule_is_compared_with_the_known_copies() -> None:
    group = factor_of("group", ["a", "a", "b", "b"]).level
    row = _duplicates("half", 0.1, group, OWN.dropped, OWN.witness)
    assert set(row) == set(DUPLICATES.names)
    assert (row["removed"], row["precision"], row["excess"], row["recall"]) == (2, 0.5, 2, 0.5)
    assert row["recall_low"] == pytest.approx(wilson(1, 2).low)
    nothing = _duplicates("none", None, group, OWN.dropped[:0], OWN.witness[:0])
    assert (nothing["removed"], nothing["precision"], nothing["recall"]) == (0, None, 0.0)
    assert interval_columns(None, "share", "") == {"share": None, "low": None, "high": None}

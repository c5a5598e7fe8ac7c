"""The audits in the report: drawn where they were made, absent where not, and no stranger's text runs."""

from typing import Any

import pytest
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from assets.publish.page import audits


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def drawn(lake: LakeResources) -> list[str]:
    with catalogue_of(lake).connect() as connection:

        def rows(sql: str) -> list[dict[str, Any]]:
            return connection.sql(sql).to_arrow_table().to_pylist()

        for query in (audits.CONFOUND, audits.ALONE, audits.CORRUPTION):
            assert rows(query)
        alone = {row["recipe"]: row for row in rows(audits.ALONE_COUNTS)}
        for row in rows("SELECT recipe, count(*) AS n FROM dropped_alone_examples GROUP BY recipe"):
            assert row["n"] == min(5, alone[row["recipe"]]["documents"])
        told = {row["recipe"]: row for row in rows(audits.DIVERGENCE)}
        assert set(told["everything"].values()) == {"everything", 0}
        assert told["length"]["length"] > 0
        found = audits.figures(rows, lambda chart, note: {"chart": chart.to_json(), "note": note}, ["random"])
    return [figure["note"] for figure in found]


def test_every_audit_of_the_lake_is_drawn(lake: LakeResources) -> None:
    notes = " ".join(drawn(lake))
    for part in (
        "What two recipes drop",
        "Below 1 a group",
        "A slope would say",
        "Duplicates were made",
        "own documents",
        "pairs of originals",
        "what was done goes unnoticed",
        "the weakest change",
    ):
        assert part in notes


def test_nothing_is_drawn_of_audits_that_were_not_made() -> None:
    assert audits.figures(lambda _: [], lambda chart, note: {}, []) == []

"""What the report asks, against aggregates worked out by hand on a dozen documents."""

from pathlib import Path
from typing import Any

import pytest
from support.catalogue import DOCUMENTS, small_tables, trained_tables, write_catalogue

from assets.charts.charts import BINS
from assets.publish.database import Catalogue
from assets.publish.page import queries


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return write_catalogue(tmp_path_factory.mktemp("lake"), {**small_tables(), **trained_tables()})


def ask(catalogue: Catalogue, sql: str) -> list[dict[str, Any]]:
    return catalogue.query(sql).to_pylist()


def test_counts(catalogue: Catalogue) -> None:
    counts = ask(catalogue, queries.COUNTS)[0]
    found = [counts[name] for name in ("documents", "rejected", "held_out", "tokens", "files", "version")]
    assert found == [12, 3, 2, 78, 0, None]


def test_kept_by_length_leaves_out_held_out_documents_and_old_versions(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.BY_LENGTH)
    assert [(row["length_decile"], row["kept"]) for row in rows if row["recipe"] == "half"] == [
        (decile, float(decile > 5)) for decile in range(1, 11)
    ]
    assert [row["bytes"] for row in rows if row["recipe"] == "all"] == [
        10 * decile for decile in range(1, 11)
    ]
    assert {row["kept"] for row in rows if row["recipe"] == "all"} == {1.0}


def test_kept_by_cluster_begins_with_the_most_pruned(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.BY_CLUSTER)
    assert [(row["recipe"], row["clusters"], row["kept"]) for row in rows] == [
        ("all", 50, 1.0), ("all", 100, 1.0), ("half", 50, 0.0), ("half", 100, pytest.approx(5 / 6)),
    ]  # fmt: skip


def test_kept_by_folder_and_by_kind(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.BY_FOLDER)
    assert [(row["origin"], row["recipe"], row["kept"], row["documents"]) for row in rows] == [
        ("b", "all", 1.0, 6), ("b", "half", pytest.approx(5 / 6), 6), ("a", "all", 1.0, 4), ("a", "half", 0.0, 4),
    ]  # fmt: skip
    assert [(row["origin"], row["kept"]) for row in ask(catalogue, queries.BY_KIND)] == [
        ("python", 1.0),
        ("python", 0.5),
    ]


def test_similarities_cuts_sizes_and_reasons(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.SIMILARITIES)
    assert [(row["bin"], row["documents"]) for row in rows] == [(0, 2), (BINS // 2, 5), (BINS - 1, 2)]
    assert ask(catalogue, queries.CUTS) == [{"recipe": "half", "cut": 0.8}]
    assert [row["size"] for row in ask(catalogue, queries.SIZES)] == [6, 4]
    assert ask(catalogue, queries.REASONS) == [
        {"recipe": "half", "step": "semdedup", "reason": "near_duplicate", "documents": 5, "witnesses": 5}
    ]
    assert [(row["reason"], row["records"], row["example"]) for row in ask(catalogue, queries.QUARANTINE)] == [
        ("nul_byte", 2, "bad1"), ("empty_file", 1, "bad0"),
    ]  # fmt: skip


def test_results_and_losses_are_means_over_seeds_of_what_is_a_number(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.RESULTS)
    assert [(row["recipe"], row["value"]) for row in rows if row["slice"] == "all"] == [
        ("all", 2.0),
        ("half", 2.5),
    ]
    assert [(row["recipe"], row["tokens"], row["loss"]) for row in ask(catalogue, queries.LOSSES)] == [
        ("all", 100, 3.0), ("all", 200, 2.0), ("half", 100, 3.5), ("half", 200, 2.5),
    ]  # fmt: skip
    assert [row["recipe"] for row in ask(catalogue, queries.BOARD)] == ["all", "half"]


def test_examples_are_by_lot_and_at_the_cut_each_once(catalogue: Catalogue) -> None:
    rows = ask(catalogue, queries.EXAMPLES)
    assert sorted((row["doc_id"], row["at_the_cut"]) for row in rows) == [
        ("d0", False), ("d1", True), ("d2", True), ("d3", True), ("d4", True),
    ]  # fmt: skip
    assert [row["doc_id"] for row in rows] == ["d0", "d4", "d3", "d2", "d1"]
    assert {(row["witness"], row["recipes"], row["reason"]) for row in rows} == {
        ("d9", "half", "near_duplicate")
    }


def test_what_grows_with_a_lake_is_cut_off(tmp_path: Path) -> None:
    tables = small_tables()
    mixture = tables["mixtures"][0]
    tables["mixtures"] = [{**mixture, "version": f"{i:06}"} for i in range(queries.MAX_ROWS + 7)]
    tables["quarantine"] = [
        {"source_path": "x" * 5000, "reason": f"r{i}"} for i in range(queries.MAX_ROWS + 7)
    ]
    tables["raw_shards"] = [{**row, "source_path": row["doc_id"] * 999} for row in tables["raw_shards"]]
    tables["pruned_mixtures"] = [
        {**row, "recipe": f"{row['recipe']}{i}", "reason": row.get("reason") and f"{row['reason']}{i % 2}"}
        for row in tables["pruned_mixtures"] for i in range(60) if row["doc_id"] in DOCUMENTS
    ]  # fmt: skip
    catalogue = write_catalogue(tmp_path / "lake", tables)
    mixtures = ask(catalogue, queries.MIXTURES)
    assert (len(mixtures), mixtures[0]["found"]) == (queries.MAX_ROWS, queries.MAX_ROWS + 7)
    assert len(ask(catalogue, queries.QUARANTINE)) == queries.MAX_ROWS
    assert {len(row["example"]) for row in ask(catalogue, queries.QUARANTINE)} == {queries.MAX_NAME_CHARS}
    assert {len(row["origin"]) for row in ask(catalogue, queries.BY_FOLDER)} == {queries.MAX_NAME_CHARS}
    assert (
        len(ask(catalogue, queries.EXAMPLES)) <= 2 * queries.EXAMPLES_PER_REASON + queries.EXAMPLES_AT_THE_CUT
    )


def test_a_second_step_of_a_method_has_its_cut_and_a_step_without_a_limit_has_none(tmp_path: Path) -> None:
    tables = small_tables()
    second = [{**row, "step": row.get("step") and "semdedup-2"} for row in tables["pruned_mixtures"]]
    catalogue = write_catalogue(tmp_path / "second", {**tables, "pruned_mixtures": second})
    assert ask(catalogue, queries.CUTS) == [{"recipe": "half", "cut": 0.8}]
    none = [{**row, "threshold": None} for row in tables["pruned_mixtures"]]
    catalogue = write_catalogue(tmp_path / "none", {**tables, "pruned_mixtures": none})
    assert ask(catalogue, queries.CUTS) == []

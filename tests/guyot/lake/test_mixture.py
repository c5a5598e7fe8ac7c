"""A mixture of a lake: its rows, and its documents one by one."""

from pathlib import Path

import pyarrow.compute as pc
import pytest
from support.lake import copy_of, graph_lake, lake_at, materialize

import guyot
from assets.graph.lake import LakeResources as GraphLake
from guyot.lake import document_batches
from recipes import RECIPES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GraphLake:
    return graph_lake(tmp_path_factory)


@pytest.mark.parametrize("recipe", [recipe.name for recipe in RECIPES])
def test_rows_are_those_of_the_store_with_their_sources(made: GraphLake, recipe: str) -> None:
    stored = made.store.required("pruned_mixtures", recipe)
    mixture = guyot.open_lake(made.store.root).mixture(recipe)
    table = made.store.table(stored).to_pylist()
    by_id = {row["doc_id"]: row for row in table}
    kept, dropped = mixture.kept.to_pylist(), mixture.dropped.to_pylist()
    assert len(kept) + len(dropped) == len(table)
    assert {row["doc_id"] for row in kept} == {row["doc_id"] for row in table if row["kept"]}
    for row in dropped:
        assert all(by_id[row["doc_id"]][name] == row[name] for name in ("step", "reason", "score", "witness"))
    assert mixture.recipe.to_dict() == stored.facts["recipe"]
    assert len(mixture) == len(kept)
    assert f"kept {len(kept):,} of {stored.facts['n_eligible']:,} documents" in repr(mixture)


@pytest.mark.parametrize("batch", [1, 7, 1024])
def test_documents_come_in_the_order_of_kept(
    made: GraphLake, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_batches, "_BATCH_ROWS", batch)
    mixture = guyot.open_lake(made.store.root).mixture("semdedup")
    found = list(mixture.documents())
    assert [one.doc_id for one in found] == mixture.kept["doc_id"].to_pylist()
    source = Path(made.settings.source)
    for one in found:
        if not one.record_key:
            assert (source / one.source).read_text() == one.text
    assert [one.text for one in found] == list(mixture.texts())
    records = [one for one in found if one.source == "records.jsonl"]
    assert records
    assert all(one.text.startswith(f"record {one.record_key[1:]} says") for one in records)


def test_a_mixture_keeps_its_snapshot_when_documents_come(made: GraphLake, tmp_path: Path) -> None:
    lake_before = copy_of(made, tmp_path / "lake")
    lake = guyot.open_lake(tmp_path / "lake")
    before = lake.mixture("exact")
    rows = before.kept
    source = tmp_path / "source"
    source.mkdir()
    for number in range(3):
        (source / f"new{number}.md").write_text(f"another source, document {number}")
    materialize(lake_at(lake_before.store.root, source), ["exact"], "pruned_mixtures")
    assert lake.mixture("exact").version.name != before.version.name
    again = lake.mixture("exact", before.version.name)
    assert again.kept.equals(rows)
    assert len(list(again.texts())) == len(rows)
    assert pc.all(pc.starts_with(lake.mixture("exact").kept["source_path"], "new")).as_py()

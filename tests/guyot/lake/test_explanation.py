"""Sentences of a lake are those of `guyot explain`."""

import pytest
from support.lake import graph_lake

import guyot
from assets.graph.lake import LakeResources as GraphLake
from guyot.errors import MissingError
from jobs.cli.explain import explain


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GraphLake:
    return graph_lake(tmp_path_factory)


def names(made: GraphLake) -> list[str]:
    table = guyot.open_lake(made.store.root).mixture("d4").dropped
    return table["doc_id"].to_pylist()


def test_sentences_are_those_of_the_command(made: GraphLake) -> None:
    lake = guyot.open_lake(made.store.root)
    documents = [*names(made), *lake.mixture("d4").kept["doc_id"].to_pylist()][::5]
    assert len(documents) > 8
    for name in documents:
        found = explain(made, name, None)
        told = lake.explain(name)
        for verdict in found.verdicts:
            fate = "kept" if verdict.kept else f"dropped by {verdict.step}"
            assert told.pop(verdict.recipe) == f"{fate}: {verdict.sentence}"
        assert not told


def test_a_document_is_found_by_path_and_by_path_and_key(made: GraphLake) -> None:
    lake = guyot.open_lake(made.store.root)
    by_path = lake.explain("package03/module1.py", "semdedup")
    assert list(by_path) == ["semdedup"]
    kept = lake.mixture("everything").kept.to_pylist()
    record = next(row for row in kept if row["source_path"] == "records.jsonl")
    assert lake.explain(f"records.jsonl#{record['record_key']}") == lake.explain(record["doc_id"])
    assert lake.explain(record["doc_id"][:12]) == lake.explain(record["doc_id"])


def test_what_is_not_there_or_is_several(made: GraphLake) -> None:
    lake = guyot.open_lake(made.store.root)
    with pytest.raises(MissingError, match=r"document 'no\.py' was asked for; the lake .* has none"):
        lake.explain("no.py")
    with pytest.raises(MissingError, match=r"'records\.jsonl' means 12 documents; .* records\.jsonl#r0 \("):
        lake.explain("records.jsonl")

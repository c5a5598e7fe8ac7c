"""Names of documents: by doc_id, path, URI, path#key and key; `test_explain` has the rest."""

from pathlib import Path
from typing import Any

import pytest
from support.lake import catalogue_of, graph_lake

from assets.graph.lake import LakeResources
from guyot.errors import MissingError
from jobs.cli.documents import document_of


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def asked(lake: LakeResources, what: str) -> dict[str, Any]:
    with catalogue_of(lake).connect() as connection:

        def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
            return connection.sql(sql, params=list(values)).to_arrow_table().to_pylist()

        return document_of(rows, what)


def test_a_document_has_many_names(lake: LakeResources) -> None:
    path = Path(lake.settings.source) / "package03" / "module1.py"
    found = asked(lake, "package03/module1.py")
    for name in (found["doc_id"], found["doc_id"][:12], str(path), path.as_uri()):
        assert asked(lake, name) == found
    record = asked(lake, "records.jsonl#r7")
    assert (record["source_path"], record["record_key"]) == ("records.jsonl", "r7")
    assert asked(lake, "r7") == record


def test_a_name_of_nothing_and_of_several_is_refused(lake: LakeResources) -> None:
    with pytest.raises(MissingError, match="the nearest sources are package03/module1.py"):
        asked(lake, "package03/modul1.py")
    with pytest.raises(MissingError, match="means several documents"):
        asked(lake, "records.jsonl")

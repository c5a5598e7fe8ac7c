"""Scored documents: written as tables and read back, whichever documents have a witness."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.corpus import some_units
from support.lake import reader_of
from support.scores import empty_lake, name_of

from assets.cluster.scoring import scored_documents
from assets.cluster.scoring.document_locations import DocumentLocations
from assets.graph.doc_ids import id_column, packed, unpacked
from guyot.errors import CorruptError
from guyot.prune.near_duplicates.maxima import NearestPredecessors
from resources.lake import writer
from resources.lake.store import Store


def some_scored(n: int) -> scored_documents.ScoredDocuments:
    at = np.arange(n)
    ids = packed(np.array([name_of(i) for i in at], "S32"))
    documents = DocumentLocations(
        ids,
        (at % 3).astype(np.int32),
        (at / 7).astype(np.float32),
        np.where(at % 5 == 2, (at + 1) % 3, -1).astype(np.int32),
        (at % 2).astype(np.int32),
        (at // 2).astype(np.int32),
    )
    entry = np.arange(len(documents.entries))  # of 10 documents 2 and 7 visit: entries 10 and 11
    witness = np.where(entry % 4 == 0, -1, (entry * 5) % max(n, 1)).astype(np.int32)
    similarity = np.where(witness < 0, np.nan, entry % 11 / 11).astype(np.float32)
    return scored_documents.ScoredDocuments(documents, NearestPredecessors(similarity, witness))


def write(store: Store, found: scored_documents.ScoredDocuments) -> None:
    with store.write("cluster_scores", "all", inputs={}, settings={}, code="") as sink:
        scored_documents.write(sink, found, some_units(3, 8))


@pytest.mark.parametrize("n", [0, 1, 10])
def test_what_was_written_is_read_back(tmp_path: Path, n: int) -> None:
    lake, wanted = empty_lake(tmp_path), some_scored(n)
    store = lake.store
    write(store, wanted)
    manifest = store.required("cluster_scores")
    found = scored_documents.read(reader_of(lake), manifest)
    for one, other in ((found.documents, wanted.documents), (found.entries, wanted.entries)):
        for name, column in vars(other).items():
            assert getattr(one, name).dtype == column.dtype, name
            assert getattr(one, name).tobytes() == column.tobytes(), name
    if n == 10:  # the second document's own list, and the seventh's other, have the better one
        assert wanted.maxima.similarity[[2, 7]].tolist() == wanted.entries.similarity[[10, 7]].tolist()
        assert wanted.maxima.witness[[2, 7]].tolist() == wanted.entries.witness[[10, 7]].tolist()
    rows = store.table(manifest).to_pylist()
    assert [row["doc_id"] for row in rows] == [name_of(i) for i in range(n)]
    for i, row in enumerate(rows):
        witness = int(wanted.maxima.witness[i])
        assert row["witness"] == (None if witness < 0 else name_of(witness))
        assert row["max_similarity"] == (None if witness < 0 else wanted.maxima.similarity[i])
    assert [
        c["size"] for c in store.table(manifest, scored_documents.CLUSTERS.file).to_pylist()
    ] == np.bincount(np.arange(n) % 3, minlength=3).tolist()


@pytest.mark.parametrize("name", [scored_documents.PLACES, scored_documents.ENTRIES])
def test_numbers_that_are_not_what_was_written_are_refused(tmp_path: Path, name: str) -> None:
    lake = empty_lake(tmp_path)
    store = lake.store
    write(store, some_scored(5))
    manifest = store.required("cluster_scores")
    path = Path(store.file(manifest, name))
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
    with pytest.raises(CorruptError, match="whose digest is not its manifest's"):
        scored_documents.read(reader_of(lake), manifest)


@pytest.mark.parametrize("n", [0, 1, 3, 4, 9, 40])
def test_rows_written_by_groups_are_the_bytes_of_the_whole_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    monkeypatch.setattr(scored_documents, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(writer, "ROW_GROUP_ROWS", 4)
    lake, scored = empty_lake(tmp_path), some_scored(n)
    write(lake.store, scored)
    found = Path(lake.store.file(lake.store.required("cluster_scores"))).read_bytes()
    ids, maxima = unpacked(scored.documents.ids), scored.maxima
    has = maxima.witness >= 0
    columns = [
        id_column(ids), scored.documents.cluster, scored.documents.distance,
        pa.array(maxima.similarity, mask=~has), id_column(ids[maxima.witness], has),
    ]  # fmt: skip
    whole = pa.table(columns, schema=scored_documents.SCORES.schema)
    plain = ["doc_id", "distance", "max_similarity", "witness"]
    writer.Writer(tmp_path).table(whole, "whole.parquet", plain=plain)
    assert (tmp_path / "whole.parquet").read_bytes() == found

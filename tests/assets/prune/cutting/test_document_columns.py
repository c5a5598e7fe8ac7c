"""Columns of documents: those of the shards, and shards that do not fit the scores are refused."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from support.lake import copy_of, graph_lake, reader_of

from assets.graph.doc_ids import packed, packed_ids_of, unpacked
from assets.graph.lake import LakeResources
from assets.graph.reader import TableReader
from assets.graph.snapshot import Snapshot, snapshot_of
from assets.prune.cutting.document_columns import SIGNALS, DocumentColumns, needs_of, numbered, signals_of
from guyot.columns import CLUSTER, DISTANCE, VECTORS
from guyot.errors import CorruptError
from guyot.prune.bounds import Bounds
from guyot.prune.prototypes import Prototypes
from guyot.prune.random import Random
from guyot.prune.semdedup import SemDeDup
from guyot.recipe import Recipe


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


@pytest.fixture(scope="module")
def ids(lake: LakeResources) -> NDArray[np.bytes_]:
    return packed_ids_of(
        lake.store.table(lake.store.required("cluster_scores"), columns=["doc_id"])["doc_id"]
    )


def columns_of(lake: LakeResources, ids: NDArray[np.bytes_]) -> DocumentColumns:
    return DocumentColumns(reader_of(lake), snapshot_of(lake.store.required("cluster_scores")), ids)


def test_shards_and_scores_that_differ_are_refused(lake: LakeResources, ids: NDArray[np.bytes_]) -> None:
    found = columns_of(lake, ids)
    assert unpacked(found.known.ids).tolist() == unpacked(ids).tolist()
    assert len(np.intersect1d(found.held_out, ids)) == 0
    with pytest.raises(CorruptError, match="training documents of a shard were asked for; the scores have"):
        columns_of(lake, ids[1:])
    more = np.sort(np.append(ids, packed(np.array(["f" * 32], "S32"))))
    with pytest.raises(CorruptError, match=f"the signals of {len(ids) + 1} training documents were asked"):
        columns_of(lake, more)


def test_signals_that_no_recipe_looks_at_are_not_read(
    lake: LakeResources, ids: NDArray[np.bytes_], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_words = Recipe("words", (Bounds("words", at_least=2),), None)
    by_bytes = Recipe("bytes", (Random(),), 0.5, "bytes")
    assert signals_of([by_words]) == {"words", "tokens"}
    assert signals_of([by_words, by_bytes]) == {"words", "tokens", "bytes"}
    unknown = Recipe("unknown", (Bounds("wrods", at_least=2),), None)
    assert signals_of([by_words, unknown]) > set(SIGNALS), "the error names all that there are"
    found = columns_of(lake, ids)
    every, asked = found.signals(frozenset({*SIGNALS, "parses", "width"})), set[str]()
    assert set(every) == {*SIGNALS, "parses"}, "of the tables that the snapshot has"
    before = TableReader.table
    monkeypatch.setattr(
        TableReader,
        "table",
        lambda *given, columns: (asked.update(columns), before(*given, columns=columns))[1],
    )
    some = found.signals(frozenset({"words"}))
    assert asked == {"words"}, "and where its rows lie is known from before"
    assert some["words"].tolist() == every["words"].tolist()


def test_what_a_step_needs_where_nothing_is_dropped_is_needed() -> None:
    again = Recipe("again", (SemDeDup(keep_fraction=0.9), Prototypes(recluster=True, balance="cluster")), 0.5)
    assert {VECTORS, DISTANCE, CLUSTER} <= set(needs_of(again))


def test_signals_in_another_order_than_the_documents_are_found_by_their_ids(
    lake: LakeResources, ids: NDArray[np.bytes_], tmp_path: Path
) -> None:
    wanted = columns_of(lake, ids).signals(frozenset({"words", "tokens"}))
    copy = copy_of(lake, tmp_path / "copy")
    for shard in copy.shards():
        manifest = copy.store.required("quality_signals", shard)
        turned = copy.store.table(manifest).slice(0).take(np.arange(manifest.rows)[::-1])
        with copy.store.write("quality_signals", shard, inputs={"a": "b"}, settings={}, code="") as writer:
            writer.table(turned)
    source = snapshot_of(copy.store.required("cluster_scores"))
    now = {
        shard: {**tables, "quality_signals": copy.store.required("quality_signals", shard).version}
        for shard, tables in source.shards.items()
    }
    found = DocumentColumns(reader_of(copy), Snapshot(now), ids)
    for name in ("words", "tokens", "words"):
        assert found.signals(frozenset({name}))[name].tolist() == wanted[name].tolist()


def test_names_keep_their_numbers_from_part_to_part() -> None:
    numbers: dict[str, int] = {}
    one, two = pa.chunked_array([["b", "a"], ["b"]]), pa.chunked_array([["c", "a"]])
    assert numbered(one, numbers).tolist() == [0, 1, 0]
    assert numbered(two, numbers).tolist() == [2, 1]
    assert numbers == {"b": 0, "a": 1, "c": 2}

"""Columns of documents: those of the shards, and shards that do not fit the scores are refused."""

import numpy as np
import pyarrow as pa
import pytest
from support.lake import graph_lake, reader_of

from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of
from assets.prune.cutting.document_columns import SIGNALS, numbered, read_columns, signals_of
from guyot.errors import CorruptError
from guyot.prune.bounds import Bounds
from guyot.prune.random import Random
from guyot.recipe import Recipe


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LakeResources:
    return graph_lake(tmp_path_factory)


def test_shards_and_scores_that_differ_are_refused(lake: LakeResources) -> None:
    scores = lake.store.required("cluster_scores")
    ids = ids_of(lake.store.table(scores, columns=["doc_id"])["doc_id"])
    reader, source = reader_of(lake), snapshot_of(scores)
    found = read_columns(reader, source, ids)
    assert found.known.ids.tolist() == ids.tolist()
    assert len(np.intersect1d(found.held_out, ids)) == 0
    with pytest.raises(CorruptError, match="training documents of a shard were asked for; the scores have"):
        read_columns(reader, source, ids[1:])
    more = np.sort(np.append(ids, np.array(["f" * 32], "S32")))
    with pytest.raises(CorruptError, match=f"the signals of {len(ids) + 1} training documents were asked"):
        read_columns(reader, source, more)


def test_signals_that_no_recipe_looks_at_are_not_read(lake: LakeResources) -> None:
    by_words = Recipe("words", (Bounds("words", at_least=2),), None)
    by_bytes = Recipe("bytes", (Random(),), 0.5, "bytes")
    assert signals_of([by_words]) == {"words", "tokens"}
    assert signals_of([by_words, by_bytes]) == {"words", "tokens", "bytes"}
    unknown = Recipe("unknown", (Bounds("wrods", at_least=2),), None)
    assert signals_of([by_words, unknown]) > set(SIGNALS), "the error names all that there are"
    scores = lake.store.required("cluster_scores")
    ids = ids_of(lake.store.table(scores, columns=["doc_id"])["doc_id"])
    everything = read_columns(reader_of(lake), snapshot_of(scores), ids).numbers
    some = read_columns(reader_of(lake), snapshot_of(scores), ids, signals_of([by_words])).numbers
    assert set(everything) == {*SIGNALS, "parses"}
    assert set(some) == {"words", "tokens", "parses"}
    for name, values in some.items():
        assert values.tolist() == everything[name].tolist()


def test_names_keep_their_numbers_from_part_to_part() -> None:
    numbers: dict[str, int] = {}
    one, two = pa.chunked_array([["b", "a"], ["b"]]), pa.chunked_array([["c", "a"]])
    assert numbered(one, numbers).tolist() == [0, 1, 0]
    assert numbered(two, numbers).tolist() == [2, 1]
    assert numbers == {"b": 0, "a": 1, "c": 2}

"""Placed documents: each training document with its cluster, and where its vector lies."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.lake import reader_of
from support.scores import POOL, Doc, Shards, documents_of, empty_lake, name_of, put

from assets.cluster.scoring.document_locations import place
from assets.graph.doc_ids import unpacked
from assets.graph.lake import LakeResources
from assets.graph.snapshot import take
from guyot.errors import CorruptError, MissingError

STATE: Shards = {
    "shard-a": documents_of(5, 1, 9) | documents_of(3, split="held_out"),
    "shard-b": documents_of(2, 7),
    "shard-c": documents_of(4, split="held_out"),
    "shard-d": documents_of(0, 8),
}


@pytest.fixture
def small(tmp_path: Path) -> LakeResources:
    lake = empty_lake(tmp_path)
    put(lake, STATE)
    return lake


@pytest.mark.parametrize("shards", [["shard-a", "shard-b", "shard-c", "shard-d"], ["shard-d", "shard-a"], []])
def test_documents_are_sorted_and_found_where_they_are_said_to_lie(
    small: LakeResources, shards: list[str]
) -> None:
    taken = take(small)
    found = place(reader_of(small), taken, shards)
    wanted = sorted(n for s in shards for n, document in STATE[s].items() if document.split == "train")
    assert [i.decode() for i in unpacked(found.ids).tolist()] == [name_of(n) for n in wanted]
    for number, at in zip(wanted, range(len(found)), strict=True):
        shard = taken.names[found.shard[at]]
        manifest = taken.manifest(reader_of(small), "cluster_assignments", shard)
        row = small.store.table(manifest).to_pylist()[found.row[at]]
        assert (row["doc_id"], row["cluster"], row["distance"]) == (
            name_of(number),
            found.cluster[at],
            found.distance[at],
        )
        assert np.array_equal(
            small.store.vectors(manifest)[found.row[at] : found.row[at] + 1][0], POOL[number]
        )


def test_some_are_taken_by_row_or_by_mask(small: LakeResources) -> None:
    found = place(reader_of(small), take(small), ["shard-a", "shard-b"])
    assert found.some(np.array([2, 0])).ids.tolist() == [found.ids[2], found.ids[0]]
    assert unpacked(found.some(found.shard == 1).ids).tolist() == [name_of(2).encode(), name_of(7).encode()]


@pytest.mark.parametrize("margin", [0, 0.1, 0.3, 2])
def test_documents_within_the_margin_visit_their_second_cluster(small: LakeResources, margin: float) -> None:
    taken = take(small)
    found = place(reader_of(small), taken, taken.names, margin)
    wanted: dict[str, int] = {}
    for manifest in taken.manifests(reader_of(small), "cluster_assignments"):
        for row in small.store.table(manifest).to_pylist():
            near = np.float32(row["second_distance"]) - np.float32(row["distance"]) <= np.float32(margin)
            wanted[row["doc_id"]] = row["second_cluster"] if margin and near else -1
    assert found.border_cluster.tolist() == [wanted[i.decode()] for i in unpacked(found.ids).tolist()]
    assert found.border_cluster.dtype == np.int32
    border_documents = [row for row, cluster in enumerate(found.border_cluster) if cluster >= 0]
    assert len(border_documents) == {0: 0, 0.1: 2, 0.3: 5, 2: 7}[margin]
    assert found.border_documents.tolist() == border_documents
    assert found.entries.tolist() == [*range(len(found)), *border_documents]
    assert len(found.at_home().border_documents) == 0
    assert (
        found.some(found.border_documents).border_cluster.tolist()
        == found.border_cluster[border_documents].tolist()
    )


def test_where_there_is_one_centroid_nobody_visits(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path, centroids=1)
    put(lake, STATE)
    assert place(lake.store, take(lake), ["shard-a"], 2).border_cluster.tolist() == [-1] * 3


def test_a_training_document_without_a_cluster_is_an_error_and_never_cluster_0(small: LakeResources) -> None:
    before = small.store.required("cluster_assignments", "shard-a")
    rows = small.store.table(before)
    lacking = rows["doc_id"].to_pylist().index(name_of(9))
    rest = pa.concat_tables([rows[:lacking], rows[lacking + 1 :]])
    with small.store.write(
        "cluster_assignments", "shard-a", inputs=before.inputs, settings={"again": 1}, code=""
    ) as writer:
        writer.table(rest)
    with pytest.raises(
        MissingError, match=f"3 training documents of shard-a were asked for; 1 have none, .*{name_of(9)}"
    ):
        place(reader_of(small), take(small), ["shard-a"])


def test_a_document_that_is_there_twice_is_an_error(small: LakeResources) -> None:
    put(small, {**STATE, "shard-d": {0: Doc(0), 7: Doc(7)}})
    with pytest.raises(CorruptError, match=f"1 are twice, such as {name_of(7)}"):
        place(reader_of(small), take(small), ["shard-b", "shard-d"])

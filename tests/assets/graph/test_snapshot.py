"""A snapshot: the exact versions of each live shard, its documents by id, and its vectors in any blocking."""

import shutil
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from assets.graph import snapshot
from assets.graph.lake import Lake
from guyot.errors import ArrayError, MissingError
from resources.lake.manifest import Manifest


def by_id(lake: Lake) -> dict[bytes, np.ndarray[Any, Any]]:
    """Return each live document's vector, sorted by doc_id."""
    found: dict[bytes, np.ndarray[Any, Any]] = {}
    for shard in lake.shards():
        manifest = lake.store.required("embeddings", shard)
        ids = lake.store.table(manifest)["doc_id"].to_pylist()
        found.update(zip((i.encode() for i in ids), lake.store.vectors(manifest), strict=True))
    return dict(sorted(found.items()))


def test_it_names_the_live_version_of_every_table_of_every_live_shard(lake: Lake) -> None:
    taken = snapshot.take(lake.store)
    assert sorted(taken.shards) == lake.shards() == snapshot.live_shards(lake.store)
    for shard, versions in taken.shards.items():
        assert versions == {t: lake.store.required(t, shard).version for t in snapshot.TABLES}
    assert snapshot.of(lake.store.required("cluster_scores")) == taken
    assert snapshot.take(lake.store, ("embeddings",)).shards.keys() == taken.shards.keys()


def remade(lake: Lake, table: str, shard: str) -> None:
    """Make a table's shard anew, of the same inputs, without its first row."""
    before = lake.store.required(table, shard)
    rows = lake.store.table(before)
    with lake.store.write(table, shard, inputs=before.inputs, settings={"again": True}, code="") as writer:
        writer.table(rows[1:])


def test_it_stays_as_it_was_taken_and_says_what_is_gone(changed: Any) -> None:
    lake = changed()
    taken, shard = snapshot.take(lake.store), lake.shards()[0]
    before = taken.table(lake.store, "embeddings", ["doc_id"])
    remade(lake, "embeddings", shard)
    assert snapshot.of(snapshot_manifest(taken)).table(lake.store, "embeddings", ["doc_id"]) == before
    later = snapshot.take(lake.store, ("embeddings",))
    assert later.table(lake.store, "embeddings", ["doc_id"]).num_rows == before.num_rows - 1
    shutil.rmtree(lake.store.path("embeddings", shard, taken.shards[shard]["embeddings"]))
    with pytest.raises(MissingError, match=f"embeddings/{shard} version {taken.shards[shard]['embeddings']}"):
        snapshot.of(snapshot_manifest(taken)).table(lake.store, "embeddings", ["doc_id"])


def snapshot_manifest(taken: snapshot.Snapshot) -> Manifest:
    """Return a manifest that is about a snapshot, as one that was read from a lake is."""
    return Manifest("cluster_scores", "all", "", "", {}, {}, "", {}, {"snapshot": taken.shards})


def test_a_snapshot_waits_for_what_is_missing_or_of_other_versions(changed: Any) -> None:
    lake = changed()
    first, second = lake.shards()[:2]
    assert snapshot.waiting(lake.store) == {}
    remade(lake, "embeddings", first)
    assert snapshot.waiting(lake.store) == {"cluster_assignments": [first]}
    shutil.rmtree(lake.store.path("quality_signals", second))
    assert snapshot.waiting(lake.store) == {"quality_signals": [second], "cluster_assignments": [first]}
    assert snapshot.waiting(lake.store, ("embeddings",)) == {}
    with pytest.raises(
        MissingError, match=rf"1 of {len(lake.shards())} shards wait for quality_signals \({second}\)"
    ):
        snapshot.take(lake.store)


def test_no_shards_are_refused_with_advice(lake: Lake) -> None:
    with pytest.raises(MissingError, match="the snapshot has 0 shards"):
        snapshot.Snapshot({}).table(lake.store, "raw_shards", ["doc_id"])


def test_removed_files_leave_and_their_shard_goes_with_the_last_of_them(changed: Any) -> None:
    lake = changed()
    table = lake.store.table(lake.store.required("shard_registry"))
    gone = lake.shards()[-1]
    mine = [shard == gone for shard in table["shard"].to_pylist()]
    for n_left in (1, 0):
        removed = np.cumsum(mine[::-1])[::-1] > n_left
        states = ["removed" if m and r else "live" for m, r in zip(mine, removed, strict=True)]
        with lake.store.write(
            "shard_registry", "all", inputs={"n": str(n_left)}, settings={}, code=""
        ) as writer:
            writer.table(
                table.set_column(
                    table.column_names.index("state"), table.schema.field("state"), pa.array(states)
                )
            )
        assert (gone in snapshot.live_shards(lake.store)) == bool(n_left)


def test_ids_keep_all_their_digits_and_give_their_first_64_bits() -> None:
    ids = snapshot.ids_of(
        pa.chunked_array([["00000000000000ff" + "1" * 16], ["ffffffffffffffff" + "0" * 16]])
    )
    assert ids.dtype == np.dtype("S32")
    assert ids.tolist() == [b"00000000000000ff" + b"1" * 16, b"f" * 16 + b"0" * 16]
    assert snapshot.id_bits(ids).tolist() == [255, 2**64 - 1]
    assert snapshot.id_bits(ids[:0]).tolist() == []


@pytest.mark.parametrize("n_chunks", [0, 1, 3])
def test_ids_go_into_a_column_and_come_back(n_chunks: int) -> None:
    names = [f"{number:032x}" for number in range(12)]
    column = pa.chunked_array([pa.array(names)[4 * i : 4 * i + 4] for i in range(n_chunks)], pa.string())
    ids = snapshot.ids_of(column)
    assert [i.decode() for i in ids.tolist()] == names[: 4 * n_chunks]
    assert snapshot.id_column(ids).to_pylist() == names[: 4 * n_chunks]
    assert snapshot.id_column(ids).type == pa.string()
    assert snapshot.id_column(ids[::2]).to_pylist() == names[: 4 * n_chunks : 2]
    valid = np.arange(len(ids)) % 3 > 0
    nulls = snapshot.id_column(ids, valid)
    nulls.validate(full=True)
    assert nulls.to_pylist() == [
        name if there else None for name, there in zip(names[: 4 * n_chunks], valid, strict=True)
    ]
    assert [i.decode() for i in snapshot.ids_of(nulls.fill_null("")).tolist()] == [
        n or "" for n in nulls.to_pylist()
    ]


def test_ids_of_another_length_are_read_and_never_written() -> None:
    assert snapshot.ids_of(pa.chunked_array([["abc", "", "d" * 32]])).tolist() == [b"abc", b"", b"d" * 32]
    assert snapshot.ids_of(pa.array(["a" * 32], pa.large_string())).tolist() == [b"a" * 32]
    with pytest.raises(ArrayError, match="doc_ids have 32 digits; 1 of 2 are shorter"):
        snapshot.id_column(np.array([b"abc", b"d" * 32], "S32"))


def test_positions_are_found_and_what_is_absent_is_minus_one() -> None:
    ids = np.array([b"b", b"d", b"f"], "S32")
    assert snapshot.positions(ids, np.array([b"f", b"a", b"b", b"e", b"g", b"d"], "S32")).tolist() == [
        2,
        -1,
        0,
        -1,
        -1,
        1,
    ]
    assert snapshot.positions(ids[:0], ids).tolist() == [-1, -1, -1]
    assert snapshot.positions(ids, ids[:0]).tolist() == []


@pytest.mark.parametrize("block_rows", [1, 7, 65_536])
def test_vectors_come_once_for_the_documents_asked_for_in_any_blocking(lake: Lake, block_rows: int) -> None:
    vectors = by_id(lake)
    chosen = np.array(list(vectors)[::2], "S32")
    blocks = list(
        snapshot.SnapshotVectors(lake.store, snapshot.take(lake.store), chosen, block_rows).blocks()
    )
    assert all(0 < len(rows) == len(block) <= block_rows for rows, block in blocks)
    rows = np.concatenate([rows for rows, _ in blocks])
    assert sorted(rows.tolist()) == list(range(len(chosen)))
    for row, vector in zip(rows, np.concatenate([block for _, block in blocks]), strict=True):
        assert np.array_equal(vector, vectors[chosen[row]])

"""A snapshot: the exact versions of each live shard, and its vectors in any blocking."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.lake import reader_of

from assets.graph import snapshot
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources
from guyot.errors import CorruptError, MissingError
from resources import progress
from resources.lake.manifest import Manifest


def by_id(lake: LakeResources) -> dict[bytes, np.ndarray[Any, Any]]:
    """Return each live document's vector, sorted by doc_id."""
    found: dict[bytes, np.ndarray[Any, Any]] = {}
    for shard in lake.shards():
        manifest = lake.store.required("embeddings", shard)
        ids = lake.store.table(manifest)["doc_id"].to_pylist()
        found.update(zip((i.encode() for i in ids), lake.store.vectors(manifest), strict=True))
    return dict(sorted(found.items()))


def test_it_names_the_live_version_of_every_table_of_every_live_shard(lake: LakeResources) -> None:
    taken = snapshot.take(lake)
    assert sorted(taken.shards) == lake.shards()
    for shard, versions in taken.shards.items():
        assert versions == {t: lake.store.required(t, shard).version for t in snapshot.TABLES}
    assert snapshot.snapshot_of(lake.store.required("cluster_scores")) == taken
    assert snapshot.take(lake, ("embeddings",)).shards.keys() == taken.shards.keys()


def remade(lake: LakeResources, table: str, shard: str) -> None:
    """Make a table's shard anew, of the same inputs, without its first row."""
    before = lake.store.required(table, shard)
    rows = lake.store.table(before)
    with lake.store.write(table, shard, inputs=before.inputs, settings={"again": True}, code="") as writer:
        writer.table(rows[1:])


def test_it_stays_as_it_was_taken_and_says_what_is_gone(changed: Any) -> None:
    lake = changed()
    taken, shard = snapshot.take(lake), lake.shards()[0]
    before = taken.table(reader_of(lake), "embeddings", ["doc_id"])
    remade(lake, "embeddings", shard)
    assert (
        snapshot.snapshot_of(snapshot_manifest(taken)).table(reader_of(lake), "embeddings", ["doc_id"])
        == before
    )
    later = snapshot.take(lake, ("embeddings",))
    assert later.table(reader_of(lake), "embeddings", ["doc_id"]).num_rows == before.num_rows - 1
    shutil.rmtree(lake.store.path("embeddings", shard, taken.shards[shard]["embeddings"]))
    with pytest.raises(MissingError, match=f"embeddings/{shard} version {taken.shards[shard]['embeddings']}"):
        snapshot.snapshot_of(snapshot_manifest(taken)).table(reader_of(lake), "embeddings", ["doc_id"])


def snapshot_manifest(taken: snapshot.Snapshot) -> Manifest:
    """Return a manifest that is about a snapshot, as one that was read from a lake is."""
    return Manifest("cluster_scores", "all", "", "", {}, {}, "", {}, {"snapshot": taken.shards})


def test_no_shards_are_refused_with_advice(lake: LakeResources) -> None:
    with pytest.raises(MissingError, match="the snapshot has 0 shards"):
        snapshot.Snapshot({}).table(reader_of(lake), "raw_shards", ["doc_id"])


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
        assert (gone in lake.shards()) == bool(n_left)


@pytest.mark.parametrize("block_rows", [1, 7, 65_536])
def test_vectors_come_once_for_the_documents_asked_for_in_any_blocking(
    lake: LakeResources, block_rows: int
) -> None:
    vectors = by_id(lake)
    chosen = np.array(list(vectors)[::2], "S32")
    blocks = list(snapshot.SnapshotVectors(reader_of(lake), snapshot.take(lake), chosen, block_rows).blocks())
    assert all(0 < len(rows) == len(block) <= block_rows for rows, block in blocks)
    rows = np.concatenate([rows for rows, _ in blocks])
    assert sorted(rows.tolist()) == list(range(len(chosen)))
    for row, vector in zip(rows, np.concatenate([block for _, block in blocks]), strict=True):
        assert np.array_equal(vector, vectors[chosen[row]])


@pytest.mark.parametrize("block_rows", [3, 65_536])
def test_a_flipped_sign_of_a_shards_vectors_is_noticed_after_its_last_block(
    changed: Any, block_rows: int
) -> None:
    lake = changed()
    taken, ids = snapshot.take(lake), np.array(list(by_id(lake)), "S32")
    manifest = lake.store.required("embeddings", lake.shards()[-1])
    location = lake.store.vector_location(manifest)
    content = bytearray(Path(location.path).read_bytes())
    content[location.offset + 1] ^= 0x80
    Path(location.path).write_bytes(content)
    vectors = snapshot.SnapshotVectors(reader_of(lake), taken, ids, block_rows)
    with pytest.raises(
        CorruptError, match="vectors of .* are not those that were written; run `guyot verify"
    ):
        list(vectors.blocks())
    with pytest.raises(CorruptError, match="not those that were written"):
        reader_of(lake).whole_vectors(manifest)
    some = snapshot.SnapshotVectors(reader_of(lake), taken, ids[:1], block_rows)
    assert sum(len(rows) for rows, _ in some.blocks()) == 1


def test_reading_vectors_ends_where_nobody_waits_any_more(lake: LakeResources) -> None:
    stop, found = threading.Event(), list[int]()
    taken = snapshot.take(lake)
    ids = np.sort(ids_of(taken.table(reader_of(lake), "embeddings", ["doc_id"])["doc_id"]))

    def work() -> None:
        progress.stop_at(stop)
        for rows, _ in snapshot.SnapshotVectors(reader_of(lake), taken, ids, block_rows=1).blocks():
            found.append(len(rows))
            stop.set()

    with ThreadPoolExecutor(1) as pool, pytest.raises(progress.StoppedError):
        pool.submit(work).result()
    assert found == [1]

"""Members and visitors of lists: the vectors that the assignments name, as the lists order them."""

import time
from pathlib import Path

import numpy as np
import pytest
from support.lake import copy_of, reader_of
from support.scores import Doc, documents_of, empty_lake, put

from assets.cluster.scoring.cluster_members import ClusterMembers, read_vectors
from assets.cluster.scoring.document_locations import place
from assets.graph import snapshot
from assets.graph.doc_ids import ids_of, unpacked
from assets.graph.lake import LakeResources
from guyot.errors import CorruptError
from guyot.prune.near_duplicates.comparison_lists import comparison_lists
from resources.lake.vector_file import VectorLocation


@pytest.mark.parametrize("margin", [0, 0.02, 0.3])
def test_vectors_come_in_the_lists_order(lake: LakeResources, margin: float) -> None:
    taken = snapshot.take(lake)
    documents = place(reader_of(lake), taken, taken.names, margin)
    assert (len(documents.border_documents) > 0) == (margin > 0)
    vectors: dict[bytes, np.ndarray] = {}
    for manifest in taken.manifests(reader_of(lake), "embeddings"):
        ids = ids_of(lake.store.table(manifest)["doc_id"])
        vectors.update(zip(ids.tolist(), lake.store.vectors(manifest)[:], strict=True))
    assert len(vectors) > len(documents)  # some are held out
    n_clusters = lake.store.required("centroids").rows
    lists = comparison_lists(documents.distance, documents.cluster, documents.border_cluster, n_clusters)
    every = np.ones(len(lists.document), np.bool_)
    members = ClusterMembers(reader_of(lake), taken, documents, lists, every)
    for begin, end in [(c, c + 1) for c in range(n_clusters)] + [(0, n_clusters), (2, 5), (3, 3)]:
        first, last = lists.begins[begin], lists.begins[end]
        found = read_vectors(members.request(begin, end, first, last - first))
        wanted = [vectors[i] for i in unpacked(documents.ids[lists.document[first:last]]).tolist()]
        assert found.dtype == np.float16
        assert found.tolist() == [vector.tolist() for vector in wanted]


def test_visitors_of_lists_that_were_not_wanted_are_not_read_as_zeros(tmp_path: Path) -> None:
    lake = empty_lake(tmp_path)
    put(lake, {"shard-a": documents_of(*range(24)) | {30: Doc(3, "held_out")}})
    taken = snapshot.take(lake)
    documents = place(reader_of(lake), taken, taken.names, 0.3)
    lists = comparison_lists(documents.distance, documents.cluster, documents.border_cluster, 3)
    wanted = np.arange(len(lists.document)) < lists.begins[1]
    members = ClusterMembers(reader_of(lake), taken, documents, lists, wanted)
    sizes = np.diff(lists.begins).tolist()
    assert len(read_vectors(members.request(0, 1, 0, sizes[0]))) == sizes[0]
    n_members = np.bincount(documents.cluster, minlength=3)[1]
    assert 0 < n_members < sizes[1]
    told = (
        f"clusters 1 to 1 have {sizes[1]} members and border documents; the vectors of {n_members} were found"
    )
    with pytest.raises(CorruptError, match=told):
        read_vectors(members.request(1, 2, lists.begins[1], sizes[1]))


def test_no_flipped_bit_of_a_cluster_is_read(lake: LakeResources, tmp_path: Path) -> None:
    lake = copy_of(lake, tmp_path / "lake")
    taken = snapshot.take(lake)
    documents = place(reader_of(lake), taken, taken.names, 0)
    n_clusters = lake.store.required("centroids").rows
    lists = comparison_lists(documents.distance, documents.cluster, documents.border_cluster, n_clusters)
    every = np.ones(len(lists.document), np.bool_)
    members = ClusterMembers(reader_of(lake), taken, documents, lists, every)
    manifest = lake.store.required("cluster_assignments", taken.names[0])
    location, offsets = lake.store.vector_location(manifest), manifest.facts["offsets"]
    path = Path(location.path)
    content = path.read_bytes()
    row_bytes = 2 * location.shape[1]
    read = 0
    for row in range(manifest.rows):
        flipped = bytearray(content)
        flipped[location.offset + row * row_bytes + 1] ^= 0x80  # a sign
        path.write_bytes(flipped)
        cluster = int(np.searchsorted(offsets, row, "right")) - 1
        for other in range(n_clusters):
            first, last = lists.begins[other], lists.begins[other + 1]
            request = members.request(other, other + 1, first, last - first)
            if other == cluster and request.ranges and request.ranges[0].vectors == location:
                with pytest.raises(
                    CorruptError, match=r"vectors \d+ to \d+ of .* not those that were written"
                ):
                    read_vectors(request)
                read += 1
            else:
                read_vectors(request)
    assert read > 3


def test_ranges_that_take_long_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = empty_lake(tmp_path)
    put(
        lake,
        {f"shard-{number:02d}": documents_of(*range(6 * number, 6 * number + 6)) for number in range(24)},
    )
    taken = snapshot.take(lake)
    documents = place(reader_of(lake), taken, taken.names, 0)
    lists = comparison_lists(documents.distance, documents.cluster, documents.border_cluster, 3)
    members = ClusterMembers(reader_of(lake), taken, documents, lists, np.ones(len(lists.document), np.bool_))
    request = members.request(0, 3, 0, len(lists.document))
    at_once = read_vectors(request)
    under_way, most = [0], [0]

    def slow(location: VectorLocation, begin: int, end: int) -> np.ndarray:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        under_way[0] -= 1
        return read(location, begin, end)

    read = VectorLocation.read
    monkeypatch.setattr(VectorLocation, "read", slow)
    assert read_vectors(request).tobytes() == at_once.tobytes()
    assert len(request.ranges) == 24
    assert 1 < most[0] <= 16

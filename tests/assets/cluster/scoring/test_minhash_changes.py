"""Changes since the last scores: none where nothing changed; what went and came has its place."""

import numpy as np
from support.lake import reader_of

from assets.cluster.minhash_scores import signed_shards
from assets.cluster.scoring import minhash_changes
from assets.cluster.scoring.minhash_changes import GONE, since
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of


def test_a_lake_as_it_was_has_no_changes(lake: LakeResources) -> None:
    reader, snapshot = reader_of(lake), snapshot_of(lake.store.required("cluster_scores"))
    found = since(reader, lake.store.required("minhash_scores"), signed_shards(reader), snapshot, 0.0)
    assert found is not None
    assert found.ids.tolist() == found.ids_before.tolist()
    assert found.row_now.tolist() == list(range(len(found.ids)))
    assert not len(found.signed)


def test_what_went_is_taken_out_and_what_came_put_in() -> None:
    before, went, came = (np.array(names, "S32") for names in (["b", "d", "f"], ["d"], ["a", "e", "g"]))
    found = minhash_changes._merged(before, went, came, np.zeros((4, 128), np.uint32))
    assert found.ids.tolist() == [b"a", b"b", b"e", b"f", b"g"]
    assert found.row_now.tolist() == [1, GONE, 3]

"""Pairs of all documents: what is known is not compared again."""

import numpy as np
from support.lake import reader_of

from assets.cluster.minhash_scores import signed_shards
from assets.cluster.scoring import minhash_pairs
from assets.cluster.scoring.minhash_compare import compare, known_similarities
from assets.cluster.scoring.minhash_similarities import Shingling
from assets.graph.lake import LakeResources
from assets.graph.snapshot import snapshot_of


def test_what_is_known_is_believed(lake: LakeResources) -> None:
    reader = reader_of(lake)
    known = minhash_pairs.known_of(reader, lake.store.required("minhash_scores"))
    marked = minhash_pairs.Known(known.one, known.other, np.full(len(known.jaccard), 0.875))
    found = compare(
        reader, Shingling("words", 5), 0.8, signed_shards(reader),
        snapshot_of(lake.store.required("cluster_scores")), marked,
    )  # fmt: skip
    assert found.compared_anew == 0
    assert set(found.jaccard.tolist()) == {0.875}


def test_known_pairs_are_found_in_any_order() -> None:
    found = known_similarities(np.array([3, 4, 9]), np.array([9, 1, 3]), np.array([0.9, 0.1, 0.3]))
    assert np.array_equal(found, [0.3, np.nan, 0.9], equal_nan=True)

"""Pairs that are known are not compared again, and only if they were compared in the same way."""

from pathlib import Path

import numpy as np
from support.corpus import copy_of

from assets.cluster import minhash_scores
from assets.cluster.scoring import minhash_pairs
from assets.graph import snapshot
from assets.graph.plan import Lake


def test_known_pairs_are_those_of_the_same_settings(lake: Lake) -> None:
    live = lake.store.required("minhash_scores")
    settings = minhash_scores.spec(lake.store, lake.settings).settings
    known = minhash_pairs.reusable(lake.store, settings, minhash_scores.CODE)
    assert len(known.jaccard) == live.facts["pairs"] > 0
    assert not len(minhash_pairs.reusable(lake.store, {**settings, "minhash.jaccard": 0.5}, "1").jaccard)
    assert not len(minhash_pairs.reusable(lake.store, settings, "other").jaccard)


def test_what_is_known_is_believed(lake: Lake) -> None:
    settings = minhash_scores.spec(lake.store, lake.settings).settings
    known = minhash_pairs.reusable(lake.store, settings, minhash_scores.CODE)
    marked = minhash_pairs.Known(known.one, known.other, np.full(len(known.jaccard), 0.875))
    found = minhash_pairs.compare(
        lake.store, lake.settings, minhash_scores.signed_shards(lake.store),
        snapshot.of(lake.store.required("cluster_scores")), marked,
    )  # fmt: skip
    assert found.compared_anew == 0
    assert set(found.jaccard.tolist()) == {0.875}


def test_pairs_below_the_floor_are_no_links(lake: Lake, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    live = copy.store.required("minhash_scores")
    table = copy.store.table(live, minhash_pairs.FILE)
    low = table.set_column(2, "jaccard", [np.where(np.arange(table.num_rows) % 2, 0.9, 0.7)])
    with copy.store.write("minhash_scores", "all", inputs={"a": "b"}, settings={}, code="") as writer:
        writer.table(copy.store.table(live))
        writer.table(low, minhash_pairs.FILE)
        writer.facts |= live.facts
    ids = snapshot.ids_of(copy.store.table(live)["doc_id"])
    pairs = minhash_pairs.pairs_of(copy.store, copy.store.required("minhash_scores"), ids)
    assert set(pairs.jaccard.tolist()) == {0.9}
    assert len(pairs.one) == table.num_rows // 2
    assert (pairs.one < pairs.other).all()

"""Pairs that are known are not compared again, and only if they were compared in the same way."""

from pathlib import Path

import numpy as np
from support.lake import copy_of, reader_of, spec_of

from assets.cluster.scoring import minhash_pairs
from assets.graph.doc_ids import ids_of
from assets.graph.lake import LakeResources


def test_known_pairs_are_those_of_the_same_settings(lake: LakeResources) -> None:
    live = lake.store.required("minhash_scores")
    spec = spec_of(lake, "minhash_scores")
    settings, reader = spec.settings, reader_of(lake)
    assert minhash_pairs.reusable(reader, settings, spec.code) == live
    assert len(minhash_pairs.known_of(reader, live).jaccard) == live.facts["pairs"] > 0
    assert minhash_pairs.reusable(reader, {**settings, "minhash.jaccard": 0.5}, spec.code) is None
    assert minhash_pairs.reusable(reader, settings, "other") is None
    assert not len(minhash_pairs.known_of(reader, None).jaccard)


def test_pairs_below_the_floor_are_no_links(lake: LakeResources, tmp_path: Path) -> None:
    copy = copy_of(lake, tmp_path / "copy")
    live = copy.store.required("minhash_scores")
    table = copy.store.table(live, minhash_pairs.PAIRS.file)
    low = table.set_column(2, "jaccard", [np.where(np.arange(table.num_rows) % 2, 0.9, 0.7)])
    with copy.store.write("minhash_scores", "all", inputs={"a": "b"}, settings={}, code="") as writer:
        writer.table(copy.store.table(live))
        writer.table(low, minhash_pairs.PAIRS.file)
        writer.facts |= live.facts
    ids = ids_of(copy.store.table(live)["doc_id"])
    pairs = minhash_pairs.pairs_of(reader_of(copy), copy.store.required("minhash_scores"), ids)
    assert set(pairs.jaccard.tolist()) == {0.9}
    assert len(pairs.one) == table.num_rows // 2
    assert (pairs.one < pairs.other).all()
